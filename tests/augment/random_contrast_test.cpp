#include <fovea/augment/random_contrast.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomContrast: distances from each channel's mean", "[augment]") {
    // Means 0.5 and 0.25; distances +-0.25 and +-0.125.
    const Tensor<double> x(Shape{2, 1, 2}, {0.25, 0.125, 0.75, 0.375});
    CHECK(applied(RandomContrast{{-0.5, 0.5}}, x) == Tensor<double>(Shape{2, 1, 2}, {0.125, 0.0625, 0.875, 0.4375}));
    CHECK(applied(RandomContrast{{0.5, -0.5}}, x) == Tensor<double>(Shape{2, 1, 2}, {0.375, 0.1875, 0.625, 0.3125}));
    CHECK(applied(RandomContrast{{1, -1}}, x) == Tensor<double>(Shape{2, 1, 2}, {0.5, 0.25, 0.5, 0.25}));
    CHECK(applied(RandomContrast{{-1, 1}, {0.1, 0.9}}, x) ==
          Tensor<double>(Shape{2, 1, 2}, {0.1, 0.1, 0.9, 0.5})); // 0, 0, 1, 0.5 before they are cut
    CHECK(applied(RandomContrast{}, x) == x);
}

TEST_CASE("RandomContrast: one number stands for less and for more", "[augment]") {
    const Tensor<double> x(Shape{2, 1, 1}, {0.25, 0.75});
    double least = 9, most = 0;
    for (Index sample = 0; sample < 1000; ++sample) {
        const double strength = (applied(RandomContrast{0.5}, x, sample)[1] - 0.5) / 0.25;
        least = std::min(least, strength);
        most = std::max(most, strength);
    }
    CHECK(least >= 0.5);
    CHECK(least < 0.51);
    CHECK(most <= 1.5);
    CHECK(most > 1.49);
}

TEST_CASE("RandomContrast: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandomContrast{1.5}.check(), ValueError,
                         says("RandomContrast: factor must be from 0 to 1, or two such numbers, got 1.5"));
    CHECK_THROWS_AS(RandomContrast{-0.1}.check(), ValueError);
    CHECK_THROWS_AS((RandomContrast{{0.1, -0.2}}.check()), ValueError);
}
