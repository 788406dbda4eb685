#pragma once
#include <algorithm>
#include <ostream>
#include <string_view>
#include <type_traits>

#include <fovea/core/arena.hpp>
#include <fovea/core/names.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/window.hpp>

namespace fovea {

/// How pixels between pixels come about: as copies of the nearest one, or as a mean of the four around them.
enum class Interpolation { nearest, bilinear };

inline std::string_view name_of(Interpolation interpolation) {
    return interpolation == Interpolation::nearest ? "nearest" : "bilinear";
}

/// Throws ValueError for an unknown name.
inline Interpolation interpolation_from_name(std::string_view name) {
    return detail::value_named("Interpolation", name, {Interpolation::nearest, Interpolation::bilinear});
}

inline void from_name(std::string_view name, Interpolation& interpolation) {
    interpolation = interpolation_from_name(name);
}

inline std::ostream& operator<<(std::ostream& out, Interpolation interpolation) {
    return out << name_of(interpolation);
}

/// Images made larger by a whole factor along each axis.
///
///     x (batch, height, width, channels) -> y (batch, size.height * height, size.width * width, channels)
///
/// Cost: one pass over memory; bilinear 1 multiply-add an output forward and 2 backward along the width, and as many along the
/// height. Every sum is taken in the order of the outputs, and vectors run across channels.
namespace ops {

/// Where output `o` of bilinear interpolation by `size` lies between its inputs: part / (2 size) of the way from `lower` to `upper`.
/// Pixels are squares, so their centres have halves: (o + 0.5) / size - 0.5; outside of the first and last centre nothing changes.
struct Between {
    Index lower, upper;
    Index part;

    Between(Index o, Index size, Index inputs) {
        const Index place = 2 * o + 1 + size; // 2 size more than it is, so that it is not negative
        part = place % (2 * size);
        const Index first = place / (2 * size) - 1;
        lower = std::max<Index>(first, 0);
        upper = std::min<Index>(first + (part > 0 ? 1 : 0), inputs - 1);
    }
};

/// Images of one extent, and room for width * channels numbers.
template <class T>
struct UpSampling {
    Index batch, height, width, channels; ///< of x
    Size2D size;
    T* line;

    UpSampling(const Shape& x, Size2D factors, T* room)
        : batch(x[0]), height(x[1]), width(x[2]), channels(x[3]), size(factors), line(room) {}
};

} // namespace ops
} // namespace fovea

#define FOVEA_KERNELS <fovea/ops/kernels/up_sampling.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// y = each pixel size.height * size.width times.
template <class T>
void up_sample_nearest(Size2D size, std::type_identity_t<ConstView<T>> x, View<T> y) {
    const Index width = x.shape()[2];
    const Index channels = x.shape()[3];
    const Index row = width * size.width * channels;
    const T* from = x.data();
    T* to = y.data();
    for (Index i = 0; i < x.shape()[0] * x.shape()[1]; ++i) {
        T* const first = to;
        for (Index j = 0; j < width; ++j, from += channels)
            for (Index k = 0; k < size.width; ++k) to = std::copy_n(from, channels, to);
        for (Index k = 1; k < size.height; ++k) to = std::copy_n(first, row, to);
    }
}

/// dx = the sum of dy over each pixel's copies.
template <class T>
void up_sample_nearest_backward(Size2D size, std::type_identity_t<ConstView<T>> dy, View<T> dx) {
    const Index width = dx.shape()[2];
    const Index channels = dx.shape()[3];
    std::fill(dx.begin(), dx.end(), T{});
    const T* from = dy.data();
    for (Index i = 0; i < dx.shape()[0] * dx.shape()[1]; ++i)
        for (Index k = 0; k < size.height; ++k)
            for (Index j = 0; j < width * size.width; ++j, from += channels) {
                T* const to = dx.data() + (i * width + j / size.width) * channels;
                for (Index c = 0; c < channels; ++c) to[c] += from[c];
            }
}

/// Bytes that the two functions below need.
template <class T>
Index up_sample_bilinear_scratch(const Shape& x) {
    return Arena::bytes<T>(x[2] * x[3]);
}

/// y = x interpolated, first along the height, then along the width.
template <class T>
void up_sample_bilinear(Size2D size, std::type_identity_t<ConstView<T>> x, View<T> y, Arena scratch) {
    const UpSampling<T> u(x.shape(), size, scratch.take<T>(x.shape()[2] * x.shape()[3]));
    simd::dispatch([&](auto target) { up_sample(target, u, x.data(), y.data()); });
}

/// dx = the gradient by x
template <class T>
void up_sample_bilinear_backward(Size2D size, std::type_identity_t<ConstView<T>> dy, View<T> dx, Arena scratch) {
    const UpSampling<T> u(dx.shape(), size, scratch.take<T>(dx.shape()[2] * dx.shape()[3]));
    std::fill(dx.begin(), dx.end(), T{});
    simd::dispatch([&](auto target) { up_sample_gradient(target, u, dy.data(), dx.data()); });
}

} // namespace fovea::ops
