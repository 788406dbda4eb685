#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>
#include <span>
#include <string_view>

#include <fovea/augment/mapping.hpp>
#include <fovea/core/names.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/up_sampling.hpp>

namespace fovea {

/// What lies outside of an image `abcd`: reflect `dcba|abcd|dcba`, constant `kkkk|abcd|kkkk`, wrap `abcd|abcd|abcd`,
/// nearest `aaaa|abcd|dddd`. Along the seam of `wrap`, d and a are neighbours, which they are not quite in Keras.
enum class FillMode { reflect, constant, wrap, nearest };

inline std::string_view name_of(FillMode mode) {
    constexpr std::array<std::string_view, 4> names{"reflect", "constant", "wrap", "nearest"};
    return names[static_cast<std::size_t>(mode)];
}

/// Throws ValueError for an unknown name.
inline void from_name(std::string_view name, FillMode& mode) {
    using enum FillMode;
    mode = detail::value_named("FillMode", name, {reflect, constant, wrap, nearest});
}

inline std::ostream& operator<<(std::ostream& out, FillMode mode) { return out << name_of(mode); }

/// How an image is read between its pixels and outside of them.
struct Resampling {
    Interpolation interpolation = Interpolation::bilinear;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0; ///< with FillMode::constant, and of what comes from nowhere

    bool operator==(const Resampling&) const = default;
};

namespace detail {

/// Pixel i of an axis of n, or the one inside that stands for it, or -1.
inline Index inside(Index i, Index n, FillMode mode) {
    if (0 <= i && i < n) return i;
    const auto modulo = [i](Index period) { return ((i % period) + period) % period; };
    switch (mode) {
    case FillMode::reflect:
        return std::min(modulo(2 * n), 2 * n - 1 - modulo(2 * n));
    case FillMode::wrap:
        return modulo(n);
    case FillMode::nearest:
        return i < 0 ? 0 : n - 1;
    case FillMode::constant:
        break;
    }
    return -1;
}

/// Whether a place is one that an index can be made of.
inline bool is_somewhere(Point2D p) { return std::abs(p.x) < 0x1p30 && std::abs(p.y) < 0x1p30; }

inline Index floor_of(double x) {
    const auto whole = static_cast<Index>(x);
    return whole - (x < static_cast<double>(whole) ? 1 : 0);
}

/// The pixel that is nearest to a place, counted from the first one on, or -1. Halves go away from 0, as in TensorFlow.
inline Index nearest_pixel(Point2D p, Size2D size, FillMode mode) {
    if (!is_somewhere(p)) return -1;
    const auto whole = [](double x) { return x < 0 ? -floor_of(0.5 - x) : floor_of(x + 0.5); };
    const Index row = inside(whole(p.y), size.height, mode);
    const Index column = inside(whole(p.x), size.width, mode);
    return row < 0 || column < 0 ? -1 : row * size.width + column;
}

/// The four pixels around a place and their weights, which are those of T; what is outside has weight 0, and all that are `outside`.
template <class T>
struct Taps {
    std::array<Index, 4> pixels{};
    std::array<double, 4> weights{};
    double outside = 1;

