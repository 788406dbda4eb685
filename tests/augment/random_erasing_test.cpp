#include <fovea/augment/random_erasing.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

namespace {

/// The rectangle of what is not 0.5; its bounds and how many numbers are in it.
struct Erased {
    Index top = 99, bottom = 0, left = 99, right = 0, pixels = 0;
};

Erased erased_of(const Tensor<double>& y) {
    Erased found;
    for (Index h = 0; h < y.shape()[0]; ++h)
        for (Index w = 0; w < y.shape()[1]; ++w) {
            if (y(h, w, 0) == 0.5) continue;
            found.top = std::min(found.top, h);
            found.bottom = std::max(found.bottom, h + 1);
            found.left = std::min(found.left, w);
            found.right = std::max(found.right, w + 1);
            ++found.pixels;
        }
    return found;
}

} // namespace

TEST_CASE("RandomErasing: one rectangle, with the fill value in all channels", "[augment]") {
    const Tensor<double> x(Shape{16, 24, 2}, 0.5);
    for (Index sample = 0; sample < 50; ++sample) {
        // The root of 0.25 is a half: 8 rows and 12 columns.
        const auto y = applied(RandomErasing{.factor = {1, 1}, .scale = {0.25, 0.25}, .fill_value = 0.125}, x, sample);
        const Erased found = erased_of(y);
        CHECK(found.bottom - found.top == 8);
        CHECK(found.right - found.left == 12);
        CHECK(found.pixels == 96);
        CHECK(std::count(y.begin(), y.end(), 0.125) == 2 * 96);
        CHECK(std::count(y.begin(), y.end(), 0.5) == 2 * (16 * 24 - 96));
    }
}

TEST_CASE("RandomErasing: height and width are drawn on their own", "[augment]") {
    const Tensor<double> x(Shape{100, 100, 1}, 0.5);
    Index different = 0;
    for (Index sample = 0; sample < 100; ++sample) {
        const Erased found = erased_of(applied(RandomErasing{.factor = {1, 1}, .fill_value = 0}, x, sample));
        const Index height = found.bottom - found.top, width = found.right - found.left;
        CHECK(height >= 14); // 100 sqrt(0.02) = 14.1, 100 sqrt(0.33) = 57.4, and a pixel more or less
        CHECK(height <= 58);
        CHECK(width >= 14);
        CHECK(width <= 58);
        CHECK(found.pixels == height * width);
        different += height != width ? 1 : 0;
    }
    CHECK(different > 80);
}

TEST_CASE("RandomErasing: normal noise where there is no fill value", "[augment]") {
    const Tensor<double> x(Shape{100, 100, 1}, 0.5);
    const auto y = applied(RandomErasing{.factor = {1, 1}, .scale = {1, 1}}, x);
    // Half of all normal numbers are below 0 and become it, those above 1 (15.87 %) become 1: five standard deviations of 10,000.
    CHECK(std::abs(std::count(y.begin(), y.end(), 0.0) - 5000) < 5 * 50);
    CHECK(std::abs(std::count(y.begin(), y.end(), 1.0) - 1587) < 5 * 37);
}

TEST_CASE("RandomErasing: as often as factor says, and errors", "[augment]") {
    const Index of_1000 = changed(RandomErasing{.factor = 0.5, .scale = {1, 1}, .fill_value = 0}, 0.5, 1000);
    CHECK(of_1000 > 250 - 5 * 14);
    CHECK(of_1000 < 250 + 5 * 14);
    CHECK_THROWS_MATCHES(RandomErasing{.scale = 2}.check(), ValueError,
                         says("RandomErasing: scale must be from 0 to 1, or two such numbers in order, got 2"));
    CHECK_THROWS_MATCHES(RandomErasing{.factor = -1}.check(), ValueError, says("RandomErasing: factor must be"));
}
