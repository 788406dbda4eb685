#include <fovea/layers/up_sampling2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;

TEST_CASE("UpSampling2D: by hand, nearest") {
    const auto out = contract::evaluate(UpSampling2D{{2, 3}}, image(1, 2, {1, 2}),
                                        image(2, 6, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
    CHECK(out.y == image(2, 6, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}));
    CHECK(out.dx == image(1, 2, {1 + 2 + 3 + 7 + 8 + 9, 4 + 5 + 6 + 10 + 11 + 12}));
}

TEST_CASE("UpSampling2D: by hand, bilinear") {
    // New pixels lie a quarter and three quarters of the way; beyond the outer centres nothing changes.
    const UpSampling2D spec{.size = {1, 2}, .interpolation = Interpolation::bilinear};
    const auto out = contract::evaluate(spec, image(1, 2, {4, 8}), image(1, 4, {1, 8, 16, 2}));
    CHECK(out.y == image(1, 4, {4, 5, 7, 8}));
    CHECK(out.dx == image(1, 2, {1 + 6 + 4, 2 + 12 + 2}));
}

TEST_CASE("UpSampling2D: what does not fit is refused") {
    CHECK(UpSampling2D{}.output_shape({3, 4, 5}) == Shape{6, 8, 5});
    CHECK_THROWS_MATCHES((UpSampling2D{{2, 0}}.output_shape({3, 4, 2})), ValueError,
                         says("UpSampling2D: size must be from 1 to 16777216 on both axes, got (2, 0)"));
    CHECK_THROWS_MATCHES(UpSampling2D{}.output_shape({12}), ShapeError,
                         says("UpSampling2D: expected an input of 3 axes (height, width, channels), got (12,)"));
    ParameterRegistry registry;
    CHECK_THROWS_AS((UpSampling2D::Layer<float>(UpSampling2D{-1}, {3, 7, 1}, registry)), ValueError);
}

TEST_CASE("UpSampling2D keeps a layer's contract") {
    for (const Interpolation interpolation : {Interpolation::nearest, Interpolation::bilinear}) {
        contract::check(UpSampling2D{{2, 3}, interpolation}, {3, 4, 5, 3}, {8, 15, 3});
        contract::check(UpSampling2D{{3, 1}, interpolation}, {2, 2, 3, 33}, {6, 3, 33}, false);
        CHECK(gradient_check(UpSampling2D{{3, 2}, interpolation}, {2, 3, 2, 2}).passed(1e-6));
    }
}
