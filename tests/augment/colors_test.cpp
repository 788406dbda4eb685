#include <fovea/augment/colors.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("hue_of: colours around the circle", "[augment]") {
    struct Known {
        double rgb[3];
        double sixths;
    };
    // 60 degrees are one sixth.
    const Known colors[] = {{{1, 0, 0}, 0},     {{1, 0.5, 0}, 0.5}, {{1, 1, 0}, 1}, {{0, 1, 0}, 2},    {{0, 1, 1}, 3},
                            {{0, 0.5, 1}, 3.5}, {{0, 0, 1}, 4},     {{1, 0, 1}, 5}, {{1, 0, 0.5}, 5.5}};
    for (const Known& known : colors) {
        CHECK(detail::hue_of(known.rgb).sixths == known.sixths);
        double back[3];
        detail::set_hue(detail::hue_of(known.rgb), back);
        for (int c = 0; c < 3; ++c) CHECK(back[c] == known.rgb[c]);
    }
    const double grey[] = {0.25, 0.25, 0.25};
    CHECK(detail::hue_of(grey).sixths == 0);
    // Python: colorsys.rgb_to_hsv(0.2, 0.4, 0.9) is (0.6190476190476191, 0.7777777777777778, 0.9).
    const double blue[] = {0.2, 0.4, 0.9};
    const detail::Hue hue = detail::hue_of(blue);
    CHECK(hue.sixths == Catch::Approx(6 * 0.6190476190476191).epsilon(1e-14));
    CHECK(hue.most == 0.9);
    CHECK(1 - hue.least / hue.most == Catch::Approx(0.7777777777777778).epsilon(1e-14));
}

TEST_CASE("luma: the three parts, and white stays white", "[augment]") {
    const double white[] = {1, 1, 1}, red[] = {1, 0, 0}, green[] = {0, 1, 0}, blue[] = {0, 0, 1};
    CHECK(detail::luma(white) == Catch::Approx(1).epsilon(1e-15));
    CHECK(detail::luma(red) == 0.299);
    CHECK(detail::luma(green) == 0.587);
    CHECK(detail::luma(blue) == 0.114);
    CHECK_THROWS_MATCHES(
        detail::require_rgb("RandomHue", {28, 28, 1}), ShapeError,
        says("RandomHue: expected a picture (height, width, 3), red, green and blue, got (28, 28, 1)"));
}
