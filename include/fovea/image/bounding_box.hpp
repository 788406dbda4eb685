#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>

#include <fovea/image/crop.hpp>

namespace fovea::image {

/// A part of a picture, as `crop(picture, box.top, box.left, box.size)` takes it.
struct BoundingBox {
    Index top;
    Index left;
    Size2D size;

    bool operator==(const BoundingBox&) const = default;
};

/// A place in a picture, in pixels; the middle of the first one is (0, 0).
struct Place {
    double y;
    double x;

    bool operator==(const Place&) const = default;
};

/// x (height, width, channels) -> the smallest box with all of its pixels that are not black. None if all are.
inline std::optional<BoundingBox> bounding_box(ConstView<std::uint8_t> picture) {
    detail::check_picture(picture.shape(), "bounding_box");
    const Index height = picture.shape()[0], width = picture.shape()[1], channels = picture.shape()[2];
    Index top = height, bottom = 0, left = width, right = 0;
    for (Index i = 0; i < picture.size(); ++i) {
        if (picture[i] == 0) continue;
        const Index y = i / (width * channels), x = i / channels % width;
        top = std::min(top, y);
        bottom = y + 1;
        left = std::min(left, x);
        right = std::max(right, x + 1);
    }
    if (bottom == 0) return std::nullopt;
    return BoundingBox{top, left, {bottom - top, right - left}};
}

/// x (height, width, channels) -> the mean place of its pixels, each as heavy as it is bright. None if all are black.
inline std::optional<Place> center_of_mass(ConstView<std::uint8_t> picture) {
    detail::check_picture(picture.shape(), "center_of_mass");
    const Index width = picture.shape()[1], channels = picture.shape()[2];
    Index mass = 0, y = 0, x = 0;
    for (Index i = 0; i < picture.size(); ++i) {
        const Index weight = picture[i];
        mass += weight;
        y += weight * (i / (width * channels));
        x += weight * (i / channels % width);
    }
    if (mass == 0) return std::nullopt;
    const auto whole = static_cast<double>(mass);
    return Place{static_cast<double>(y) / whole, static_cast<double>(x) / whole};
}

} // namespace fovea::image
