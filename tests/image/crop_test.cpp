#include <fovea/image/crop.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("crop: a part of the picture", "[image]") {
    const Tensor<std::uint8_t> x(Shape{2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    CHECK(image::crop(x, 0, 0, {2, 3}) == x);
    CHECK(image::crop(x, 1, 1, {1, 2}) == Tensor<std::uint8_t>(Shape{1, 2, 2}, {9, 10, 11, 12}));
    CHECK(image::crop(x.cast<float>(), 0, 2, {2, 1}) == Tensor<float>(Shape{2, 1, 2}, {5, 6, 11, 12}));
}

TEST_CASE("center_crop: the smaller half of an odd margin is above and to the left", "[image]") {
    const Tensor<std::uint8_t> x(Shape{1, 4, 1}, {1, 2, 3, 4});
    CHECK(image::center_crop(x, {1, 2}) == Tensor<std::uint8_t>(Shape{1, 2, 1}, {2, 3}));
    CHECK(image::center_crop(x, {1, 1}) == Tensor<std::uint8_t>(Shape{1, 1, 1}, 2));
}

TEST_CASE("crop: what is not inside", "[image]") {
    const Tensor<std::uint8_t> x(Shape{2, 3, 1});
    REQUIRE_THROWS_MATCHES(image::crop(x, 1, 0, {2, 3}), ValueError,
                           says("crop: (2, 3) from row 1, column 0 on is not inside a picture (2, 3, 1)"));
    REQUIRE_THROWS_AS(image::crop(x, -1, 0, {1, 1}), ValueError);
    REQUIRE_THROWS_AS(image::crop(x, 0, 0, {0, 1}), ValueError);
    REQUIRE_THROWS_AS(image::center_crop(x, {3, 3}), ValueError);
    REQUIRE_THROWS_AS(image::crop(x.view().reshape({6}), 0, 0, {1, 1}), ShapeError);
}
