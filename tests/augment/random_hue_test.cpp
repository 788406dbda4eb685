#include <fovea/augment/random_hue.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomHue: saturation and value stay", "[augment]") {
    const std::vector<double> blue{0.2, 0.4, 0.9};
    // Python: h, s, v = colorsys.rgb_to_hsv(0.2, 0.4, 0.9); colorsys.hsv_to_rgb(h + 0.1, s, v), and with h - 0.4 for the factor 0.8.
    const std::vector<double> later{0.42, 0.2, 0.9}, much_earlier{0.68, 0.9, 0.2};
    const auto is = [](const std::vector<double>& a, const std::vector<double>& b) {
        double worst = 0;
        for (std::size_t c = 0; c < 3; ++c) worst = std::max(worst, std::abs(a[c] - b[c]));
        return worst < 1e-12;
    };
    Index forward = 0, back = 0;
    for (Index sample = 0; sample < 100; ++sample) {
        forward += is(pixel(RandomHue{{0.2, 0.2}}, blue, sample), later) ? 1 : 0;
        back += is(pixel(RandomHue{{0.8, 0.8}}, blue, sample), much_earlier) ? 1 : 0;
    }
    CHECK(forward > 30); // half of them, within four standard deviations
    CHECK(forward < 70);
    CHECK(back == 100 - forward);
    CHECK(is(pixel(RandomHue{{1, 1}}, {1, 0, 0}), {0, 1, 1})); // half a circle: red becomes cyan
    CHECK(pixel(RandomHue{{1, 1}}, {0.3, 0.3, 0.3}) == std::vector<double>{0.3, 0.3, 0.3});
    CHECK(is(pixel(RandomHue{}, blue), blue));
}

TEST_CASE("RandomHue: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandomHue{1.5}.check(), ValueError, says("RandomHue: factor must be from 0 to 1"));
    CHECK_THROWS_MATCHES(pixel(RandomHue{}, {0.5, 0.5, 0.5, 1}), ShapeError, says("got (1, 1, 4)"));
}
