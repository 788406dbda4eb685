#pragma once
#include <ostream>

#include <fovea/core/math.hpp>
#include <fovea/metrics/decisions.hpp>

namespace fovea {

/// Recall over the share of false positives, or precision over recall.
enum class AUCCurve { roc, pr };

inline std::ostream& operator<<(std::ostream& out, AUCCurve curve) {
    return out << (curve == AUCCurve::roc ? "roc" : curve == AUCCurve::pr ? "pr" : "?");
}

/// The area under a curve whose points are thresholds from 0 to 1.
///
/// y (batch, ..., outputs): probabilities, or with `from_logits` any numbers, of which the sigmoid is meant
/// targets: values (batch, ..., outputs), yes where they are not 0, or labels (batch, ...) or (batch, ..., 1)
///
/// All outputs together make one curve. Between two thresholds, ROC is a straight line; on the PR curve the numbers of true and
/// of false positives are: Davis and Goadrich, The Relationship Between Precision-Recall and ROC Curves. So is Keras's
/// summation_method "interpolation". The area is 0 if no target is yes, and that of ROC also if none is no. Its error is about
/// 1 / num_thresholds for outputs that are spread evenly, and more where they crowd.
struct AUC {
    Index num_thresholds = 200;
    AUCCurve curve = AUCCurve::roc;
    bool from_logits = false;

    static constexpr std::string_view name = "auc";

    void check(const Shape& output, bool labels, const Shape& target) const {
        require<ValueError>(num_thresholds > 1, name, ": num_thresholds must be more than 1, got ", num_thresholds);
        detail::check_targets(name, output, labels, target, true, true);
    }

    /// For yes, then for no: how many outputs lie above 0, 1, 2 ... thresholds.
    Index sums() const { return 2 * num_thresholds; }

    template <class T>
    void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const {
        detail::check_input(*this, y, targets);
        const auto steps = static_cast<T>(num_thresholds - 1);
        detail::for_each_output(y, targets, {}, [&](T output, T target) {
            const T p = from_logits ? math::sigmoid(output) : output;
            // The first threshold is a bit below 0. What is not a number is above none.
            const T above = p > 0 ? std::ceil(std::min(p, T{1}) * steps) : static_cast<T>(p <= 0);
            const Index bucket = static_cast<Index>(above) + (target != 0 ? 0 : num_thresholds);
            sums[static_cast<std::size_t>(bucket)] += 1;
        });
    }

    double result(std::span<const double> sums, Index) const {
        const auto count = static_cast<std::size_t>(num_thresholds);
        const std::span<const double> yes = sums.first(count);
        const std::span<const double> no = sums.subspan(count, count);
        double positives = 0;
        double negatives = 0;
        for (std::size_t b = 0; b < count; ++b) {
            positives += yes[b];
            negatives += no[b];
        }
        // From the last threshold, which nothing is above, down to the first.
        Point right{0, 0};
        double area = 0;
        for (std::size_t b = count; b-- > 1;) {
            const Point left{right.true_positives + yes[b], right.false_positives + no[b]};
            area = curve == AUCCurve::roc ? std::fma(detail::ratio(no[b], negatives),
                                                     (detail::ratio(left.true_positives, positives) +
                                                      detail::ratio(right.true_positives, positives)) /
                                                         2,
                                                     area)
                                          : area + detail::ratio(precision_between(left, right), positives);
            right = left;
        }
        return area;
    }

private:
    /// Counts at a threshold.
    struct Point {
        double true_positives;
        double false_positives;

        double all() const { return true_positives + false_positives; }
    };

    /// The integral of precision over the true positives between two thresholds.
    static double precision_between(const Point& left, const Point& right) {
        const double change = left.true_positives - right.true_positives;
        const double slope = detail::ratio(change, left.all() - right.all());
        const double intercept = std::fma(-slope, right.all(), right.true_positives);
        const double growth = left.all() > 0 && right.all() > 0 ? math::log(left.all() / right.all()) : 0;
        return slope * std::fma(intercept, growth, change);
    }
};

static_assert(MetricSpec<AUC>);

} // namespace fovea
