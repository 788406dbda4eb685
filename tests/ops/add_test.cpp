#include <fovea/core/tensor.hpp>
#include <fovea/ops/add.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("add: element by element, and nothing to nothing") {
    Tensor<float> y{{1, 2, 3}, {4, 5, 6}};
    const Tensor<float> x{{10, 0, -3}, {0.5F, -5, 100}};
    ops::add<float>(y, x);
    CHECK(y == Tensor<float>{{11, 2, 0}, {4.5F, 0, 106}});
    ops::add<float>({}, {});
}
