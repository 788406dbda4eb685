#include <fovea/layers/global_max_pooling2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("GlobalMaxPooling2D: by hand") {
    // Two samples of two pixels with two channels.
    const Tensor<double> x(Shape{2, 1, 2, 2}, {1, 8, 3, 4, -5, 0, -7, 2});
    const Tensor<double> g(Shape{2, 2}, {10, 20, 30, 40});
    const auto out = contract::evaluate(GlobalMaxPooling2D{}, x, g);
    CHECK(out.y == Tensor<double>{{3, 8}, {-5, 2}});
    CHECK(out.dx == Tensor<double>(x.shape(), {0, 20, 10, 0, 30, 0, 0, 40}));
}

TEST_CASE("GlobalMaxPooling2D: keepdims keeps the axes") {
    CHECK(GlobalMaxPooling2D{}.output_shape({7, 5, 3}) == Shape{3});
    CHECK(GlobalMaxPooling2D{.keepdims = true}.output_shape({7, 5, 3}) == Shape{1, 1, 3});
}

TEST_CASE("GlobalMaxPooling2D: an input that is not an image is refused") {
    CHECK_THROWS_MATCHES(GlobalMaxPooling2D{}.output_shape({784}), ShapeError,
                         says("GlobalMaxPooling2D: expected an input of 3 axes (height, width, channels), got (784,)"));
    CHECK_THROWS_MATCHES((GlobalMaxPooling2D{}.output_shape({7, 0, 3})), ShapeError, says("got (7, 0, 3)"));
}

TEST_CASE("GlobalMaxPooling2D keeps a layer's contract") {
    contract::check(GlobalMaxPooling2D{}, {3, 6, 5, 3}, {3});
    contract::check(GlobalMaxPooling2D{.keepdims = true}, {2, 3, 4, 35}, {1, 1, 35});
    contract::check(GlobalMaxPooling2D{}, {1, 1, 1, 1}, {1});
}

TEST_CASE("GlobalMaxPooling2D: gradients") {
    for (const Shape& input : {Shape{2, 6, 4, 3}, Shape{1, 5, 7, 18}, Shape{3, 1, 1, 2}}) {
        const auto result = gradient_check(GlobalMaxPooling2D{}, input);
        INFO(result);
        CHECK(result.passed(1e-6));
    }
}
