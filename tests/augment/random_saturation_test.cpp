#include <fovea/augment/random_saturation.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomSaturation: hue and value stay", "[augment]") {
    const auto check = [](const std::vector<double>& is, const std::vector<double>& should) {
        for (std::size_t c = 0; c < 3; ++c) CHECK(is[c] == Catch::Approx(should[c]).margin(1e-6)); // Keras's epsilon
    };
    const std::vector<double> blue{0.2, 0.4, 0.9};
    // 0.2 / (1 - 0.2) is 0.25. Python: h, s, v = colorsys.rgb_to_hsv(0.2, 0.4, 0.9); colorsys.hsv_to_rgb(h, 0.25 * s, v)
    check(pixel(RandomSaturation{{0.2, 0.2}}, blue), {0.725, 0.775, 0.9});
    check(pixel(RandomSaturation{{0, 0}}, blue), {0.9, 0.9, 0.9});
    check(pixel(RandomSaturation{{0.5, 0.5}}, blue), blue);
    check(pixel(RandomSaturation{{1, 1}}, blue),
          {0, 0.9 * 2 / 7, 0.9}); // hsv_to_rgb(h, 1, v): (0.4 - 0.2) / (0.9 - 0.2) is 2 / 7
    check(pixel(RandomSaturation{{1, 1}}, {0.3, 0.3, 0.3}), {0.3, 0.3, 0.3});
    check(pixel(RandomSaturation{{1, 1}}, {0, 0, 0}), {0, 0, 0});
    // The same colour where black is -1 and white is 1.
    check(pixel(RandomSaturation{{0.2, 0.2}, {-1, 1}}, {-0.6, -0.2, 0.8}), {0.45, 0.55, 0.8});
}

TEST_CASE("RandomSaturation: one number stands for what is from 0 to it", "[augment]") {
    for (Index sample = 0; sample < 200; ++sample) {
        const auto y = pixel(RandomSaturation{0.5}, {0.2, 0.4, 0.9}, sample);
        CHECK(y[0] > 0.2 - 1e-6);
        CHECK(y[0] < 0.9);
        CHECK(y[2] == 0.9);
    }
}

TEST_CASE("RandomSaturation: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandomSaturation{-0.1}.check(), ValueError,
                         says("RandomSaturation: factor must be from 0 to 1, or two such numbers in order, got -0.1"));
    CHECK_THROWS_MATCHES(pixel(RandomSaturation{}, {0.5}), ShapeError,
                         says("RandomSaturation: expected a picture (height, width, 3)"));
}
