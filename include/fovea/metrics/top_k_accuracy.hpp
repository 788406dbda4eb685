#pragma once
#include <fovea/metrics/rows.hpp>

namespace fovea {

namespace detail {

inline void check_k(std::string_view name, Index k) {
    require<ValueError>(k >= 1, name, ": k must be at least 1, got ", k);
}

/// Whether fewer than k classes are above `label`: of classes that are equal at the border, all are among the top k. A
/// label outside of the classes is not, nor is any where not every output is finite. So does tf.math.in_top_k, which
/// Keras uses.
template <class T>
bool in_top_k(std::span<const T> row, Index label, Index k) {
    if (label < 0 || label >= static_cast<Index>(row.size())) return false;
    Index above = 0;
    for (const T y : row) {
        if (!std::isfinite(y)) return false;
        if (y > row[static_cast<std::size_t>(label)]) ++above;
    }
    return above < k;
}

} // namespace detail

/// How often the target's largest class is among the k largest of the output.
///
/// y (batch, ..., classes), targets: values of the same shape
struct TopKCategoricalAccuracy {
    Index k = 5;

    static constexpr std::string_view name = "top_k_categorical_accuracy";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_k(name, k);
        detail::check_targets(name, output, labels, target, false, true);
    }

    template <class T>
    double sum(ConstView<T> y, const Targets<T>& targets) const {
        detail::check_input(*this, y, targets);
        return detail::sum_of_shares(y, [&](Index row) {
            return detail::in_top_k(detail::row_of(y, row), detail::argmax(detail::row_of(targets.values, row)), k);
        });
    }
};

/// How often the label is among the k largest classes of the output.
///
/// y (batch, ..., classes), targets: labels (batch, ...) or (batch, ..., 1)
struct SparseTopKCategoricalAccuracy {
    Index k = 5;

    static constexpr std::string_view name = "sparse_top_k_categorical_accuracy";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_k(name, k);
        detail::check_targets(name, output, labels, target, true, false);
    }

    template <class T>
    double sum(ConstView<T> y, const Targets<T>& targets) const {
        detail::check_input(*this, y, targets);
        return detail::sum_of_shares(
            y, [&](Index row) { return detail::in_top_k(detail::row_of(y, row), Index{targets.labels[row]}, k); });
    }
};

static_assert(MetricSpec<TopKCategoricalAccuracy>);
static_assert(MetricSpec<SparseTopKCategoricalAccuracy>);

} // namespace fovea
