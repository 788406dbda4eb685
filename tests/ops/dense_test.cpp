#include <limits>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/dense.hpp>

#include "catch.hpp"

#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

template <class T>
void check(Index batch, Index positions, Index inputs, Index units) {
    INFO("batch " << batch << ", " << positions << " positions, " << inputs << " inputs, " << units << " units");
    const ops::DenseGeometry g(positions, inputs, units);
    const auto x = whole_numbers<T>({batch, positions, inputs}, 1);
    const auto kernel = whole_numbers<T>({inputs, units}, 2);
    const auto dy = whole_numbers<T>({batch, positions, units}, 3);
    const auto before = whole_numbers<T>({inputs, units}, 4);
    Tensor<T> expected_y(dy.shape());
    Tensor<T> expected_dx(x.shape());
    Tensor<T> expected_dkernel = before;
    for (Index row = 0; row < batch * positions; ++row)
        for (Index i = 0; i < inputs; ++i)
            for (Index u = 0; u < units; ++u) {
                expected_y[row * units + u] += x[row * inputs + i] * kernel(i, u);
                expected_dx[row * inputs + i] += dy[row * units + u] * kernel(i, u);
                expected_dkernel(i, u) += x[row * inputs + i] * dy[row * units + u];
            }

    const auto scratch = [&] { return Tensor<std::byte>(Shape{g.template scratch<T>(batch)}, std::byte{0xFF}); };
    Tensor<std::byte> memory = scratch();
    Tensor<T> y(dy.shape(), std::numeric_limits<T>::quiet_NaN());
    ops::dense_forward<T>(g, x, kernel, y, Arena(memory.span()));
    CHECK(y == expected_y);
    memory = scratch();
    Tensor<T> dkernel = before;
    ops::dense_backward_kernel<T>(g, x, dy, dkernel, Arena(memory.span()));
    CHECK(dkernel == expected_dkernel);
    memory = scratch();
    Tensor<T> dx(x.shape(), std::numeric_limits<T>::quiet_NaN());
    ops::dense_backward_input<T>(g, kernel, dy, dx, Arena(memory.span()));
    CHECK(dx == expected_dx);
}

} // namespace

TEMPLATE_TEST_CASE("dense: forward and backward are what three loops give", "", float, double) {
    for (const Index batch : {1, 2, 7})
        for (const Index positions : {1, 3})
            for (const Index inputs : {1, 5, 16, 33})
                for (const Index units : {1, 3, 10, 16, 35}) check<TestType>(batch, positions, inputs, units);
    check<TestType>(8, 1, 576, 64); // the article's
}
