#pragma once
#include <algorithm>
#include <cmath>

#include <fovea/core/simd_math.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/activation.hpp> // sum_of_panel
#include <fovea/ops/batch_norm.hpp> // load_row

#define FOVEA_KERNELS <fovea/ops/kernels/layer_norm.inl>
#include <fovea/core/simd/for_each_target.inl>

/// x, y (rows, features); gamma, beta (features), where an empty gamma is 1 and an empty beta 0; mean, inverse (rows).
///
///     y = gamma * (x - mean) * inverse + beta;   inverse = 1 / sqrt(variance + epsilon)
///
/// Mean and variance are those of each row; the variance is the mean square distance, in a pass of its own, for numbers far from 0.
namespace fovea::ops {

/// Leaves each row's mean and inverse there unless they are empty.
template <class T>
void layer_norm_forward(ConstView<T> x, Index features, ConstView<T> gamma, ConstView<T> beta, double epsilon,
                        View<T> y, View<T> mean, View<T> inverse) {
    simd::dispatch([&](auto target) {
        layer_norm_rows<T>(target, x.data(), x.size() / features, features, gamma.data(), beta.data(),
                           static_cast<T>(epsilon), y.data(), mean.data(), inverse.data());
    });
}

/// dgamma +=, dbeta +=, dx =; each may be empty. With n = (x - mean) * inverse and dn = gamma * dy,
/// dx = inverse * (dn - mean of dn - n * mean of dn n), dgamma = sum of dy n and dbeta = sum of dy over the rows, of which 64 at a
/// time are added up in `sums`, scratch for (2, features) elements.
template <class T>
void layer_norm_backward(ConstView<T> x, Index features, ConstView<T> gamma, ConstView<T> mean, ConstView<T> inverse,
                         ConstView<T> dy, View<T> dgamma, View<T> dbeta, View<T> dx, T* sums) {
    constexpr Index block = 64;
    const Index rows = x.size() / features;
    T* const gamma_sums = dgamma.empty() ? nullptr : sums;
    T* const beta_sums = dbeta.empty() ? nullptr : sums + features;
    if (dx.empty() && gamma_sums == nullptr && beta_sums == nullptr) return;
    for (Index first = 0; first < rows; first += block) {
        const Index at = first * features;
        std::fill(sums, sums + 2 * features, T{0});
        simd::dispatch([&](auto target) {
            layer_norm_gradient_rows<T>(target, x.data() + at, std::min(block, rows - first), features, gamma.data(),
                                        mean.data() + first, inverse.data() + first, dy.data() + at,
                                        dx.empty() ? nullptr : dx.data() + at, gamma_sums, beta_sums);
        });
        for (Index i = 0; i < dgamma.size(); ++i) dgamma[i] += gamma_sums[i];
        for (Index i = 0; i < dbeta.size(); ++i) dbeta[i] += beta_sums[i];
    }
}

} // namespace fovea::ops
