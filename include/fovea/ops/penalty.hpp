#pragma once
#include <span>

#include <fovea/core/rounding.hpp>
#include <fovea/core/simd_math.hpp>

#define FOVEA_KERNELS <fovea/ops/kernels/penalty.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// Returns l1 * sum of |w| + l2 * sum of w^2, summed in double; dw += l1 * sign(w) + 2 * l2 * w unless it is empty.
template <class T>
double penalty(double l1, double l2, std::span<const T> w, std::span<T> dw) {
    const auto size = static_cast<Index>(w.size());
    double sums[2] = {};
    simd::dispatch([&](auto target) {
        penalty_sums(target, w.data(), size, sums);
        if (!dw.empty())
            penalty_gradient(target, static_cast<T>(l1), static_cast<T>(2 * l2), w.data(), dw.data(), size);
    });
    return rounded(l1 * sums[0]) + rounded(l2 * sums[1]);
}

} // namespace fovea::ops
