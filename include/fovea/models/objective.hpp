#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <fovea/losses/loss.hpp>
#include <fovea/metrics/metric.hpp>

namespace fovea {

/// What an output is measured by. The loss of a model is the sum of weight * loss over its outputs.
template <class T>
struct Objective {
    Objective(AnyLoss<T> by, std::vector<AnyMetric<T>> reported = {}, double loss_weight = 1)
        : loss(std::move(by)), metrics(std::move(reported)), weight(loss_weight) {}

    AnyLoss<T> loss;
    std::vector<AnyMetric<T>> metrics;
    double weight;
};

/// One for each output.
template <class T>
using Objectives = std::vector<Objective<T>>;

/// Sums over samples.
struct Sums {
    double loss = 0;             ///< with the outputs' weights
    std::vector<double> losses;  ///< of each output
    std::vector<double> metrics; ///< output by output, metric by metric
};

namespace detail {

/// How many sums all metrics have together.
template <class T>
std::size_t metric_sums(const Objectives<T>& objectives) {
    Index count = 0;
    for (const Objective<T>& objective : objectives)
        for (const AnyMetric<T>& metric : objective.metrics) count += metric.sums();
    return static_cast<std::size_t>(count);
}

/// Writes the sums of some samples, metric by metric, and returns what room is left behind them.
template <class T>
std::span<double> measure(const std::vector<AnyMetric<T>>& metrics, ConstView<T> y, const Targets<T>& targets,
                          std::span<double> sums) {
    for (const AnyMetric<T>& metric : metrics) {
        const auto own = sums.first(static_cast<std::size_t>(metric.sums()));
        std::fill(own.begin(), own.end(), 0.0);
        metric.add(y, targets, own);
        sums = sums.subspan(own.size());
    }
    return sums;
}

/// Nothing summed yet.
template <class T>
Sums empty_sums(const Objectives<T>& objectives) {
    return {0, std::vector<double>(objectives.size(), 0), std::vector<double>(metric_sums(objectives), 0)};
}

/// The sums of each output; the loss of all of them is the caller's.
inline void add(Sums& to, const Sums& sums) {
    for (std::size_t i = 0; i < to.losses.size(); ++i) to.losses[i] += sums.losses[i];
    for (std::size_t m = 0; m < to.metrics.size(); ++m) to.metrics[m] += sums.metrics[m];
}

/// The loss that those of the outputs add up to.
template <class T>
double total(const Objectives<T>& objectives, const std::vector<double>& losses) {
    double sum = 0;
    for (std::size_t i = 0; i < objectives.size(); ++i) sum = std::fma(objectives[i].weight, losses[i], sum);
    return sum;
}

template <class T>
bool any_whole_batch(const Objectives<T>& objectives) {
    for (const Objective<T>& objective : objectives)
        if (objective.loss.whole_batch()) return true;
    return false;
}

} // namespace detail
} // namespace fovea
