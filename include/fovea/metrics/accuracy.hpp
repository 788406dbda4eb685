#pragma once
#include <fovea/metrics/rows.hpp>

namespace fovea {

/// How often the output says what the target says. As Keras resolves "accuracy", by the shapes:
///
/// y (batch, ..., 1): right where y > 0.5 is what the target is, 0 or 1
/// y (batch, ..., classes) and labels (batch, ...) or (batch, ..., 1): right where the largest class is the label
/// y (batch, ..., classes) and values (batch, ..., classes): right where both are largest at the same class
///
/// The first of equally large classes counts. An output of NaN is never right.
struct Accuracy {
    static constexpr std::string_view name = "accuracy";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_targets(name, output, labels, target, true, true);
    }

    template <class T>
    double sum(ConstView<T> y, const Targets<T>& targets) const {
        detail::check_input(*this, y, targets);
        const auto [labels, values] = targets;
        if (y.shape().last() == 1)
            return detail::sum_of_shares(y, [&, labels = labels, values = values](Index row) {
                const T wanted = labels.data() ? static_cast<T>(labels[row]) : values[row];
                return !std::isnan(y[row]) && (y[row] > T(0.5) ? T(1) : T(0)) == wanted;
            });
        return detail::sum_of_shares(y, [&, labels = labels, values = values](Index row) {
            const Index wanted = labels.data() ? Index{labels[row]} : detail::argmax(detail::row_of(values, row));
            return wanted >= 0 && detail::argmax(detail::row_of(y, row)) == wanted;
        });
    }
};

static_assert(MetricSpec<Accuracy>);

} // namespace fovea
