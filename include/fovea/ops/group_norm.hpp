#pragma once
#include <algorithm>

#include <fovea/core/rounding.hpp>
#include <fovea/ops/batch_norm.hpp>

#define FOVEA_KERNELS <fovea/ops/kernels/group_norm.inl>
#include <fovea/core/simd/for_each_target.inl>

/// One sample: x, y (positions, channels); gamma, beta (channels), where an empty gamma is 1 and an empty beta 0; mean, inverse
/// (groups). A group is channels / groups neighbouring channels at all positions.
///
///     y = gamma * (x - mean) * inverse + beta;   inverse = 1 / sqrt(variance + epsilon)
///
/// Mean and variance are those of the group. Sums run over the positions channel by channel, as in ops/batch_norm.hpp, and then over
/// a group's channels in order, in double.
namespace fovea::ops {

struct GroupNormGeometry {
    Index positions, channels, groups;

    Index group_channels() const { return channels / groups; }
    double group_size() const { return static_cast<double>(positions * group_channels()); }
};

namespace detail {

/// For each group the sum of its channels' numbers in order, as use(group, sum).
template <class F, class G>
void sum_groups(const GroupNormGeometry& g, F&& number, G&& use) {
    const Index each = g.group_channels();
    for (Index group = 0; group < g.groups; ++group) {
        double sum = 0;
        for (Index c = group * each; c < (group + 1) * each; ++c) sum += number(c);
        use(group, sum);
    }
}

/// A number of each group, for each of its channels.
template <class T>
void spread(const GroupNormGeometry& g, const T* of_groups, T* of_channels) {
    for (Index c = 0; c < g.channels; ++c) of_channels[c] = of_groups[c / g.group_channels()];
}

} // namespace detail

/// Writes mean and inverse. `sums` is scratch for (2, channels) elements, `factors` for (2, channels).
template <class T>
void group_norm_forward(const GroupNormGeometry& g, const T* x, ConstView<T> gamma, ConstView<T> beta, double epsilon,
                        T* y, T* mean, T* inverse, double* sums, T* factors) {
    T* const means = factors;
    T* const scales = factors + g.channels;
    const BatchNormRows<T> plain{x, g.positions, g.channels};
    const BatchNormRows<T> centred{x, g.positions, g.channels, means};
    simd::dispatch([&](auto target) { batch_norm_sums(target, plain, 0, g.positions, sums); });
    detail::sum_groups(
        g, [&](Index c) { return sums[c]; },
        [&](Index group, double sum) { mean[group] = static_cast<T>(sum / g.group_size()); });
    detail::spread(g, mean, means);
    simd::dispatch([&](auto target) { batch_norm_sums(target, centred, 0, g.positions, sums); });
    detail::sum_groups(
        g, [&](Index c) { return sums[g.channels + c]; },
        [&](Index group, double sum) {
            inverse[group] = detail::inverse_deviation(static_cast<T>(sum / g.group_size()), epsilon);
        });
    detail::spread(g, inverse, scales);
    for (Index c = 0; c < gamma.size(); ++c) scales[c] *= gamma[c];
    simd::dispatch([&](auto target) {
        batch_norm_rows<T>(target, centred, 0, g.positions, scales, beta.empty() ? nullptr : beta.data(), y);
    });
}

/// dgamma +=, dbeta +=, dx =; each may be empty (dx null). With n = (x - mean) * inverse and dn = gamma * dy,
/// dx = inverse * (dn - mean of dn - n * mean of dn n), the means being those of the group. `sums` is scratch for (2, channels)
/// elements, `factors` for (5, channels).
template <class T>
void group_norm_backward(const GroupNormGeometry& g, const T* x, ConstView<T> gamma, const T* mean, const T* inverse,
                         const T* dy, View<T> dgamma, View<T> dbeta, T* dx, double* sums, T* factors) {
    T* const means = factors;
    T* const inverses = factors + g.channels;
    detail::spread(g, mean, means);
    detail::spread(g, inverse, inverses);
    const BatchNormRows<T> rows{x, g.positions, g.channels, means, inverses, dy};
    simd::dispatch([&](auto target) { batch_norm_sums(target, rows, 0, g.positions, sums); });
    for (Index c = 0; c < dbeta.size(); ++c) dbeta[c] += static_cast<T>(sums[c]);
    for (Index c = 0; c < dgamma.size(); ++c) dgamma[c] += static_cast<T>(sums[g.channels + c]);
    if (dx == nullptr) return;
    // dx = gamma * inverse * dy + slope * (x - mean) + level
    T* const scales = factors + 2 * g.channels;
    T* const slopes = factors + 3 * g.channels;
    T* const levels = factors + 4 * g.channels;
    const auto weight = [&](Index c) { return gamma.empty() ? T{1} : gamma[c]; };
    const auto weighted = [&](const double* of_channels) {
        return [&, of_channels](Index c) { return rounded(static_cast<double>(weight(c)) * of_channels[c]); };
    };
    const Index each = g.group_channels();
    detail::sum_groups(g, weighted(sums), [&](Index group, double sum) {
        const T level = -inverse[group] * static_cast<T>(sum / g.group_size());
        std::fill_n(levels + group * each, each, level);
    });
    detail::sum_groups(g, weighted(sums + g.channels), [&](Index group, double sum) {
        const T slope = -inverse[group] * inverse[group] * static_cast<T>(sum / g.group_size());
        std::fill_n(slopes + group * each, each, slope);
    });
    for (Index c = 0; c < g.channels; ++c) scales[c] = weight(c) * inverses[c];
    simd::dispatch([&](auto target) { group_norm_gradient_rows<T>(target, rows, scales, slopes, levels, dx); });
}

} // namespace fovea::ops
