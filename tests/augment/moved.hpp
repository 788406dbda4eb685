#pragma once
#include <vector>

#include <fovea/augment/augmentation.hpp>
#include <fovea/core/tensor.hpp>

#include "catch.hpp"

/// What geometric augmentations do to places and images.
namespace moved {

using fovea::Draw;
using fovea::Index;
using fovea::Point2D;
using fovea::Size2D;
using fovea::Tensor;

/// Numbers of a sample, with all else fixed.
inline Draw draw_of(Index sample) { return {3, sample, 0, 0}; }

/// Where each pixel of an image of this size comes from.
template <class A>
std::vector<Point2D> places(const A& augmentation, Size2D size, Index sample = 0) {
    Draw draw = draw_of(sample);
    const auto mapping = augmentation.mapping(size, draw);
    const Size2D to = fovea::detail::output_size(augmentation, size);
    std::vector<Point2D> all;
    for (Index y = 0; y < to.height; ++y)
        for (Index x = 0; x < to.width; ++x)
            all.push_back(mapping(Point2D{static_cast<double>(x), static_cast<double>(y)}));
    return all;
}

/// The image that comes of x (height, width, channels).
template <class T, class A>
Tensor<T> image(const A& augmentation, const Tensor<T>& x, Index sample = 0) {
    const Size2D size = fovea::detail::size_of_image(x.shape());
    const Size2D to = fovea::detail::output_size(augmentation, size);
    Tensor<T> y(fovea::Shape{to.height, to.width, x.shape()[2]});
    const std::vector<Point2D> from = places(augmentation, size, sample);
    const auto how = fovea::detail::resampling(augmentation)
                         .value_or(fovea::Resampling{fovea::Interpolation::nearest, fovea::FillMode::constant, 0});
    fovea::resample<T>(x, from, how, y);
    return y;
}

/// A mapping takes `to` from `from`, and forward the other way. Twelve digits: they come of a handful of operations.
template <class M>
void check_point(const M& mapping, Point2D to, Point2D from) {
    const Point2D traced = mapping(to), forward = mapping.forward(from);
    CHECK(traced.x == Catch::Approx(from.x).margin(1e-12));
    CHECK(traced.y == Catch::Approx(from.y).margin(1e-12));
    CHECK(forward.x == Catch::Approx(to.x).margin(1e-12));
    CHECK(forward.y == Catch::Approx(to.y).margin(1e-12));
}

/// The mapping of a sample.
template <class A>
auto mapping_of(const A& augmentation, Size2D size, Index sample = 0) {
    Draw draw = draw_of(sample);
    return augmentation.mapping(size, draw);
}

} // namespace moved
