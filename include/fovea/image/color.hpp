#pragma once
#include <array>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <type_traits>

#include <fovea/core/rounding.hpp>
#include <fovea/core/tensor.hpp>

namespace fovea::image {

/// What the channels of a picture are, by Keras's names. `as_is`: 1 is grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
enum class ColorMode { as_is, grayscale, rgb, rgba };

/// How many channels a picture of this mode has; 0 for as_is.
inline Index channels_of(ColorMode mode) {
    constexpr std::array<Index, 4> channels{0, 1, 3, 4};
    return channels[static_cast<std::size_t>(mode)];
}

inline std::string_view name_of(ColorMode mode) {
    constexpr std::array<std::string_view, 4> names{"as_is", "grayscale", "rgb", "rgba"};
    return names[static_cast<std::size_t>(mode)];
}

inline std::ostream& operator<<(std::ostream& out, ColorMode mode) { return out << name_of(mode); }

namespace detail {

/// ITU-R BT.601 luma; of bytes with Pillow's rounding.
inline std::uint8_t luma(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    return static_cast<std::uint8_t>((red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16);
}
inline float luma(float red, float green, float blue) {
    return rounded(0.299F * red) + rounded(0.587F * green) + rounded(0.114F * blue);
}

template <class T>
inline constexpr T opaque = std::is_same_v<T, float> ? T{1} : static_cast<T>(255);

/// One pixel of `from` channels as one of `to` channels.
template <class T>
void convert_pixel(const T* in, Index from, T* out, Index to) {
    const bool grey = from <= 2;
    if (to == 1) {
        out[0] = grey ? in[0] : luma(in[0], in[1], in[2]);
        return;
    }
    for (Index c = 0; c < 3; ++c) out[c] = grey ? in[0] : in[c];
    if (to == 4) out[3] = from % 2 == 0 ? in[from - 1] : opaque<T>;
}

template <class T>
Tensor<T> convert_color(ConstView<T> picture, ColorMode mode) {
    const Shape& shape = picture.shape();
    require<ShapeError>(shape.rank() == 3 && 1 <= shape[2] && shape[2] <= 4,
                        "convert_color: expected a picture (height, width, 1 to 4 channels), got ", shape);
    const Index from = shape[2];
    const Index to = mode == ColorMode::as_is ? from : channels_of(mode);
    if (from == to) return Tensor<T>(picture);
    Tensor<T> result(Shape{shape[0], shape[1], to});
    const T* in = picture.data();
    T* out = result.data();
    for (Index i = 0; i < shape[0] * shape[1]; ++i, in += from, out += to) convert_pixel(in, from, out, to);
    return result;
}

} // namespace detail

/// x (height, width, 1 to 4) -> (height, width, channels of the mode). Grey is BT.601 luma, alpha is dropped or made opaque. Bytes
/// go from 0 to 255, float from 0 to 1.
inline Tensor<std::uint8_t> convert_color(ConstView<std::uint8_t> picture, ColorMode mode) {
    return detail::convert_color<std::uint8_t>(picture, mode);
}
inline Tensor<float> convert_color(ConstView<float> picture, ColorMode mode) {
    return detail::convert_color<float>(picture, mode);
}

} // namespace fovea::image
