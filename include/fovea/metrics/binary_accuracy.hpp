#pragma once
#include <fovea/metrics/decisions.hpp>

namespace fovea {

/// How often an output is on that side of the threshold that its target says.
///
/// y (batch, ..., outputs)
/// targets: values (batch, ..., outputs), 0 or 1, or labels (batch, ...) or (batch, ..., 1)
///
/// An output of NaN is never right.
struct BinaryAccuracy {
    double threshold = 0.5;

    static constexpr std::string_view name = "binary_accuracy";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_targets(name, output, labels, target, true, true);
    }

    template <class T>
    double sum(ConstView<T> y, const Targets<T>& targets) const {
        detail::check_input(*this, y, targets);
        double right = 0;
        detail::for_each_output(y, targets, {}, [&](T output, T target) {
            if (!std::isnan(output) && (output > static_cast<T>(threshold) ? T{1} : T{0}) == target) right += 1;
        });
        return y.empty() ? 0 : right / static_cast<double>(y.shape().tail().size());
    }
};

static_assert(MetricSpec<BinaryAccuracy>);

} // namespace fovea
