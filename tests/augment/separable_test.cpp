#include <array>

#include <fovea/augment/separable.hpp>
#include <fovea/core/tensor.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("filter_separably: each direction has its weights, outside is 0", "[augment]") {
    const std::array<double, 3> down{1, 2, 4};
    const std::array<double, 5> along{8, 16, 1, 32, 64};
    Tensor<double> x(Shape{5, 7, 2});
    x(2, 3, 1) = 1;
    detail::filter_separably<double>(x, down, along);
    // y[i] has weights[k] x[i + k - radius]: a single 1 comes out with the weights the other way round.
    for (Index h = 0; h < 5; ++h)
        for (Index w = 0; w < 7; ++w) {
            const Index k = 2 - h + 1, l = 3 - w + 2;
            const bool near = k >= 0 && k < 3 && l >= 0 && l < 5;
            CHECK(x(h, w, 0) == 0);
            CHECK(x(h, w, 1) == (near ? down[static_cast<std::size_t>(k)] * along[static_cast<std::size_t>(l)] : 0));
        }
    Tensor<double> corner(Shape{1, 2, 1}, {1, 10});
    detail::filter_separably<double>(corner, down, along);
    CHECK(corner ==
          Tensor<double>(Shape{1, 2, 1}, {2 * (1 + 32 * 10), 2 * (16 + 10)})); // one row: only the middle of down
}
