#include <fovea/image/otsu_threshold.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("otsu_threshold: the largest variance between dark and bright", "[image]") {
    using Bytes = Tensor<std::uint8_t>;
    // dark * bright * (difference of means)^2: behind 0 it is 1 * 5 * 4.8^2 = 115.2, behind 2 3 * 3 * (16 / 3)^2 = 256, behind 6 115.2
    CHECK(image::otsu_threshold(Bytes{0, 2, 2, 6, 6, 8}) == 2);
    // Behind 0, 10, 100, 150: 52900, 126150, 114817, 72900.
    CHECK(image::otsu_threshold(Bytes{{200, 0, 150}, {10, 100, 10}}.reshape({6}).slice(0, 5)) == 10);
    CHECK(image::otsu_threshold(Bytes{0, 100, 200}) == 0); // 45000 behind both
    CHECK(image::otsu_threshold(Bytes{254, 255, 255}) == 254);
}

TEST_CASE("otsu_threshold: nothing to part", "[image]") {
    CHECK_FALSE(image::otsu_threshold(Tensor<std::uint8_t>(Shape{3, 4, 1}, 7)).has_value());
    CHECK_FALSE(image::otsu_threshold(Tensor<std::uint8_t>(Shape{0})).has_value());
}
