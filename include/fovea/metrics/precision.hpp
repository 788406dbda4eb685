#pragma once
#include <fovea/metrics/decisions.hpp>

namespace fovea {

/// How many of the outputs that say yes are right: true positives / (true positives + false positives), 0 if none says yes.
///
/// y (batch, ..., classes): probabilities, each of which counts as yes where it is above the threshold
/// targets: values (batch, ..., classes), yes where they are not 0, or labels (batch, ...) or (batch, ..., 1)
///
/// `class_id` looks at one class only. Several `thresholds` give a number each.
struct Precision {
    std::vector<double> thresholds = {0.5};
    std::optional<Index> class_id = {};

    static constexpr std::string_view name = "precision";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_thresholds(name, thresholds);
        detail::check_targets(name, output, labels, target, true, true);
        detail::check_class_id(name, class_id, output);
    }

    Index sums() const { return 2 * results(); }
    Index results() const { return static_cast<Index>(thresholds.size()); }

    template <class T>
    void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const {
        detail::check_input(*this, y, targets);
        detail::count_decisions(y, targets, class_id, thresholds, sums,
                                [](bool yes, bool wanted) { return yes && !wanted; });
    }

    double result(std::span<const double> sums, Index, Index number) const {
        const std::size_t first = 2 * static_cast<std::size_t>(number);
        return detail::ratio(sums[first], sums[first] + sums[first + 1]);
    }
};

static_assert(MetricSpec<Precision>);

} // namespace fovea
