#include <fovea/layers/average_pooling2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;
using contract::one_to_nine;

TEST_CASE("AveragePooling2D: the article's example, 2x2 with stride 1 on 1 to 9") {
    const auto out = contract::evaluate(AveragePooling2D{{2, 2}, {1, 1}}, one_to_nine(), image(2, 2, {4, 8, 12, 16}));
    CHECK(out.y == image(2, 2, {3, 4, 6, 7}));
    CHECK(out.dx == image(3, 3, {1, 3, 2, 4, 10, 6, 3, 7, 4}));
}

TEST_CASE("AveragePooling2D: strides are the pool size unless said otherwise, and padding does not count") {
    CHECK(contract::evaluate(AveragePooling2D{{2, 2}}, one_to_nine(), image(1, 1, {1})).y == image(1, 1, {3}));
    const auto same =
        contract::evaluate(AveragePooling2D{.padding = Padding::same}, one_to_nine(), image(2, 2, {4, 4, 4, 4}));
    CHECK(same.y == image(2, 2, {3, 4.5, 7.5, 9}));
    CHECK(same.dx == image(3, 3, {1, 1, 2, 1, 1, 2, 2, 2, 4}));
}

TEST_CASE("AveragePooling2D: output shapes and what does not fit") {
    CHECK(AveragePooling2D{{3, 2}, {1, 3}}.output_shape({5, 9, 4}) == Shape{3, 3, 4});
    CHECK(AveragePooling2D{.padding = Padding::same}.output_shape({28, 27, 3}) == Shape{14, 14, 3});
    CHECK_THROWS_MATCHES((AveragePooling2D{{4, 2}}.output_shape({3, 9, 8})), ShapeError,
                         says("AveragePooling2D: pool (4, 2) does not fit input (3, 9, 8) with padding=valid"));
    CHECK_THROWS_MATCHES((AveragePooling2D{-3}.output_shape({3, 9, 8})), ValueError, says("got (-3, -3)"));
    CHECK_THROWS_MATCHES((AveragePooling2D{2, 0}.output_shape({3, 9, 8})), ValueError, says("strides must be from 1"));
}

TEST_CASE("AveragePooling2D keeps a layer's contract") {
    contract::check(AveragePooling2D{}, {3, 6, 4, 3}, {3, 2, 3});
    contract::check(AveragePooling2D{3, 2}, {2, 7, 8, 35}, {3, 3, 35});
    contract::check(AveragePooling2D{{3, 2}, {1, 1}, Padding::same}, {2, 5, 4, 5}, {5, 4, 5});
    contract::check(AveragePooling2D{.pool_size = 2, .strides = 3}, {1, 8, 7, 2}, {3, 2, 2}, false);
    contract::check(AveragePooling2D{1}, {1, 1, 1, 1}, {1, 1, 1});
}

TEST_CASE("AveragePooling2D: gradients") {
    const auto check = [](const AveragePooling2D& spec, const Shape& input) {
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
