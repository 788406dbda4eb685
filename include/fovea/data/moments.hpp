#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <fovea/core/rounding.hpp>
#include <fovea/data/dataset.hpp>

namespace fovea {

/// Mean and deviation of numbers, without having them all in memory. Put together in one order they are the same to the last bit.
struct Moments {
    Index count = 0;
    double mean = 0;
    double squares = 0; ///< the sum of (number - mean)^2
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();

    /// Of all numbers, not of a sample of more: divides by `count`.
    double deviation() const { return count > 0 ? std::sqrt(squares / static_cast<double>(count)) : 0; }

    /// Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
    void add(const Moments& other) {
        if (other.count == 0) return;
        const double part = static_cast<double>(other.count) / static_cast<double>(count + other.count);
        const double apart = other.mean - mean;
        squares += other.squares + rounded(rounded(apart * apart) * rounded(part * static_cast<double>(count)));
        mean += rounded(apart * part);
        count += other.count;
        least = std::min(least, other.least);
        most = std::max(most, other.most);
    }
};

namespace detail {

template <class T>
double as_number(T value) {
    if constexpr (std::integral<T>)
        return byte_fractions<double>[value];
    else
        return static_cast<double>(value);
}

/// x (..., channels) -> the moments of each channel; bytes count as value / 255, as they do in a batch.
template <class T>
std::vector<Moments> moments_of(ConstView<T> x, Index channels) {
    const auto width = static_cast<std::size_t>(channels);
    std::vector<Moments> all(width);
    const T* const end = x.data() + x.size();
    for (const T* pixel = x.data(); pixel != end; pixel += channels)
        for (std::size_t c = 0; c < width; ++c) {
            const double value = as_number(pixel[c]);
            all[c].mean += value; // their sum, for now
            all[c].least = std::min(all[c].least, value);
            all[c].most = std::max(all[c].most, value);
        }
    for (Moments& m : all) {
        m.count = x.size() / channels;
        m.mean /= static_cast<double>(m.count);
    }
    for (const T* pixel = x.data(); pixel != end; pixel += channels)
        for (std::size_t c = 0; c < width; ++c) {
            const double apart = as_number(pixel[c]) - all[c].mean;
            all[c].squares += rounded(apart * apart);
        }
    return all;
}

} // namespace detail

} // namespace fovea
