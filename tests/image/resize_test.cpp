#include <array>

#include <fovea/image/resize.hpp>

#include "catch.hpp"
#include "reference/images.hpp"

using namespace fovea;

namespace {

image::ResizeOptions options_of(const reference::RecordedResize& recorded) {
    for (const auto method :
         {image::Interpolation::nearest, image::Interpolation::bilinear, image::Interpolation::area})
        if (name_of(method) == recorded.method) return {.interpolation = method, .antialias = recorded.antialias};
    throw std::runtime_error("unknown method " + recorded.method);
}

Tensor<std::uint8_t> steps(Index height, Index width) {
    Tensor<std::uint8_t> picture(Shape{height, width, 1});
    for (Index i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::uint8_t>(10 * (i + 1));
    return picture;
}

} // namespace

TEST_CASE("resize: bytes are Pillow's to the bit, float PyTorch's and TensorFlow's", "[image]") {
    for (const reference::RecordedResize& recorded : reference::read_images().resizes) {
        INFO(recorded.name);
        const Size2D to{recorded.to[0], recorded.to[1]};
        if (!recorded.bytes.empty()) {
            CHECK(image::resize(reference::picture(recorded.from), to, options_of(recorded)) == recorded.bytes);
        } else {
            const auto x = reference::values<float>(recorded.from, reference::x_stream);
            // Weights are rounded to float, as TensorFlow's are.
            CHECK(allclose(image::resize(x, to, options_of(recorded)), recorded.floats, 1e-5, 1e-6));
        }
    }
}

TEST_CASE("resize: area is the mean of what a pixel covers", "[image]") {
    // 3 pixels to 2: each covers one and a half.
    const Tensor<float> x(Shape{1, 3, 1}, {0, 3, 9});
    CHECK(allclose(image::resize(x, {1, 2}, {.interpolation = image::Interpolation::area}),
                   Tensor<float>(Shape{1, 2, 1}, {1, 7}), 1e-6));
    const Tensor<float> wider(Shape{1, 4, 1}, {0, 0, 9, 9});
    CHECK(image::resize(Tensor<float>(Shape{1, 2, 1}, {0, 9}), {1, 4}, {.interpolation = image::Interpolation::area}) ==
          wider);
}

TEST_CASE("resize: one colour stays what it is", "[image]") {
    const Index side = GENERATE(1, 2, 7, 50);
    const auto color = static_cast<std::uint8_t>(GENERATE(0, 1, 127, 254, 255));
    const auto interpolation =
        GENERATE(image::Interpolation::nearest, image::Interpolation::bilinear, image::Interpolation::area);
    const Tensor<std::uint8_t> x(Shape{13, 9, 3}, color);
    CHECK(image::resize(x, {side, 3 * side}, {.interpolation = interpolation}) ==
          Tensor<std::uint8_t>(Shape{side, 3 * side, 3}, color));
}

TEST_CASE("resize: the same size is the same picture", "[image]") {
    const Tensor<std::uint8_t> x = reference::picture({6, 5, 3});
    CHECK(image::resize(x, {6, 5}) == x);
    CHECK(image::resize(x, {6, 5}, {.pad_to_aspect_ratio = true}) == x);
    CHECK(image::resize(x, {6, 5}, {.crop_to_aspect_ratio = true}) == x);
}

TEST_CASE("resize: cropped to the aspect ratio", "[image]") {
    // The middle 2 x 2 of 2 x 4, and of 5 x 2.
    CHECK(image::resize(steps(2, 4), {2, 2}, {.crop_to_aspect_ratio = true}) ==
          Tensor<std::uint8_t>(Shape{2, 2, 1}, {20, 30, 60, 70}));
    CHECK(image::resize(steps(5, 2), {2, 2}, {.crop_to_aspect_ratio = true}) ==
          Tensor<std::uint8_t>(Shape{2, 2, 1}, {30, 40, 50, 60}));
}

TEST_CASE("letterbox: the whole picture in the middle of bars", "[image]") {
    CHECK(image::letterbox(steps(1, 2), {4, 2}, 5) == Tensor<std::uint8_t>(Shape{4, 2, 1}, {5, 5, 10, 20, 5, 5, 5, 5}));
    CHECK(image::letterbox(steps(2, 1), {2, 4}) == Tensor<std::uint8_t>(Shape{2, 4, 1}, {0, 10, 0, 0, 0, 20, 0, 0}));
    CHECK(image::letterbox(Tensor<float>(Shape{40, 10, 1}, 1.0F), {20, 20}, 0.5).shape() == Shape{20, 20, 1});
    // So thin that it would vanish.
    CHECK(image::letterbox(Tensor<std::uint8_t>(Shape{1, 100, 1}, 9), {4, 4}) ==
          Tensor<std::uint8_t>(Shape{4, 4, 1}, {0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("resize: what cannot be", "[image]") {
    const Tensor<std::uint8_t> x = steps(2, 2);
    REQUIRE_THROWS_MATCHES(image::resize(x, {0, 4}), ValueError,
                           says("expected a size of at least (1, 1), got (0, 4)"));
    REQUIRE_THROWS_MATCHES(image::resize(x.view().reshape({2, 2}), 4), ShapeError,
                           says("resize: expected a picture (height, width, channels) with pixels, got (2, 2)"));
    REQUIRE_THROWS_MATCHES(image::resize(x, 4, {.crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true}), ValueError,
                           says("either cropped or padded"));
    REQUIRE_THROWS_MATCHES(image::letterbox(x, {4, 9}, 256), ValueError, says("cannot be filled up with 256"));
}
