#include <fovea/image/color.hpp>

#include "catch.hpp"

using namespace fovea;
using image::ColorMode;

TEST_CASE("convert_color: grey is BT.601 luma", "[image]") {
    // 0.299 * 255 = 76.2, 0.587 * 255 = 149.7, 0.114 * 255 = 29.1
    const Tensor<std::uint8_t> x(Shape{1, 4, 3}, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255});
    CHECK(image::convert_color(x, ColorMode::grayscale) == Tensor<std::uint8_t>(Shape{1, 4, 1}, {76, 150, 29, 255}));
    const Tensor<float> y(Shape{1, 2, 4}, {1, 0, 0, 0.5F, 1, 1, 1, 1});
    CHECK(allclose(image::convert_color(y, ColorMode::grayscale), Tensor<float>(Shape{1, 2, 1}, {0.299F, 1}), 1e-6));
}

TEST_CASE("convert_color: between all numbers of channels", "[image]") {
    const auto converted = [](Index channels, const std::vector<std::uint8_t>& pixel, ColorMode mode) {
        return image::convert_color(Tensor<std::uint8_t>(Shape{1, 1, channels}, pixel), mode);
    };
    const auto is = [](const std::vector<std::uint8_t>& pixel) {
        return Tensor<std::uint8_t>(Shape{1, 1, static_cast<Index>(pixel.size())}, pixel);
    };
    CHECK(converted(1, {7}, ColorMode::rgb) == is({7, 7, 7}));
    CHECK(converted(1, {7}, ColorMode::rgba) == is({7, 7, 7, 255}));
    CHECK(converted(2, {7, 9}, ColorMode::grayscale) == is({7}));
    CHECK(converted(2, {7, 9}, ColorMode::rgb) == is({7, 7, 7}));
    CHECK(converted(2, {7, 9}, ColorMode::rgba) == is({7, 7, 7, 9}));
    CHECK(converted(3, {1, 2, 3}, ColorMode::rgba) == is({1, 2, 3, 255}));
    CHECK(converted(4, {1, 2, 3, 9}, ColorMode::rgb) == is({1, 2, 3}));
    CHECK(converted(2, {7, 9}, ColorMode::as_is) == is({7, 9}));
    CHECK(image::convert_color(Tensor<float>(Shape{1, 1, 1}, 0.5F), ColorMode::rgba) ==
          Tensor<float>(Shape{1, 1, 4}, {0.5F, 0.5F, 0.5F, 1}));
    REQUIRE_THROWS_MATCHES(converted(5, {1, 2, 3, 4, 5}, ColorMode::rgb), ShapeError,
                           says("expected a picture (height, width, 1 to 4 channels), got (1, 1, 5)"));
}
