#include <fovea/layers/cropping2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;

TEST_CASE("Cropping2D: what is left of the image, and zero gradients for the edges") {
    const auto out = contract::evaluate(Cropping2D{{{1, 0}, {0, 2}}}, contract::one_to_nine(), image(2, 1, {10, 20}));
    CHECK(out.y == image(2, 1, {4, 7}));
    CHECK(out.dx == image(3, 3, {0, 0, 0, 10, 0, 0, 20, 0, 0}));
}

TEST_CASE("Cropping2D: one number, a pair, or a pair of pairs") {
    CHECK(Cropping2D{}.output_shape({9, 8, 2}) == Shape{9, 8, 2});
    CHECK(Cropping2D{2}.output_shape({9, 8, 2}) == Shape{5, 4, 2});
    CHECK(Cropping2D{{1, 3}}.output_shape({9, 8, 2}) == Shape{7, 2, 2});
    CHECK((Cropping2D{.cropping = {{1, 2}, {3, 4}}}.output_shape({9, 8, 2})) == Shape{6, 1, 2});
}

TEST_CASE("Cropping2D: what does not fit is refused") {
    CHECK_THROWS_MATCHES(
        Cropping2D{-1}.output_shape({3, 4, 2}), ValueError,
        says("Cropping2D: cropping must be from 0 to 16777216 on all edges, got ((-1, -1), (-1, -1))"));
    CHECK_THROWS_MATCHES((Cropping2D{{{1, 2}, {0, 0}}}.output_shape({3, 4, 2})), ShapeError,
                         says("Cropping2D: cropping ((1, 2), (0, 0)) leaves nothing of input (3, 4, 2)"));
    CHECK_THROWS_MATCHES(Cropping2D{}.output_shape({12}), ShapeError,
                         says("Cropping2D: expected an input of 3 axes (height, width, channels), got (12,)"));
    ParameterRegistry registry;
    CHECK_THROWS_AS((Cropping2D::Layer<float>(Cropping2D{2}, {3, 7, 1}, registry)), ShapeError);
}

TEST_CASE("Cropping2D keeps a layer's contract") {
    contract::check(Cropping2D{{{1, 2}, {3, 0}}}, {3, 5, 5, 2}, {2, 2, 2});
    contract::check(Cropping2D{}, {2, 3, 2, 1}, {3, 2, 1}, false);
    CHECK(gradient_check(Cropping2D{{1, 0}}, {2, 3, 2, 2}).passed(1e-6));
}
