#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fovea/core/rounding.hpp>
#include <fovea/image/crop.hpp>

namespace fovea::image {

/// Where a pixel of the result gets its value from. `nearest`: the pixel under its middle. `bilinear`: the four around its middle, each
/// by its nearness. `area`: the mean of all that it covers, in part or whole.
enum class Interpolation { nearest, bilinear, area };

inline std::string_view name_of(Interpolation interpolation) {
    constexpr std::array<std::string_view, 3> names{"nearest", "bilinear", "area"};
    return names[static_cast<std::size_t>(interpolation)];
}

inline std::ostream& operator<<(std::ostream& out, Interpolation interpolation) {
    return out << name_of(interpolation);
}

/// Named as those of Keras's layer Resizing. Only `antialias` has another default: it is what Pillow does, and without it a photograph that
/// gets much smaller is made of a few of its pixels.
struct ResizeOptions {
    Interpolation interpolation = Interpolation::bilinear;
    bool antialias = true;             ///< bilinear takes all pixels in reach when it makes a picture smaller
    bool crop_to_aspect_ratio = false; ///< cut off what does not fit, instead of distorting
    bool pad_to_aspect_ratio = false;  ///< fill up instead of distorting
    double fill_value = 0;             ///< of the padding, in the picture's own units
};

namespace detail {

/// Of one place along an axis of the result: the first place of the input that it is made of, and the weights from there on.
struct Taps {
    Index first;
    std::vector<double> weights;
};

/// Pillow's weights: a triangle as wide as the distance of two pixels, of the input, or, with antialias, of the result.
inline Taps bilinear_taps(Index place, Index in, Index out, bool antialias) {
    const double scale = static_cast<double>(in) / static_cast<double>(out);
    const double reach = antialias ? std::max(scale, 1.0) : 1.0;
    const double slope = 1 / reach;
    const double center = rounded((static_cast<double>(place) + 0.5) * scale);
    const Index first = std::max<Index>(0, static_cast<Index>(center - reach + 0.5));
    const Index last = std::min(in, static_cast<Index>(center + reach + 0.5));
    Taps taps{first, {}};
    double sum = 0;
    for (Index i = first; i < last; ++i) {
        const double distance = std::abs(rounded((static_cast<double>(i) - center + 0.5) * slope));
        taps.weights.push_back(std::max(0.0, 1 - distance));
        sum += taps.weights.back();
    }
    for (double& weight : taps.weights) weight /= sum;
    return taps;
}

/// Result `place` covers [place * in, (place + 1) * in) and input i [i * out, (i + 1) * out), in steps of 1 / (in * out).
inline Taps area_taps(Index place, Index in, Index out) {
    const Index begin = place * in;
    const Index end = begin + in;
    Taps taps{begin / out, {}};
    for (Index i = taps.first; i * out < end; ++i) {
        const Index covered = std::min((i + 1) * out, end) - std::max(i * out, begin);
        taps.weights.push_back(static_cast<double>(covered) / static_cast<double>(in));
    }
    return taps;
}

inline std::vector<Taps> all_taps(Index in, Index out, const ResizeOptions& options) {
    std::vector<Taps> taps;
    for (Index place = 0; place < out; ++place)
        taps.push_back(options.interpolation == Interpolation::area ? area_taps(place, in, out)
                                                                    : bilinear_taps(place, in, out, options.antialias));
    return taps;
}

/// How weighted sums of pixels are taken. Bytes: in whole numbers with 22 bits behind the point, as Pillow does.
/// Float: the product of two of them is exact in double, so that it does not matter whether a compiler fuses it.
template <class T>
struct Arithmetic {
    using Sum = std::conditional_t<std::is_same_v<T, float>, double, std::int32_t>;
    static constexpr int bits = 22;

    static Sum weight(double w) {
        if constexpr (std::is_same_v<T, float>)
            return static_cast<double>(static_cast<float>(w));
        else
            return static_cast<std::int32_t>(w * (1 << bits) + 0.5);
    }
    static constexpr Sum zero = std::is_same_v<T, float> ? Sum{0} : static_cast<Sum>(1 << (bits - 1));
    static T result(Sum sum) {
        if constexpr (std::is_same_v<T, float>)
            return static_cast<float>(sum);
        else
            return static_cast<T>(std::clamp<std::int32_t>(sum >> bits, 0, 255));
    }
};

/// The taps of a whole axis, as the arithmetic of T wants them.
template <class T>
struct Kernel {
    struct Place {
        Index first;
        Index count;
    };

    explicit Kernel(const std::vector<Taps>& taps) {
        for (const Taps& t : taps) {
            places.push_back({t.first, static_cast<Index>(t.weights.size())});
            for (const double w : t.weights) weights.push_back(Arithmetic<T>::weight(w));
        }
    }

