#include <fovea/image/bounding_box.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("bounding_box: all that is not black", "[image]") {
    Tensor<std::uint8_t> x(Shape{5, 4, 2});
    CHECK_FALSE(image::bounding_box(x).has_value());
    x(2, 3, 1) = 1;
    CHECK(image::bounding_box(x) == image::BoundingBox{2, 3, {1, 1}});
    x(4, 1, 0) = 255;
    CHECK(image::bounding_box(x) == image::BoundingBox{2, 1, {3, 3}});
    x(0, 2, 0) = 1;
    CHECK(image::bounding_box(x) == image::BoundingBox{0, 1, {5, 3}});
}

TEST_CASE("center_of_mass: pixels are as heavy as they are bright", "[image]") {
    Tensor<std::uint8_t> x(Shape{5, 4, 2});
    CHECK_FALSE(image::center_of_mass(x).has_value());
    x(2, 3, 1) = 30;
    CHECK(image::center_of_mass(x) == image::Place{2, 3});
    x(4, 1, 0) = 10; // (2 * 30 + 4 * 10) / 40, (3 * 30 + 1 * 10) / 40
    CHECK(image::center_of_mass(x) == image::Place{2.5, 2.5});
}

TEST_CASE("bounding_box, center_of_mass: what is no picture", "[image]") {
    const Tensor<std::uint8_t> x(Shape{5, 4});
    CHECK_THROWS_MATCHES(image::bounding_box(x), ShapeError, says("bounding_box: expected a picture"));
    CHECK_THROWS_MATCHES(image::center_of_mass(x), ShapeError, says("center_of_mass: expected a picture"));
}
