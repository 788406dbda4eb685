#pragma once
#include <array>
#include <limits>

#include <fovea/core/math.hpp>
#include <fovea/core/simd.hpp>

/// Square root and elementary functions of vectors; see simd/math.inl. With double they have the bits of core/math.hpp. With float
/// they compute in float, which takes a quarter of the time, and are within 1 unit in the last place (exp, expm1) or 2.5 (tanh,
/// sigmoid) down to the smallest normal number.
namespace fovea::simd {

/// What exp is made of. x = n ln 2 + r with |r| <= 0.35: adding `shift` rounds x / ln 2 to the whole number n, and leaves it in
/// the low bits; `series` is (e^r - 1 - r) / r^2 in powers of r.
template <class T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
    static constexpr float shift = 0x1.8p23F;
    static constexpr float log2_e = 0x1.715476p+0F;
    static constexpr float ln2_high = 0x1.62e4p-1F; // so short that its products with n are exact
    static constexpr float ln2_low = 0x1.7f7d1cp-20F;
    static constexpr std::int32_t bias = 127;
    static constexpr int mantissa_bits = 23;
    static constexpr std::int32_t sign = std::numeric_limits<std::int32_t>::min();
    static constexpr float zero_below = -104; // where e^x rounds to 0,
    static constexpr float infinite_above = 89;
    static constexpr float all_below = -18; // and e^x - 1 to -1
    // From tests/reference/fit_math.py, as the next; relative error 9e-9.
    static constexpr float series[] = {0x1.000000p-1F, 0x1.555556p-3F,  0x1.5554eap-5F,
                                       0x1.1110e0p-7F, 0x1.6d4318p-10F, 0x1.a124e6p-13F};
};

template <>
struct ExpConstants<double> {
    static constexpr double shift = 0x1.8p52;
    static constexpr double log2_e = 0x1.71547652b82fep+0;
    static constexpr double ln2_high = math::detail::ln2_high;
    static constexpr double ln2_low = math::detail::ln2_low;
    static constexpr std::int64_t bias = 1023;
    static constexpr int mantissa_bits = 52;
    static constexpr std::int64_t sign = std::numeric_limits<std::int64_t>::min();
    static constexpr double zero_below = -746;
    static constexpr double infinite_above = 710;
    static constexpr double all_below = -40;
    static constexpr const double (&series)[12] = math::detail::exp_taylor;
};

/// The probability that a standard normal number is above a is e^(-a^2/2) t p(t) with t = 4 / (4 + a), for 0 <= a <= 14.6.
/// Relative error 2e-8.
inline constexpr float normal_tail[] = {0x1.9892d0p-4F,  0x1.9763b8p-4F, 0x1.88706ep-4F, 0x1.20cbeep-4F,
                                        0x1.75ec00p-4F,  0x1.cffe76p-9F, 0x1.482a4ap-5F, 0x1.5c6654p-5F,
                                        -0x1.e15234p-5F, 0x1.0307cep-6F};

/// A panel of set lanes, then one of lanes that are not: a mask of n lanes begins n before the middle.
template <class T>
inline constexpr std::array<Integer<T>, static_cast<std::size_t>(2 * panel<T>)> lane_masks = [] {
    std::array<Integer<T>, static_cast<std::size_t>(2 * panel<T>)> masks{};
    for (std::size_t i = 0; i < masks.size() / 2; ++i) masks[i] = -1;
    return masks;
}();

} // namespace fovea::simd

#define FOVEA_KERNELS <fovea/core/simd/math.inl>
#include <fovea/core/simd/for_each_target.inl>
