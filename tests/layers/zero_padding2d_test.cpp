#include <fovea/layers/zero_padding2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;

TEST_CASE("ZeroPadding2D: zeros at the edges, and their gradients go nowhere") {
    const ZeroPadding2D spec{{{1, 0}, {0, 2}}};
    const auto out =
        contract::evaluate(spec, image(2, 2, {1, 2, 3, 4}), image(3, 4, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
    CHECK(out.y == image(3, 4, {0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0}));
    CHECK(out.dx == image(2, 2, {5, 6, 9, 10}));
}

TEST_CASE("ZeroPadding2D: one number, a pair, or a pair of pairs") {
    CHECK(ZeroPadding2D{}.output_shape({3, 4, 2}) == Shape{5, 6, 2});
    CHECK(ZeroPadding2D{2}.output_shape({3, 4, 2}) == Shape{7, 8, 2});
    CHECK(ZeroPadding2D{{1, 3}}.output_shape({3, 4, 2}) == Shape{5, 10, 2});
    CHECK((ZeroPadding2D{.padding = {{1, 2}, {3, 4}}}.output_shape({3, 4, 2})) == Shape{6, 11, 2});
}

TEST_CASE("ZeroPadding2D: what does not fit is refused") {
    CHECK_THROWS_MATCHES((ZeroPadding2D{{{1, 2}, {-3, 4}}}.output_shape({3, 4, 2})), ValueError,
                         says("ZeroPadding2D: padding must be from 0 to 16777216 on all edges, got ((1, 2), (-3, 4))"));
    CHECK_THROWS_MATCHES(ZeroPadding2D{}.output_shape({12}), ShapeError,
                         says("ZeroPadding2D: expected an input of 3 axes (height, width, channels), got (12,)"));
    ParameterRegistry registry;
    CHECK_THROWS_AS((ZeroPadding2D::Layer<float>(ZeroPadding2D{-1}, {3, 7, 1}, registry)), ValueError);
}

TEST_CASE("ZeroPadding2D keeps a layer's contract") {
    contract::check(ZeroPadding2D{{{1, 2}, {3, 0}}}, {3, 4, 5, 2}, {7, 8, 2});
    contract::check(ZeroPadding2D{0}, {2, 3, 2, 1}, {3, 2, 1}, false);
    CHECK(gradient_check(ZeroPadding2D{{1, 2}}, {2, 3, 2, 2}).passed(1e-6));
}
