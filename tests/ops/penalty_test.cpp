#include <cmath>

#include <fovea/core/tensor.hpp>
#include <fovea/ops/penalty.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

TEST_CASE("penalty: by hand") {
    const Tensor<double> w{3, -2, 0, 0.5};
    Tensor<double> dw{1, 1, 1, 1};
    // 2 * (3 + 2 + 0 + 0.5) + 4 * (9 + 4 + 0 + 0.25)
    CHECK(ops::penalty<double>(2, 4, w.span(), dw.span()) == 64);
    CHECK(dw == Tensor<double>{1 + 2 + 24, 1 - 2 - 16, 1, 1 + 2 + 4});
    CHECK(ops::penalty<double>(2, 4, w.span(), {}) == 64);
    CHECK(ops::penalty<double>(1, 0, {}, {}) == 0);
}

TEMPLATE_TEST_CASE("penalty: any size, on every instruction set", "", float, double) {
    using T = TestType;
    for (const Index size : {1, 7, 16, 33, 1000, 8192}) {
        INFO(size);
        const auto w = uniform_numbers<T>(Shape{size}, 1);
        const auto before = uniform_numbers<T>(Shape{size}, 2);
        double expected = 0;
        for (const T v : w) expected += 0.3 * std::abs(static_cast<double>(v)) + 0.7 * static_cast<double>(v * v);
        const auto found = on_all_isas([&] {
            Tensor<T> dw = before;
            const double sum = ops::penalty<T>(0.3, 0.7, w.span(), dw.span());
            CHECK(sum == Catch::Approx(expected).epsilon(1e-6));
            return std::vector<Tensor<T>>{dw, Tensor<T>{static_cast<T>(sum)}};
        });
        for (Index i = 0; i < size; ++i) {
            const double sign = w[i] > 0 ? 1 : -1;
            const double gradient = static_cast<double>(before[i]) + 0.3 * sign + 1.4 * static_cast<double>(w[i]);
            CHECK(static_cast<double>(found[0][i]) == Catch::Approx(gradient).margin(1e-6));
        }
    }
}
