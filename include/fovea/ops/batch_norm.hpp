#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include <fovea/core/parallel.hpp>
#include <fovea/core/view.hpp>

/// x, y (..., channels); mean, variance, gamma, beta (channels), where an empty gamma is 1 and an empty beta 0.
///
///     y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
///
/// Rows (all axes but the last) are worked on in parallel, in parts that depend on their number alone, and sums over them are
/// added up part by part: the bits do not depend on the threads.
namespace fovea::ops {

namespace detail {

/// Rows are summed in T within a block, blocks in double.
inline constexpr Index batch_norm_block = 64;
inline constexpr Index batch_norm_strip = 64; ///< channels whose sums over a block stay in L1

/// The rows that one task works on: so many that there are at most 64 tasks.
inline Index batch_norm_part(Index rows) { return std::max<Index>(256, (rows + 63) / 64); }
inline Index batch_norm_parts(Index rows) { return (rows + batch_norm_part(rows) - 1) / batch_norm_part(rows); }

/// Calls `f(part, first, last)` for all parts of the rows, in parallel.
template <class F>
void for_each_part(Index rows, F&& f) {
    const Index part = batch_norm_part(rows);
    parallel_for(batch_norm_parts(rows), [&](Index i, int) { f(i, i * part, std::min(rows, (i + 1) * part)); });
}

/// Adds up two numbers over all rows: `term(offset, channel)` gives both for an element. The sums of channel c are then
/// sums[c] and sums[channels + c]; `sums` has the size that batch_norm_sums says.
template <class T, class F>
void sum_rows(Index rows, Index channels, double* sums, F&& term) {
    for_each_part(rows, [&](Index part, Index first, Index last) {
        double* const total = sums + part * 2 * channels;
        std::fill(total, total + 2 * channels, 0.0);
        for (Index strip = 0; strip < channels; strip += batch_norm_strip) {
            const Index count = std::min(batch_norm_strip, channels - strip);
            for (Index begin = first; begin < last; begin += batch_norm_block) {
                std::array<T, batch_norm_strip> one{}, two{};
                for (Index row = begin; row < std::min(last, begin + batch_norm_block); ++row) {
                    for (Index c = 0; c < count; ++c) {
                        const auto [a, b] = term(row * channels + strip + c, strip + c);
                        one[static_cast<std::size_t>(c)] += a;
                        two[static_cast<std::size_t>(c)] += b;
                    }
                }
                for (Index c = 0; c < count; ++c) {
                    total[strip + c] += static_cast<double>(one[static_cast<std::size_t>(c)]);
                    total[channels + strip + c] += static_cast<double>(two[static_cast<std::size_t>(c)]);
                }
            }
        }
    });
    for (Index part = 1; part < batch_norm_parts(rows); ++part)
        for (Index i = 0; i < 2 * channels; ++i) sums[i] += sums[part * 2 * channels + i];
}

template <class T>
T inverse_deviation(T variance, double epsilon) {
    return 1 / std::sqrt(variance + static_cast<T>(epsilon));
}

template <class T>
struct Pair {
    T first, second;
};

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
    detail::sum_rows<T>(rows, channels, sums, [&](Index i, Index) { return detail::Pair<T>{x[i], 0}; });
    for (Index c = 0; c < channels; ++c) mean[c] = static_cast<T>(sums[c] / count);
    detail::sum_rows<T>(rows, channels, sums, [&](Index i, Index c) {
        const T distance = x[i] - mean[c];
        return detail::Pair<T>{distance * distance, 0};
    });
    for (Index c = 0; c < channels; ++c) variance[c] = static_cast<T>(sums[c] / count);
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
    detail::for_each_part(x.size() / channels, [&](Index, Index first, Index last) {
        for (Index row = first; row < last; ++row) {
            const T* const from = x.data() + row * channels;
            T* const to = y.data() + row * channels;
            if (beta.empty())
                for (Index c = 0; c < channels; ++c) to[c] = (from[c] - mean[c]) * factors[c];
            else
                for (Index c = 0; c < channels; ++c) to[c] = (from[c] - mean[c]) * factors[c] + beta[c];
        }
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
    if (of_this_batch || !dgamma.empty() || !dbeta.empty()) {
        detail::sum_rows<T>(rows, channels, sums, [&](Index i, Index c) {
            return detail::Pair<T>{dy[i], dy[i] * ((x[i] - mean[c]) * inverse[c])};
        });
        for (Index c = 0; c < dbeta.size(); ++c) dbeta[c] += static_cast<T>(sums[c]);
        for (Index c = 0; c < dgamma.size(); ++c) dgamma[c] += static_cast<T>(sums[channels + c]);
    }
    if (dx.empty()) return;
    for (Index c = 0; c < channels; ++c) {
        mean_dy[c] = of_this_batch ? static_cast<T>(sums[c] / static_cast<double>(rows)) : T{0};
        mean_dyn[c] = of_this_batch ? static_cast<T>(sums[channels + c] / static_cast<double>(rows)) : T{0};
    }
    detail::for_each_part(rows, [&](Index, Index first, Index last) {
        for (Index row = first; row < last; ++row) {
            const T* const from = x.data() + row * channels;
            const T* const gradient = dy.data() + row * channels;
            T* const to = dx.data() + row * channels;
            for (Index c = 0; c < channels; ++c) {
                const T n = (from[c] - mean[c]) * inverse[c];
                to[c] = factor[c] * (gradient[c] - mean_dy[c] - n * mean_dyn[c]);
            }
        }
    });
}

} // namespace fovea::ops
