#include <fovea/image/mnist_digit.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// Writes `shade` into rows [top, bottom) and columns [left, right).
void fill(Tensor<std::uint8_t>& picture, Index top, Index bottom, Index left, Index right, std::uint8_t shade) {
    for (Index y = top; y < bottom; ++y)
        for (Index x = left; x < right; ++x)
            for (Index c = 0; c < picture.shape()[2]; ++c) picture(y, x, c) = shade;
}

const Shape mnist_field{28, 28, 1};

} // namespace

TEST_CASE("mnist_digit: the box becomes 20 pixels high, its center of mass the middle", "[image]") {
    // A bar of 40 x 10 becomes 20 x 5; its middle (9.5, 2) comes to (14.5, 14).
    Tensor<std::uint8_t> bar(mnist_field);
    fill(bar, 5, 25, 12, 17, 255);
    Tensor<std::uint8_t> paper(Shape{60, 90, 3}, 200);
    fill(paper, 10, 50, 70, 80, 50);
    CHECK(image::mnist_digit(paper) == bar);
    CHECK(image::mnist_digit(paper.map([](std::uint8_t value) { return static_cast<std::uint8_t>(255 - value); })) ==
          bar); // chalk on a blackboard

    // An L, half as large afterwards: 40 pixels about (9.5, 0.5) and 16 about (18.5, 5.5) have their middle at (12.07, 1.93).
    Tensor<std::uint8_t> l(mnist_field);
    fill(l, 2, 22, 12, 14, 255);
    fill(l, 20, 22, 14, 22, 255);
    Tensor<std::uint8_t> ink(Shape{50, 30, 1}, 255);
    fill(ink, 5, 45, 3, 7, 0);
    fill(ink, 41, 45, 7, 23, 0);
    CHECK(image::mnist_digit(ink) == l);
}

TEST_CASE("mnist_digit: thin strokes become as bright as all", "[image]") {
    // Lines of one pixel cover half of the pixels that they become, 128, and three quarters where they meet, 192, which is stretched to
    // 255, and 128 to 170. Middle: 19 pixels about (9, 0), 19 about (19, 10) and as much as 1.5 at (19, 0) ...
    Tensor<std::uint8_t> ink(Shape{50, 50, 1}, 255);
    fill(ink, 5, 45, 5, 6, 0);
    fill(ink, 44, 45, 5, 45, 0);
    // ... (19 * 9 + 20.5 * 19) / 39.5 = 14.19 and (19 * 10) / 39.5 = 4.81, so from row 0 on, and column 8, the last with room for 20.
    Tensor<std::uint8_t> thin(mnist_field);
    fill(thin, 0, 20, 8, 9, 170);
    fill(thin, 19, 20, 8, 28, 170);
    thin(19, 8, 0) = 255;
    CHECK(image::mnist_digit(ink) == thin);
}

TEST_CASE("mnist_digit: all of the digit stays in the field", "[image]") {
    // 80 pixels about (9.5, 17.5) and 16 about (0, 7.5): the middle (7.9, 15.8) cannot come to column 14 without loss.
    Tensor<std::uint8_t> ink(Shape{50, 50, 1}, 255);
    fill(ink, 5, 45, 37, 45, 0);
    fill(ink, 5, 7, 5, 37, 0);
    Tensor<std::uint8_t> flag(mnist_field);
    fill(flag, 6, 26, 16, 20, 255);
    fill(flag, 6, 7, 0, 16, 255);
    CHECK(image::mnist_digit(ink) == flag);
}

TEST_CASE("mnist_digit: dirt is left out, up to a tenth of the digit", "[image]") {
    Tensor<std::uint8_t> bar(mnist_field);
    fill(bar, 5, 25, 12, 17, 255);
    Tensor<std::uint8_t> paper(Shape{60, 90, 1}, 200);
    fill(paper, 10, 50, 70, 80, 50); // 400 pixels
    fill(paper, 0, 6, 3, 9, 50);     // 36
    CHECK(image::mnist_digit(paper) == bar);
    fill(paper, 9, 10, 69, 70, 50); // touches a corner, and is part of it: the box becomes 41 x 11
    CHECK(image::mnist_digit(paper) != bar);
    paper(9, 69, 0) = 200;
    fill(paper, 0, 6, 9, 10, 50); // 42
    CHECK(image::mnist_digit(paper) != bar);
}

TEST_CASE("mnist_digit: where there is no digit", "[image]") {
    Tensor<std::uint8_t> paper(Shape{1000, 1000, 1}, 255);
    CHECK_THROWS_MATCHES(image::mnist_digit(paper), ValueError, says("there is no digit, all pixels are the same"));
    paper(100, 100, 0) = paper(899, 899, 0) = 0;
    CHECK_THROWS_MATCHES(image::mnist_digit(paper), ValueError,
                         says("there is no digit, only specks in a box of (800, 800)"));
    CHECK_THROWS_AS(image::mnist_digit(paper.reshape({1000000})), ShapeError);
}
