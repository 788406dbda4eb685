#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include <fovea/core/math.hpp>
#include <fovea/core/shape.hpp>

/// Counter-based random numbers: a number is a function of (seed, purpose, ...), so there is no state to store,
/// to share between threads or to restore.
namespace fovea::random {

using Block = std::array<std::uint32_t, 4>;

/// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
constexpr Block philox(Block counter, std::array<std::uint32_t, 2> key) {
    auto [c0, c1, c2, c3] = counter; // scalars, which are fast in unoptimised programs, too
    auto [k0, k1] = key;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53} * c0;
        const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c2;
        c0 = static_cast<std::uint32_t>(b >> 32) ^ c1 ^ k0;
        c1 = static_cast<std::uint32_t>(b);
        c2 = static_cast<std::uint32_t>(a >> 32) ^ c3 ^ k1;
        c3 = static_cast<std::uint32_t>(a);
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    return {c0, c1, c2, c3};
}

/// What numbers are drawn for; two purposes never share a number.
enum class Purpose : std::uint8_t { initialize = 1, shuffle, dropout, augment, synthetic_data, user, verify };

/// An endless array of random numbers, read at any place and in any order.
struct Stream {
    std::uint64_t seed = 0;
    Purpose purpose = Purpose::user;
    std::uint32_t number = 0; ///< which one of its purpose: the parameter, the layer ...; below 2^24
    std::uint32_t step = 0;   ///< the epoch or the training step

    /// Four independent words of 32 bits.
    constexpr Block block(std::uint64_t i) const {
        const std::uint32_t place = (static_cast<std::uint32_t>(purpose) << 24) | (number & 0xFFFFFFU);
        return philox({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32), step, place},
                      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
    }

    constexpr std::uint32_t bits(std::uint64_t i) const { return block(i / 4)[i % 4]; }

    /// Uniform in (0, 1), on the middles of 2^32 equal steps.
    constexpr double uniform(std::uint64_t i) const { return (bits(i) + 0.5) * 0x1p-32; }

    /// Normal with mean 0 and standard deviation 1; within 6.3 of 0, as 2^32 different numbers have it.
    double normal(std::uint64_t i) const { return math::normal_quantile(uniform(i)); }

    /// A whole number in [0, bound), for 0 < bound < 2^32; the bias is below bound / 2^64.
    constexpr std::uint32_t below(std::uint64_t i, std::uint32_t bound) const {
        const Block words = block(i);
        const std::uint64_t low = std::uint64_t{words[1]} * bound;
        return static_cast<std::uint32_t>((std::uint64_t{words[0]} * bound + (low >> 32)) >> 32);
    }
};

/// 0 .. count-1 in random order (Fisher-Yates).
inline void shuffle(std::vector<Index>& order, const Stream& stream) {
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[stream.below(i, static_cast<std::uint32_t>(i))]);
}

namespace detail {
inline std::uint64_t& default_seed() {
    static std::uint64_t seed = 0;
    return seed;
}
} // namespace detail

} // namespace fovea::random

namespace fovea {

/// The seed that models made from now on draw their weights, order of samples and dropout from; 0 until it is set.
/// Call it before other threads make models.
inline void set_random_seed(std::uint64_t seed) { random::detail::default_seed() = seed; }
inline std::uint64_t random_seed() { return random::detail::default_seed(); }

} // namespace fovea