    Taps(Point2D p, Size2D size, FillMode mode) {
        if (!is_somewhere(p)) return;
        outside = 0;
        const Index top = floor_of(p.y), left = floor_of(p.x);
        const double down = p.y - static_cast<double>(top), right = p.x - static_cast<double>(left);
        const std::array<double, 2> row_weights{1 - down, down}, column_weights{1 - right, right};
        for (std::size_t i = 0; i < 4; ++i) // rounded after they are a T's: with AVX-512 g++ 12 else leaves that out
            weights[i] = rounded(static_cast<T>(row_weights[i / 2] * column_weights[i % 2]));
        if (0 <= top && 0 <= left && top + 1 < size.height && left + 1 < size.width) { // as nearly all are
            const Index first = top * size.width + left;
            pixels = {first, first + 1, first + size.width, first + size.width + 1};
            return;
        }
        const std::array<Index, 2> rows{inside(top, size.height, mode), inside(top + 1, size.height, mode)};
        const std::array<Index, 2> columns{inside(left, size.width, mode), inside(left + 1, size.width, mode)};
        for (std::size_t i = 0; i < 4; ++i) {
            const Index row = rows[i / 2], column = columns[i % 2];
            if (row >= 0 && column >= 0) {
                pixels[i] = row * size.width + column;
            } else {
                outside += weights[i];
                weights[i] = 0;
            }
        }
    }
};

/// sum + a * b. Two floats have a product that is exact in double, so that it does not matter whether a compiler fuses it.
template <class T>
double add_product(double sum, double a, T b) {
    if constexpr (std::is_same_v<T, float>)
        return sum + a * static_cast<double>(b);
    else
        return std::fma(a, b, sum);
}

inline Size2D size_of_image(const Shape& shape) { return {shape[0], shape[1]}; }

} // namespace detail

/// x (height, width, channels) -> y (any height, any width, channels), whose pixel i is that of x nearest to places[i]. Of any
/// type, for masks, too.
template <class T>
void resample_nearest(ConstView<T> x, std::span<const Point2D> places, FillMode mode, T fill_value, View<T> y) {
    const Index channels = x.size() / (x.shape()[0] * x.shape()[1]);
    T* out = y.data();
    for (const Point2D& place : places) {
        const Index pixel = detail::nearest_pixel(place, detail::size_of_image(x.shape()), mode);
        const T* const in = x.data() + std::max<Index>(pixel, 0) * channels;
        for (Index c = 0; c < channels; ++c) *out++ = pixel < 0 ? fill_value : in[c];
    }
}

/// The same, by interpolation as `how` says. Every pixel is one sum in one order. Cost: some 10 ns a pixel.
template <class T>
void resample(ConstView<T> x, std::span<const Point2D> places, const Resampling& how, View<T> y) {
    const auto fill_value = static_cast<T>(how.fill_value);
    if (how.interpolation == Interpolation::nearest) return resample_nearest(x, places, how.fill_mode, fill_value, y);
    const Index channels = x.shape()[2];
    T* out = y.data();
    for (const Point2D& place : places) {
        const detail::Taps<T> taps(place, detail::size_of_image(x.shape()), how.fill_mode);
        const double filled = taps.outside == 0 ? 0 : rounded(taps.outside * static_cast<double>(fill_value));
        for (Index c = 0; c < channels; ++c) {
            double sum = filled;
            for (std::size_t i = 0; i < 4; ++i)
                sum = detail::add_product(sum, taps.weights[i], x[taps.pixels[i] * channels + c]);
            *out++ = static_cast<T>(sum);
        }
    }
}

/// The gradient of `resample` by x: dx (height, width, channels) = what dy, as y, hands back to the pixels that y was made of.
template <class T>
void resample_backward(ConstView<T> dy, std::span<const Point2D> places, const Resampling& how, View<T> dx) {
    const Index channels = dx.shape()[2];
    const Size2D size = detail::size_of_image(dx.shape());
    std::fill(dx.begin(), dx.end(), T{0});
    const T* in = dy.data();
    for (const Point2D& place : places) {
        const auto give = [&](Index pixel, double weight) {
            T* const to = dx.data() + pixel * channels;
            for (Index c = 0; c < channels; ++c)
                to[c] = static_cast<T>(detail::add_product(static_cast<double>(to[c]), weight, in[c]));
        };
        if (how.interpolation == Interpolation::nearest) {
            const Index pixel = detail::nearest_pixel(place, size, how.fill_mode);
            if (pixel >= 0) give(pixel, 1);
        } else {
            const detail::Taps<T> taps(place, size, how.fill_mode);
            for (std::size_t i = 0; i < 4; ++i)
                if (taps.weights[i] != 0) give(taps.pixels[i], taps.weights[i]);
        }
        in += channels;
    }
}

} // namespace fovea
