#include <fovea/augment/random_sharpness.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomSharpness: towards the mean of 3x3 pixels, or away from it", "[augment]") {
    Tensor<double> x(Shape{3, 3, 1}, 0.26);
    x(1, 1, 0) = 0.52;
    // In the middle the mean is (8 * 0.26 + 5 * 0.52) / 13 = 0.36.
    CHECK(applied(RandomSharpness{{0, 0}}, x)(1, 1, 0) == Catch::Approx(0.36).epsilon(1e-14));
    CHECK(applied(RandomSharpness{{0.25, 0.25}}, x)(1, 1, 0) == Catch::Approx(0.44).epsilon(1e-14));
    CHECK(applied(RandomSharpness{{0.5, 0.5}}, x) == x);
    CHECK(applied(RandomSharpness{{1, 1}}, x)(1, 1, 0) == Catch::Approx(0.68).epsilon(1e-14));
    // In the corner (5 * 0.26 + 2 * 0.26 + 0.52) / 13 = 0.18, since there is nothing outside.
    CHECK(applied(RandomSharpness{{0, 0}}, x)(0, 0, 0) == Catch::Approx(0.18).epsilon(1e-14));
    x(1, 1, 0) = 1;
    CHECK(applied(RandomSharpness{{1, 1}}, x)(1, 1, 0) == 1); // cut
    CHECK_THROWS_MATCHES(RandomSharpness{1.1}.check(), ValueError, says("RandomSharpness: factor must be from 0 to 1"));
}

TEST_CASE("RandomSharpness: channels do not mix", "[augment]") {
    Tensor<double> x(Shape{3, 3, 2}, 0.26);
    x(1, 1, 0) = 0.52;
    x(0, 2, 1) = 0.91;
    const auto y = applied(RandomSharpness{{0, 0}}, x);
    CHECK(y(1, 1, 0) == Catch::Approx(0.36).epsilon(1e-14));
    CHECK(y(1, 1, 1) == Catch::Approx((12 * 0.26 + 0.91) / 13).epsilon(1e-14));
}
