#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include <fovea/core/rounding.hpp>
#include <fovea/core/tensor.hpp>

namespace fovea::image {

/// x (any shape) -> the brightness that parts its pixels best in dark ones, up to it, and bright ones, above it: the one with the largest
/// variance between the two, the first of equals. None if all pixels are the same.
///
/// Otsu 1979, "A Threshold Selection Method from Gray-Level Histograms".
inline std::optional<std::uint8_t> otsu_threshold(ConstView<std::uint8_t> x) {
    std::array<Index, 256> counts{};
    Index sum = 0;
    for (const std::uint8_t value : x) {
        ++counts[value];
        sum += value;
    }
    const auto all = static_cast<double>(x.size());
    std::optional<std::uint8_t> threshold;
    double largest = 0;
    Index dark = 0;
    Index dark_sum = 0;
    for (std::size_t value = 0; value < counts.size(); ++value) {
        dark += counts[value];
        dark_sum += counts[value] * static_cast<Index>(value);
        if (dark == 0 || dark == x.size()) continue;
        const auto n = static_cast<double>(dark);
        // dark * bright * (difference of their means)^2, by way of how far the dark ones' sum is from its share
        const double distance = rounded(static_cast<double>(dark_sum) * all) - rounded(static_cast<double>(sum) * n);
        const double variance = distance * distance / (n * (all - n));
        if (variance <= largest) continue;
        largest = variance;
        threshold = static_cast<std::uint8_t>(value);
    }
    return threshold;
}

} // namespace fovea::image
