#pragma once
#include <optional>
#include <ostream>

#include <fovea/metrics/rows.hpp>

namespace fovea {

/// What F1Score makes of its classes: a number each, one for all outputs together, their mean, or their mean weighted by how
/// often a class is the target.
enum class ScoreAverage { none, micro, macro, weighted };

inline std::ostream& operator<<(std::ostream& out, ScoreAverage average) {
    constexpr const char* names[] = {"none", "micro", "macro", "weighted"};
    const auto i = static_cast<std::size_t>(average);
    return out << (i < std::size(names) ? names[i] : "?");
}

/// The harmonic mean of precision and recall, class by class.
///
/// y (batch, ..., classes)
/// targets: values (batch, ..., classes), 0 or 1, or labels (batch, ...) or (batch, ..., 1)
///
/// A class is predicted where its output is above the threshold, or without one where it is the largest of its row, and not 0.
/// A class that is neither predicted nor a target has the score 0. All as in Keras, with its 1e-7 in the divisors.
struct F1Score {
    ScoreAverage average = ScoreAverage::none;
    std::optional<double> threshold = {};

    static constexpr std::string_view name = "f1_score";

    void check(const Shape& output, bool labels, const Shape& target) const {
        require<ValueError>(!threshold || (0 < *threshold && *threshold <= 1), name,
                            ": threshold must be in (0, 1], got ", threshold.value_or(0));
        detail::check_targets(name, output, labels, target, true, true);
    }

    /// True positives, false positives and false negatives of each class.
    Index sums(const Shape& output) const { return 3 * (average == ScoreAverage::micro ? 1 : output.last()); }
    Index results(const Shape& output) const { return average == ScoreAverage::none ? output.last() : 1; }

    template <class T>
    void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const {
        detail::check_input(*this, y, targets);
        if (y.empty()) return;
        const Index classes = y.shape().last();
        for (Index row = 0; row < y.size() / classes; ++row) {
            const std::span<const T> outputs = detail::row_of(y, row);
            const T largest = *std::max_element(outputs.begin(), outputs.end());
            for (Index j = 0; j < classes; ++j) {
                const T output = outputs[static_cast<std::size_t>(j)];
                const bool predicted = threshold ? output > static_cast<T>(*threshold)
                                                 : output >= largest && std::abs(output) > static_cast<T>(1e-9);
                const double wanted = target(targets, classes, row, j);
                double* const counts = sums.data() + (average == ScoreAverage::micro ? 0 : 3 * j);
                if (predicted) {
                    counts[0] += wanted;
                    counts[1] += 1 - wanted;
                } else {
                    counts[2] += wanted;
                }
            }
        }
    }

    double result(std::span<const double> sums, Index, Index number) const {
        if (average == ScoreAverage::none) return score(sums, static_cast<std::size_t>(number));
        const std::size_t classes = sums.size() / 3;
        double wanted = detail::metric_epsilon;
        for (std::size_t j = 0; j < classes; ++j) wanted += sums[3 * j] + sums[3 * j + 2];
        double total = 0;
        for (std::size_t j = 0; j < classes; ++j) {
            const double weight = average == ScoreAverage::weighted ? (sums[3 * j] + sums[3 * j + 2]) / wanted
                                                                    : 1 / static_cast<double>(classes);
            total = std::fma(weight, score(sums, j), total);
        }
        return total;
    }

private:
    template <class T>
    static double target(const Targets<T>& targets, Index classes, Index row, Index j) {
        if (!targets.are_labels()) return static_cast<double>(targets.values[row * classes + j]);
        return classes == 1 ? targets.labels[row] : targets.labels[row] == j;
    }

    static double score(std::span<const double> sums, std::size_t j) {
        const std::span<const double> counts = sums.subspan(3 * j, 3);
        const double precision = counts[0] / (counts[0] + counts[1] + detail::metric_epsilon);
        const double recall = counts[0] / (counts[0] + counts[2] + detail::metric_epsilon);
        return 2 * precision * recall / (precision + recall + detail::metric_epsilon);
    }
};

static_assert(MetricSpec<F1Score>);

} // namespace fovea
