#include <fovea/ops/window.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

WindowAxis valid(Index input, Index kernel, Index stride = 1, Index dilation = 1) {
    return {input, kernel, stride, dilation, Padding::valid};
}
WindowAxis same(Index input, Index kernel, Index stride = 1, Index dilation = 1) {
    return {input, kernel, stride, dilation, Padding::same};
}

} // namespace

TEST_CASE("WindowAxis: outputs and padding as Keras has them") {
    CHECK(valid(28, 3).output == 26);
    CHECK(valid(28, 3, 2).output == 13);
    CHECK(valid(5, 3, 2).output == 2);
    CHECK(valid(9, 3, 1, 2).output == 5);
    CHECK(valid(3, 3).output == 1);
    CHECK(valid(2, 3).output == 0);
    CHECK(valid(5, 2, 3).output == 2);
    CHECK(same(28, 3).output == 28);
    CHECK(same(28, 3).before == 1);
    CHECK(same(28, 3, 2).output == 14);
    CHECK(same(28, 3, 2).before == 0); // one zero, and that behind
    CHECK(same(27, 3, 2).before == 1);
    CHECK(same(28, 4).before == 1); // three zeros, one of them in front
    CHECK(same(5, 3, 1, 2).before == 2);
    CHECK(same(7, 2, 3).output == 3);
    CHECK(same(7, 2, 3).before == 0);
    CHECK(same(1, 5).before == 2);
}

TEST_CASE("WindowAxis: the taps of an output are those inside the input") {
    for (const Padding padding : {Padding::valid, Padding::same})
        for (Index input = 1; input < 8; ++input)
            for (Index kernel = 1; kernel < 6; ++kernel)
                for (Index stride = 1; stride < 5; ++stride)
                    for (Index dilation = 1; dilation < 4; ++dilation) {
                        const WindowAxis axis(input, kernel, stride, dilation, padding);
                        for (Index out = 0; out < axis.output; ++out) {
                            bool right = true;
                            for (Index tap = 0; tap < kernel; ++tap) {
                                const Index at = axis.first(out) + tap * dilation;
                                const bool inside = 0 <= at && at < input;
                                right = right && inside == (axis.first_tap(out) <= tap && tap < axis.last_tap(out));
                            }
                            INFO(input << ' ' << kernel << ' ' << stride << ' ' << dilation << ' ' << padding << ' '
                                       << out);
                            REQUIRE(right);
                        }
                    }
}

TEST_CASE("Window2D: an image's two axes") {
    const Window2D window("Conv2D", "kernel", {28, 14, 3}, {3, 5}, {1, 2}, 1, Padding::same);
    CHECK(window.height.output == 28);
    CHECK(window.height.before == 1);
    CHECK(window.width.output == 7);
    CHECK(window.width.before == 1);
    CHECK(window.taps() == 15);
    const Window2D whole = Window2D::whole("GlobalMaxPooling2D", {4, 6, 2});
    CHECK(whole.height.kernel == 4);
    CHECK(whole.width.kernel == 6);
    CHECK(whole.height.output * whole.width.output == 1);
}

TEST_CASE("Window2D: errors name the layer, the field and the numbers") {
    const auto make = [](const Shape& input, Size2D kernel, Size2D strides, Size2D dilation) {
        return Window2D("Conv2D", "kernel", input, kernel, strides, dilation, Padding::valid);
    };
    CHECK_THROWS_MATCHES(make({3, 3, 8}, 5, 1, 1), ShapeError,
                         says("Conv2D: kernel (5, 5) does not fit input (3, 3, 8) with padding=valid"));
    CHECK_THROWS_MATCHES(
        make({3, 3, 8}, {3, 2}, 1, 2), ShapeError,
        says("Conv2D: kernel (3, 2) with dilation_rate (2, 2) does not fit input (3, 3, 8) with padding=valid"));
    CHECK_THROWS_MATCHES(make({3, 3, 8}, {3, 0}, 1, 1), ValueError,
                         says("Conv2D: kernel_size must be from 1 to 16777216 on both axes, got (3, 0)"));
    CHECK_THROWS_MATCHES(make({3, 3, 8}, {3, 1 << 25}, 1, 1), ValueError, says("kernel_size"));
    CHECK_THROWS_MATCHES(make({3, 3, 8}, 3, {-1, 1}, 1), ValueError,
                         says("strides must be from 1 to 16777216 on both axes, got (-1, 1)"));
    CHECK_THROWS_MATCHES(make({3, 3, 8}, 3, 1, 0), ValueError,
                         says("dilation_rate must be from 1 to 16777216 on both axes, got (0, 0)"));
    CHECK_THROWS_MATCHES(make({784}, 3, 1, 1), ShapeError,
                         says("Conv2D: expected an input of 3 axes (height, width, channels), got (784,)"));
    CHECK_THROWS_MATCHES(make({3, 3, 0}, 3, 1, 1), ShapeError,
                         says("Conv2D: the input must not be empty, got (3, 3, 0)"));
}

TEST_CASE("Padding: names") {
    CHECK(padding_from_name("valid") == Padding::valid);
    CHECK(padding_from_name("same") == Padding::same);
    CHECK(text(Padding::same) == "same");
    CHECK_THROWS_MATCHES(padding_from_name("full"), ValueError, says("unknown name \"full\"; known are valid, same"));
}

TEST_CASE("Size2D: one number is both, and an optional one takes braces") {
    CHECK(Size2D(3) == Size2D{3, 3});
    CHECK(text(Size2D{3, 5}) == "(3, 5)");
    struct Options {
        OptionalSize2D strides = {};
    };
    CHECK_FALSE(Options{}.strides.has_value());
    CHECK(Options{{2, 3}}.strides == Size2D{2, 3});
    CHECK(Options{.strides = 4}.strides == Size2D{4, 4});
    CHECK(Options{.strides = Size2D{2, 3}}.strides == Size2D{2, 3});
}
