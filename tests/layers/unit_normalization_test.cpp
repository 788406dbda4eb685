#include <fovea/layers/unit_normalization.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "contract.hpp"

using namespace fovea;

TEST_CASE("UnitNormalization: values and gradients by hand") {
    const Tensor<double> x{{3, 4}, {0, -2}, {0, 0}};
    const Tensor<double> g{{1, 2}, {5, 7}, {1e-6, 0}};
    const auto result = contract::evaluate(UnitNormalization{}, x, g);
    CHECK(allclose(result.y, Tensor<double>{{0.6, 0.8}, {0, -1}, {0, 0}}, 1e-15, 0)); // a division rounds once
    // y . g = 2.2: (1 - 0.6 * 2.2, 2 - 0.8 * 2.2) / 5; of (0, -2) only what is across is left; nothing has no direction.
    CHECK(allclose(result.dx, Tensor<double>{{-0.064, 0.048}, {2.5, 0}, {1, 0}}, 1e-14, 1e-15));
}

TEST_CASE("UnitNormalization: what layers promise") {
    contract::check(UnitNormalization{}, {3, 5}, {5});
    contract::check(UnitNormalization{}, {2, 4, 3, 7}, {4, 3, 7});
    const auto result = gradient_check(UnitNormalization{}, {3, 2, 5});
    INFO(result);
    CHECK(result.passed(1e-6));
}

TEST_CASE("UnitNormalization: nothing to normalize") {
    CHECK_THROWS_MATCHES(UnitNormalization{}.output_shape(Shape{}), ShapeError,
                         says("UnitNormalization: expected an input of at least 1 axis, none of them empty, got ()"));
}
