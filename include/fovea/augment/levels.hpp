#pragma once
#include <algorithm>
#include <cmath>

#include <fovea/augment/interval.hpp>
#include <fovea/core/rounding.hpp>

/// What augmentations do that are defined for bytes.
namespace fovea::detail {

/// The byte nearest to a value.
template <class T>
int level_of(T value, Interval range) {
    const double level = std::floor(rounded((value - range.low) / range.length() * 255) + 0.5);
    return static_cast<int>(std::clamp(level, 0.0, 255.0));
}

/// The value of a byte.
template <class T>
T value_of(int level, Interval range) {
    return static_cast<T>(range.low + rounded(level * range.length()) / 255);
}

} // namespace fovea::detail
