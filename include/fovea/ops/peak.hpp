#pragma once
#include <algorithm>
#include <chrono>

#include <fovea/core/simd.hpp>

#define FOVEA_KERNELS <fovea/ops/kernels/peak.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// The multiply-adds of T a second that one core does at best with the instruction set in use, times 2: in FLOP/s. Measured, in
/// about 10 ms; what other programs take of the core is missing from it.
template <class T>
double peak_flops() {
    using Clock = std::chrono::steady_clock;
    constexpr Index rounds = 10'000;
    double best = 0;
    T kept{};
    for (const auto start = Clock::now(); Clock::now() - start < std::chrono::milliseconds(10);) {
        const auto before = Clock::now();
        Index count = 0;
        simd::dispatch([&](auto target) { count = multiply_add_rounds<T>(target, rounds, &kept); });
        const double seconds = std::chrono::duration<double>(Clock::now() - before).count();
        best = std::max(best, 2 * static_cast<double>(count) / seconds);
    }
    return best;
}

} // namespace fovea::ops
