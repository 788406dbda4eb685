#include <fovea/layers/max_pooling2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;
using contract::one_to_nine;

TEST_CASE("MaxPooling2D: the article's example, 2x2 with stride 1 on 1 to 9") {
    const auto out = contract::evaluate(MaxPooling2D{{2, 2}, {1, 1}}, one_to_nine(), image(2, 2, {10, 20, 30, 40}));
    CHECK(out.y == image(2, 2, {5, 6, 8, 9}));
    CHECK(out.dx == image(3, 3, {0, 0, 0, 0, 10, 20, 0, 30, 40}));
}

TEST_CASE(
    "MaxPooling2D: strides are the pool size unless said otherwise, and same padding keeps the last row and column") {
    CHECK(contract::evaluate(MaxPooling2D{{2, 2}}, one_to_nine(), image(1, 1, {1})).y == image(1, 1, {5}));
    const auto same =
        contract::evaluate(MaxPooling2D{.padding = Padding::same}, one_to_nine(), image(2, 2, {1, 2, 3, 4}));
    CHECK(same.y == image(2, 2, {5, 6, 8, 9}));
    CHECK(same.dx == image(3, 3, {0, 0, 0, 0, 1, 2, 0, 3, 4}));
}

TEST_CASE("MaxPooling2D: overlapping windows that an element wins add up") {
    const auto out = contract::evaluate(MaxPooling2D{{2, 2}, {1, 1}}, image(3, 3, {0, 0, 0, 0, 7, 0, 0, 0, 0}),
                                        image(2, 2, {1, 2, 3, 4}));
    CHECK(out.dx == image(3, 3, {0, 0, 0, 0, 10, 0, 0, 0, 0}));
}

TEST_CASE("MaxPooling2D: of equal elements the first one, row by row, gets the gradient") {
    CHECK(contract::evaluate(MaxPooling2D{2}, image(2, 2, {1, 3, 3, 3}), image(1, 1, {1})).dx ==
          image(2, 2, {0, 1, 0, 0}));
    CHECK(contract::evaluate(MaxPooling2D{2}, image(2, 2, {3, 3, 3, 3}), image(1, 1, {1})).dx ==
          image(2, 2, {1, 0, 0, 0}));
}

TEST_CASE("MaxPooling2D: padding never wins over negative numbers") {
    const auto out =
        contract::evaluate(MaxPooling2D{3, 1, Padding::same}, image(2, 2, {-4, -3, -2, -1}), image(2, 2, {1, 1, 1, 1}));
    CHECK(out.y == image(2, 2, {-1, -1, -1, -1}));
    CHECK(out.dx == image(2, 2, {0, 0, 0, 4}));
}

TEST_CASE("MaxPooling2D: output shapes") {
    CHECK(MaxPooling2D{}.output_shape({28, 27, 3}) == Shape{14, 13, 3});
    CHECK(MaxPooling2D{.padding = Padding::same}.output_shape({28, 27, 3}) == Shape{14, 14, 3});
    CHECK(MaxPooling2D{{3, 2}, {1, 3}}.output_shape({5, 9, 4}) == Shape{3, 3, 4});
    CHECK(MaxPooling2D{.pool_size = 1, .strides = 2}.output_shape({5, 5, 1}) == Shape{3, 3, 1});
}

TEST_CASE("MaxPooling2D: what does not fit is refused") {
    CHECK_THROWS_MATCHES((MaxPooling2D{{4, 2}}.output_shape({3, 9, 8})), ShapeError,
                         says("MaxPooling2D: pool (4, 2) does not fit input (3, 9, 8) with padding=valid"));
    CHECK_THROWS_MATCHES((MaxPooling2D{{0, 2}}.output_shape({3, 9, 8})), ValueError, says("pool_size must be from 1"));
    CHECK_THROWS_MATCHES((MaxPooling2D{{0, 2}}.output_shape({3, 9, 8})), ValueError, says("got (0, 2)"));
    CHECK_THROWS_MATCHES((MaxPooling2D{2, {1, -1}}.output_shape({3, 9, 8})), ValueError,
                         says("strides must be from 1"));
    CHECK_THROWS_MATCHES((MaxPooling2D{2, {1, -1}}.output_shape({3, 9, 8})), ValueError, says("got (1, -1)"));
    CHECK_THROWS_MATCHES(MaxPooling2D{}.output_shape({784}), ShapeError,
                         says("MaxPooling2D: expected an input of 3 axes (height, width, channels), got (784,)"));
    ParameterRegistry registry;
    const MaxPooling2D huge{.pool_size = 1 << 16, .padding = Padding::same};
    CHECK_THROWS_MATCHES(MaxPooling2D::Layer<float>(huge, {3, 3, 1}, registry), ValueError,
                         says("4294967296 elements is too large"));
}

TEST_CASE("MaxPooling2D keeps a layer's contract") {
    contract::check(MaxPooling2D{}, {3, 6, 4, 3}, {3, 2, 3});
    contract::check(MaxPooling2D{3, 2}, {2, 7, 8, 35}, {3, 3, 35}); // channels that fill vectors and leave some over
    contract::check(MaxPooling2D{{3, 2}, {1, 1}, Padding::same}, {2, 5, 4, 5}, {5, 4, 5});
    contract::check(MaxPooling2D{.pool_size = 2, .strides = 3}, {1, 8, 7, 2}, {3, 2, 2});
    contract::check(MaxPooling2D{1}, {1, 1, 1, 1}, {1, 1, 1});
}

TEST_CASE("MaxPooling2D: gradients") {
    const auto check = [](const MaxPooling2D& spec, const Shape& input) {
        const auto result = gradient_check(spec, input);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({{2, 2}}, {2, 6, 4, 3});
    check({{2, 2}}, {1, 5, 7, 2});
    check({3, 1}, {2, 4, 5, 2});
    check({3, 2, Padding::same}, {2, 6, 7, 17});
    check({{2, 3}, {3, 2}, Padding::same}, {1, 7, 6, 2});
    check({.pool_size = 2, .strides = 3}, {1, 8, 7, 2});
    check({1}, {1, 1, 1, 1});
}
