#pragma once
#include <algorithm>
#include <cmath>

#include <fovea/core/parallel.hpp>
#include <fovea/core/simd_math.hpp>
#include <fovea/core/view.hpp>

namespace fovea::ops {

/// What the kernels go over: x, dy (rows, channels), mean, inverse (channels). All but x may be null.
template <class T>
struct BatchNormRows {
    /// Rows are summed in T within a block, blocks in double.
    static constexpr Index block = 64;

    const T* x;
    Index rows, channels;
    const T* mean = nullptr;
    const T* inverse = nullptr; ///< 1 / sqrt(variance + epsilon)
    const T* dy = nullptr;
};

} // namespace fovea::ops

#define FOVEA_KERNELS <fovea/ops/kernels/batch_norm.inl>
#include <fovea/core/simd/for_each_target.inl>

/// x, y (..., channels); mean, variance, gamma, beta (channels), where an empty gamma is 1 and an empty beta 0.
///
///     y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
///
/// Rows (all axes but the last) are worked on in parallel, in parts that depend on their number alone, and sums over them are
/// added up part by part: the bits do not depend on the threads.
namespace fovea::ops {

namespace detail {

/// The rows that one task works on: so many that there are at most 64 tasks.
inline Index batch_norm_part(Index rows) { return std::max<Index>(256, (rows + 63) / 64); }
inline Index batch_norm_parts(Index rows) { return (rows + batch_norm_part(rows) - 1) / batch_norm_part(rows); }

/// Calls `f(target, part, first, last)` for all parts of the rows, in parallel.
template <class F>
void for_each_part(Index rows, F&& f) {
    const Index part = batch_norm_part(rows);
    parallel_for(batch_norm_parts(rows), [&](Index i, int) {
        simd::dispatch([&](auto target) { f(target, i, i * part, std::min(rows, (i + 1) * part)); });
    });
}

/// The two sums of batch_norm_sums over all rows: those of channel c are sums[c] and sums[channels + c]. `sums` has the size
/// that ops::batch_norm_sums says.
template <class T>
void sum_rows(const BatchNormRows<T>& r, double* sums) {
    for_each_part(r.rows, [&](auto target, Index part, Index first, Index last) {
        batch_norm_sums(target, r, first, last, sums + part * 2 * r.channels);
    });
    for (Index part = 1; part < batch_norm_parts(r.rows); ++part)
        for (Index i = 0; i < 2 * r.channels; ++i) sums[i] += sums[part * 2 * r.channels + i];
}

template <class T>
T inverse_deviation(T variance, double epsilon) {
    return 1 / std::sqrt(variance + static_cast<T>(epsilon));
}

} // namespace detail

/// The doubles of scratch that the functions below need.
inline Index batch_norm_sums(Index rows, Index channels) {
    return 2 * channels * std::max<Index>(1, detail::batch_norm_parts(rows));
}

/// mean = of each channel over all rows; variance = the mean square distance from it (in two passes, for numbers far from 0).
template <class T>
void batch_moments(ConstView<T> x, View<T> mean, View<T> variance, double* sums) {
    const Index channels = mean.size();
    const Index rows = x.size() / channels;
    const auto count = static_cast<double>(rows);
    detail::sum_rows<T>({x.data(), rows, channels}, sums);
    for (Index c = 0; c < channels; ++c) mean[c] = static_cast<T>(sums[c] / count);
    detail::sum_rows<T>({x.data(), rows, channels, mean.data()}, sums);
    for (Index c = 0; c < channels; ++c) variance[c] = static_cast<T>(sums[channels + c] / count);
}

/// `factors` is scratch for (channels) elements.
template <class T>
void batch_norm_forward(ConstView<T> x, ConstView<T> mean, ConstView<T> variance, ConstView<T> gamma, ConstView<T> beta,
                        double epsilon, View<T> y, T* factors) {
    const Index channels = mean.size();
    for (Index c = 0; c < channels; ++c) {
        const T scale = gamma.empty() ? T{1} : gamma[c];
        factors[c] = scale * detail::inverse_deviation(variance[c], epsilon);
    }
    const BatchNormRows<T> rows{x.data(), x.size() / channels, channels, mean.data()};
    detail::for_each_part(rows.rows, [&](auto target, Index, Index first, Index last) {
        batch_norm_rows<T>(target, rows, first, last, factors, beta.empty() ? nullptr : beta.data(), y.data());
    });
}

/// dgamma += , dbeta +=, dx =; each may be empty. `of_this_batch` says that mean and variance are those of x and so move with it.
/// With n = (x - mean) / sqrt(variance + epsilon), dx = gamma / sqrt(variance + epsilon) * (dy - mean of dy - n * mean of dy n),
/// and without the means if the statistics stand still. `sums` as batch_norm_sums says, `factors` scratch for (4, channels) elements.
template <class T>
void batch_norm_backward(ConstView<T> x, ConstView<T> mean, ConstView<T> variance, ConstView<T> gamma, double epsilon,
                         bool of_this_batch, ConstView<T> dy, View<T> dgamma, View<T> dbeta, View<T> dx, double* sums,
                         T* factors) {
    const Index channels = mean.size();
    const Index rows = x.size() / channels;
    T* const inverse = factors;
    T* const factor = factors + channels;
    T* const mean_dy = factors + 2 * channels;
    T* const mean_dyn = factors + 3 * channels;
    for (Index c = 0; c < channels; ++c) {
        inverse[c] = detail::inverse_deviation(variance[c], epsilon);
        factor[c] = (gamma.empty() ? T{1} : gamma[c]) * inverse[c];
    }
    const BatchNormRows<T> both{x.data(), rows, channels, mean.data(), inverse, dy.data()};
    if (of_this_batch || !dgamma.empty() || !dbeta.empty()) {
        detail::sum_rows(both, sums);
        for (Index c = 0; c < dbeta.size(); ++c) dbeta[c] += static_cast<T>(sums[c]);
        for (Index c = 0; c < dgamma.size(); ++c) dgamma[c] += static_cast<T>(sums[channels + c]);
    }
    if (dx.empty()) return;
    for (Index c = 0; c < channels; ++c) {
        mean_dy[c] = of_this_batch ? static_cast<T>(sums[c] / static_cast<double>(rows)) : T{0};
        mean_dyn[c] = of_this_batch ? static_cast<T>(sums[channels + c] / static_cast<double>(rows)) : T{0};
    }
    detail::for_each_part(rows, [&](auto target, Index, Index first, Index last) {
        batch_norm_gradient_rows<T>(target, both, first, last, factor, mean_dy, mean_dyn, dx.data());
    });
}

} // namespace fovea::ops
