#pragma once
#include <concepts>
#include <cstdint>
#include <vector>

#include <fovea/augment/draw.hpp>
#include <fovea/core/tensor.hpp>

/// What augmentations of colours, called on their own, make of a picture.
namespace applied_augmentation {

using namespace fovea;

/// x (height, width, channels) with what sample `sample` draws. The specification is checked first.
template <class A, class T>
Tensor<T> applied(const A& augmentation, Tensor<T> x, Index sample = 0, Index epoch = 0) {
    augmentation.check();
    Draw draw(7, sample, epoch, 0);
    augmentation.apply(View<T>(x), draw);
    return x;
}

/// One pixel.
template <class A>
std::vector<double> pixel(const A& augmentation, const std::vector<double>& x, Index sample = 0) {
    const Tensor<double> y =
        applied(augmentation, Tensor<double>(Shape{1, 1, static_cast<Index>(x.size())}, x), sample);
    return {y.begin(), y.end()};
}

/// The only number of each of `samples` pictures of one number.
template <class A>
std::vector<double> numbers(const A& augmentation, double x, Index samples) {
    std::vector<double> y;
    for (Index sample = 0; sample < samples; ++sample) y.push_back(pixel(augmentation, {x}, sample)[0]);
    return y;
}

/// How many of `samples` pictures of one number change.
template <class A>
Index changed(const A& augmentation, double x, Index samples) {
    Index count = 0;
    for (const double y : numbers(augmentation, x, samples)) count += y != x ? 1 : 0;
    return count;
}

} // namespace applied_augmentation
