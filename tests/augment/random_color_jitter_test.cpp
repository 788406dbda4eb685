#include <fovea/augment/random_color_jitter.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomColorJitter: its parts in order, with the numbers of one sample", "[augment]") {
    const auto x = uniform_numbers<float>({5, 4, 3}, 1, 0, 1);
    auto y = x;
    Draw draw(7, 3, 0, 0);
    RandomBrightness{0.2}.apply(View<float>(y), draw);
    RandomContrast{0.3}.apply(View<float>(y), draw);
    RandomSaturation{{0.4, 0.6}}.apply(View<float>(y), draw);
    RandomHue{0.1}.apply(View<float>(y), draw);
    const RandomColorJitter all{
        .brightness_factor = 0.2, .contrast_factor = 0.3, .saturation_factor = {0.4, 0.6}, .hue_factor = 0.1};
    CHECK(applied(all, x, 3) == y);
}

TEST_CASE("RandomColorJitter: only what has a factor, and so grey pictures, too", "[augment]") {
    const auto x = uniform_numbers<float>({5, 4, 1}, 1, 0, 1);
    CHECK(applied(RandomColorJitter{}, x) == x);
    CHECK(applied(RandomColorJitter{.contrast_factor = 0.5}, x) == applied(RandomContrast{0.5}, x));
    CHECK_THROWS_MATCHES(applied(RandomColorJitter{.hue_factor = 0.5}, x), ShapeError, says("RandomHue: expected"));
    CHECK_THROWS_MATCHES(RandomColorJitter{.contrast_factor = 2}.check(), ValueError, says("RandomContrast: factor"));
}