    std::vector<Place> places;
    std::vector<typename Arithmetic<T>::Sum> weights; ///< of all places, one behind the other
};

/// x (rows, in, inner) -> y (rows, out, inner): one axis of a picture.
template <class T>
void resize_axis(const T* x, T* y, Index rows, Index in, Index inner, const Kernel<T>& kernel) {
    using Sum = typename Arithmetic<T>::Sum;
    std::vector<Sum> room(static_cast<std::size_t>(inner));
    Sum* const sums = room.data();
    for (Index row = 0; row < rows; ++row, x += in * inner) {
        const Sum* weight = kernel.weights.data();
        for (const auto& [first, count] : kernel.places) {
            std::fill_n(sums, inner, Arithmetic<T>::zero);
            const T* from = x + first * inner;
            for (Index tap = 0; tap < count; ++tap, from += inner, ++weight)
                for (Index i = 0; i < inner; ++i) sums[i] += static_cast<Sum>(from[i]) * *weight;
            for (Index i = 0; i < inner; ++i) *y++ = Arithmetic<T>::result(sums[i]);
        }
    }
}

template <class T>
Tensor<T> resize_nearest(ConstView<T> x, Size2D size) {
    const Shape& shape = x.shape();
    const Index channels = shape[2];
    Tensor<T> y(Shape{size.height, size.width, channels});
    T* to = y.data();
    for (Index row = 0; row < size.height; ++row)
        for (Index column = 0; column < size.width; ++column, to += channels) {
            const Index from_row = (2 * row + 1) * shape[0] / (2 * size.height);
            const Index from_column = (2 * column + 1) * shape[1] / (2 * size.width);
            std::copy_n(x.data() + (from_row * shape[1] + from_column) * channels, channels, to);
        }
    return y;
}

/// Without regard to the aspect ratio.
template <class T>
Tensor<T> stretch(ConstView<T> x, Size2D size, const ResizeOptions& options) {
    const Shape& shape = x.shape();
    if (shape[0] == size.height && shape[1] == size.width) return Tensor<T>(x);
    if (options.interpolation == Interpolation::nearest) return resize_nearest(x, size);
    Tensor<T> wide(Shape{0});
    ConstView<T> middle = x;
    if (shape[1] != size.width) {
        wide = Tensor<T>(Shape{shape[0], size.width, shape[2]});
        resize_axis(x.data(), wide.data(), shape[0], shape[1], shape[2],
                    Kernel<T>(all_taps(shape[1], size.width, options)));
        middle = wide;
    }
    if (shape[0] == size.height) return wide;
    Tensor<T> y(Shape{size.height, size.width, shape[2]});
    resize_axis(middle.data(), y.data(), 1, shape[0], size.width * shape[2],
                Kernel<T>(all_taps(shape[0], size.height, options)));
    return y;
}

/// a * b / c to the nearest whole number, at least 1.
inline Index scaled(Index a, Index b, Index c) { return std::max<Index>(1, (2 * a * b + c) / (2 * c)); }

/// The largest size with the shape of `inner` in `outer`.
inline Size2D fitted(Size2D inner, Size2D outer) {
    const bool tall = inner.height * outer.width >= inner.width * outer.height;
    if (tall) return {outer.height, std::min(outer.width, scaled(inner.width, outer.height, inner.height))};
    return {std::min(outer.height, scaled(inner.height, outer.width, inner.width)), outer.width};
}

template <class T>
Tensor<T> resize(ConstView<T> x, Size2D size, const ResizeOptions& options) {
    check_picture(x.shape(), "resize");
    require<ValueError>(size.height > 0 && size.width > 0, "resize: expected a size of at least (1, 1), got ", size);
    require<ValueError>(!options.crop_to_aspect_ratio || !options.pad_to_aspect_ratio,
                        "resize: a picture is either cropped or padded to the aspect ratio, both were asked for");
    require<ValueError>(std::is_same_v<T, float> || (0 <= options.fill_value && options.fill_value <= 255),
                        "resize: a picture of bytes cannot be filled up with ", options.fill_value);
    const Size2D own{x.shape()[0], x.shape()[1]};
    if (options.crop_to_aspect_ratio) {
        const Tensor<T> middle = center_crop(x, fitted(size, own));
        return stretch<T>(middle, size, options);
    }
    if (options.pad_to_aspect_ratio) {
        const Tensor<T> inner = stretch(x, fitted(own, size), options);
        return pad_to(inner.view(), size, static_cast<T>(options.fill_value));
    }
    return stretch(x, size, options);
}

} // namespace detail

/// x (height, width, channels) -> (size, channels). Bilinear and area with bytes are Pillow's BILINEAR (and for whole ratios its BOX)
/// to the bit: first along the rows, then along the columns, rounded after each. Throws ShapeError unless x is a
/// picture, ValueError for a size without pixels.
inline Tensor<std::uint8_t> resize(ConstView<std::uint8_t> picture, Size2D size, const ResizeOptions& options = {}) {
    return detail::resize(picture, size, options);
}
inline Tensor<float> resize(ConstView<float> picture, Size2D size, const ResizeOptions& options = {}) {
    return detail::resize(picture, size, options);
}

/// The picture as large as fits, in the middle of bars of `fill_value`.
template <class T>
auto letterbox(const T& picture, Size2D size, double fill_value = 0, ResizeOptions options = {}) {
    options.pad_to_aspect_ratio = true;
    options.fill_value = fill_value;
    return resize(picture, size, options);
}

} // namespace fovea::image
