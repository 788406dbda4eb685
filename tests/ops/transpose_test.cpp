#include <fovea/ops/transpose.hpp>

#include <vector>

#include "catch.hpp"

using namespace fovea;

TEMPLATE_TEST_CASE("transpose and add_transposed: any size, with room between the rows", "", float, double) {
    using T = TestType;
    for (Index rows = 1; rows <= 10; ++rows) {
        for (Index columns = 1; columns <= 10; ++columns) {
            CAPTURE(rows, columns);
            const Index from_stride = rows + 3, to_stride = columns + 2;
            std::vector<T> from(static_cast<std::size_t>(columns * from_stride));
            for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i + 1);
            std::vector<T> plain(static_cast<std::size_t>(rows * to_stride), T{-1}), sum = plain;
            ops::transpose(from.data(), from_stride, rows, columns, plain.data(), to_stride);
            ops::add_transposed(from.data(), from_stride, rows, columns, sum.data(), to_stride);
            Index wrong = 0;
            for (Index i = 0; i < rows; ++i)
                for (Index j = 0; j < to_stride; ++j) {
                    const auto at = static_cast<std::size_t>(i * to_stride + j);
                    const T element = j < columns ? from[static_cast<std::size_t>(j * from_stride + i)] : T{0};
                    wrong += plain[at] != (j < columns ? element : T{-1});
                    wrong += sum[at] != element - 1;
                }
            CHECK(wrong == 0);
        }
    }
}
