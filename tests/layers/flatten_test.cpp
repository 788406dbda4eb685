#include <fovea/layers/flatten.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Flatten: the elements of a sample stay in order") {
    const Tensor<double> x(Shape{2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    const Tensor<double> g{{10, 20, 30, 40}, {50, 60, 70, 80}};
    const auto out = contract::evaluate(Flatten{}, x, g);
    CHECK(out.y == Tensor<double>{{1, 2, 3, 4}, {5, 6, 7, 8}});
    CHECK(out.dx == Tensor<double>(x.shape(), {10, 20, 30, 40, 50, 60, 70, 80}));
}

TEST_CASE("Flatten keeps a layer's contract") {
    contract::check(Flatten{}, {3, 4, 5, 2}, {40});
    contract::check(Flatten{}, {1, 7}, {7}, false);
    CHECK(gradient_check(Flatten{}, {2, 3, 1, 2}).passed(1e-6));
}
