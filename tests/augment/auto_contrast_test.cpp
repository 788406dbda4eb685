#include <fovea/augment/auto_contrast.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("AutoContrast: each channel from one end to the other", "[augment]") {
    // Channels 0.25, 0.5, 0.75; 0, 0.5, 0.125; 0.3 everywhere.
    const Tensor<double> x(Shape{3, 1, 3}, {0.25, 0, 0.3, 0.5, 0.5, 0.3, 0.75, 0.125, 0.3});
    CHECK(applied(AutoContrast{}, x) == Tensor<double>(Shape{3, 1, 3}, {0, 0, 0.3, 0.5, 1, 0.3, 1, 0.25, 0.3}));
    CHECK(applied(AutoContrast{{-1, 1}}, x) == Tensor<double>(Shape{3, 1, 3}, {-1, -1, 0.3, 0, 1, 0.3, 1, -0.5, 0.3}));
    CHECK_THROWS_MATCHES((AutoContrast{{1, 1}}.check()), ValueError, says("AutoContrast: value_range"));
}
