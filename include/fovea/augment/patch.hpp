#pragma once
#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include <fovea/augment/draw.hpp>
#include <fovea/core/rounding.hpp>
#include <fovea/core/view.hpp>

namespace fovea::detail {

/// Rows [top, bottom) and columns [left, right) of a picture.
struct Patch {
    Index top = 0, bottom = 0, left = 0, right = 0;

    Index pixels() const { return (bottom - top) * (right - left); }
};

/// Somewhere in a picture of shape (height, width, ...), with these parts of its height and width: the pixels whose numbers are in
/// [start, start + part * extent).
inline Patch draw_patch(const Shape& shape, double height_part, double width_part, Draw& draw) {
    const auto range = [&](Index extent, double part) {
        const double length = rounded(part * static_cast<double>(extent));
        const double start = draw.uniform(0, static_cast<double>(extent) - length);
        const auto first = static_cast<Index>(std::ceil(start));
        return std::pair(first, std::clamp(static_cast<Index>(std::ceil(start + length)), first, extent));
    };
    Patch patch;
    std::tie(patch.left, patch.right) = range(shape[1], width_part);
    std::tie(patch.top, patch.bottom) = range(shape[0], height_part);
    return patch;
}

/// Calls f(first, count) for each row of the patch, with places in a view of shape (height, width, ...).
template <class F>
void each_row(const Patch& patch, const Shape& shape, F&& f) {
    const Index pixel = shape.size() / std::max<Index>(shape[0] * shape[1], 1);
    for (Index row = patch.top; row < patch.bottom; ++row)
        f((row * shape[1] + patch.left) * pixel, (patch.right - patch.left) * pixel);
}

} // namespace fovea::detail
