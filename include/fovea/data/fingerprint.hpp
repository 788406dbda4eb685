#pragma once
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <fovea/core/shape.hpp>

namespace fovea::detail {

/// 128 bits that equal arrays have in common. Others differ, as far as chance goes: among a million samples two agree with a probability of
/// 1e-27. Not made against somebody who looks for agreement.
struct Fingerprint {
    std::uint64_t first = 0x9E3779B97F4A7C15;
    std::uint64_t second = 0xC2B2AE3D27D4EB4F;

    auto operator<=>(const Fingerprint&) const = default;

    /// Each step is one to one in what was there and in the word, so that a difference does not get lost.
    void add(std::uint64_t word) {
        first = (first ^ word) * 0xFF51AFD7ED558CCD;
        first ^= first >> 32;
        second = (second + word) * 0xC4CEB9FE1A85EC53;
        second ^= second >> 29;
    }
};

template <class T>
Fingerprint fingerprint_of(const Shape& shape, std::span<const T> elements) {
    Fingerprint print;
    for (const Index extent : shape) print.add(static_cast<std::uint64_t>(extent));
    auto bytes = std::as_bytes(elements);
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        const std::size_t size = std::min(bytes.size(), sizeof word);
        std::memcpy(&word, bytes.data(), size);
        print.add(word);
        bytes = bytes.subspan(size);
    }
    return print;
}

} // namespace fovea::detail
