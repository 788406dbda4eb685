#pragma once
#include <algorithm>
#include <cmath>
#include <string_view>

#include <fovea/core/rounding.hpp>
#include <fovea/core/view.hpp>

/// What augmentations of colours share.
namespace fovea::detail {

/// Throws ShapeError unless x is (height, width, 3).
inline void require_rgb(std::string_view type, const Shape& shape) {
    require<ShapeError>(shape.rank() == 3 && shape[2] == 3, type,
                        ": expected a picture (height, width, 3), red, green and blue, got ", shape);
}

/// ITU-R BT.601 luma. Keras rounds 0.299 to 0.2989, so that its white becomes grey.
template <class T>
double luma(const T* rgb) {
    return rounded(0.299 * rgb[0]) + rounded(0.587 * rgb[1]) + rounded(0.114 * rgb[2]);
}

/// A colour's hue in sixths of the circle, from 0, red, over 2, green, and 4, blue, to 6; its largest and its smallest part.
/// Smith, "Color gamut transform pairs", SIGGRAPH 1978, as colorsys and TensorFlow have it.
struct Hue {
    double sixths;
    double most;
    double least;
};

template <class T>
Hue hue_of(const T* rgb) {
    const double r = rgb[0], g = rgb[1], b = rgb[2];
    const double most = std::max({r, g, b}), least = std::min({r, g, b});
    const double chroma = most - least;
    if (chroma == 0) return {0, most, least};
    const double sixths = most == r ? (g - b) / chroma : most == g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
    return {sixths < 0 ? sixths + 6 : sixths, most, least};
}

/// Back again.
template <class T>
void set_hue(const Hue& hue, T* rgb) {
    const double chroma = hue.most - hue.least;
    const auto part = [&](double share) {
        return static_cast<T>(hue.most - rounded(chroma * (1 - std::clamp(share, 0.0, 1.0))));
    };
    rgb[0] = part(std::abs(hue.sixths - 3) - 1);
    rgb[1] = part(2 - std::abs(hue.sixths - 2));
    rgb[2] = part(2 - std::abs(hue.sixths - 4));
}

} // namespace fovea::detail
