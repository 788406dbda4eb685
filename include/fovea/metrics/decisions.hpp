#pragma once
#include <optional>
#include <vector>

#include <fovea/metrics/rows.hpp>

/// What metrics share that take every output as an answer to a question of its own: yes if it is above a threshold.
namespace fovea::detail {

inline void check_thresholds(std::string_view name, const std::vector<double>& thresholds) {
    require<ValueError>(!thresholds.empty(), name, ": needs at least one threshold");
    for (const double threshold : thresholds)
        require<ValueError>(0 <= threshold && threshold <= 1, name, ": thresholds must be in [0, 1], got ", threshold);
}

inline void check_class_id(std::string_view name, const std::optional<Index>& class_id, const Shape& output) {
    require<ValueError>(!class_id || (0 <= *class_id && *class_id < output.last()), name, ": class_id ",
                        class_id.value_or(0), " is outside 0..", output.last() - 1, " (the output has the shape ",
                        output, ")");
}

/// Calls `f(output, target)` for all outputs, or for those of one class. A label stands for its one-hot code; with a
/// single output it is the target itself.
template <class T, class F>
void for_each_output(ConstView<T> y, const Targets<T>& targets, const std::optional<Index>& class_id, F&& f) {
    if (y.empty()) return;
    const Index classes = y.shape().last();
    const Index first = class_id.value_or(0);
    const Index last = class_id ? first + 1 : classes;
    for (Index row = 0; row < y.size() / classes; ++row)
        for (Index j = first; j < last; ++j) {
            const Index i = row * classes + j;
            const T target = !targets.are_labels() ? targets.values[i]
                             : classes == 1        ? static_cast<T>(targets.labels[row])
                                                   : static_cast<T>(targets.labels[row] == j);
            f(y[i], target);
        }
}

/// sums[2 k] counts where both are yes at threshold k, sums[2 k + 1] where `is_miss(yes, wanted)`.
template <class T, class F>
void count_decisions(ConstView<T> y, const Targets<T>& targets, const std::optional<Index>& class_id,
                     const std::vector<double>& thresholds, std::span<double> sums, F&& is_miss) {
    for_each_output(y, targets, class_id, [&](T output, T target) {
        const bool wanted = target != 0;
        for (std::size_t k = 0; k < thresholds.size(); ++k) {
            const bool yes = output > static_cast<T>(thresholds[k]);
            if (yes && wanted) sums[2 * k] += 1;
            if (is_miss(yes, wanted)) sums[2 * k + 1] += 1;
        }
    });
}

} // namespace fovea::detail
