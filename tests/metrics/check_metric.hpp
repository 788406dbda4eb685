#pragma once
#include <limits>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/metrics/metric.hpp>

#include "catch.hpp"

/// All results of a metric, first sample by sample and then at once, which must give the same.
inline std::vector<double> metrics_of(fovea::AnyMetric<float> metric, const fovea::Tensor<float>& y,
                                      const fovea::Targets<float>& targets) {
    const fovea::Index samples = y.shape()[0];
    metric.bind(y.shape().tail());
    std::vector<double> sums(static_cast<std::size_t>(metric.sums()));
    std::vector<double> one_by_one = sums;
    metric.add(y.view(), targets, sums);
    for (fovea::Index n = 0; n < samples; ++n) {
        fovea::Targets<float> target = targets;
        if (target.are_labels())
            target.labels = target.labels.slice(n, n + 1);
        else
            target.values = target.values.slice(n, n + 1);
        metric.add(y.view().slice(n, n + 1), target, one_by_one);
    }
    CHECK(one_by_one == sums);
    std::vector<double> results;
    for (fovea::Index i = 0; i < metric.results(); ++i) results.push_back(metric.result(sums, samples, i));
    return results;
}

template <class M>
std::vector<double> metrics_of(const M& metric, const fovea::Tensor<float>& y,
                               const fovea::Tensor<std::int32_t>& labels) {
    return metrics_of(metric, y, fovea::Targets<float>{.labels = labels, .values = {}});
}
template <class M>
std::vector<double> metrics_of(const M& metric, const fovea::Tensor<float>& y, const fovea::Tensor<float>& values) {
    return metrics_of(metric, y, fovea::Targets<float>{.labels = {}, .values = values});
}

/// The only result.
template <class M, class Target>
double metric_of(const M& metric, const fovea::Tensor<float>& y, const fovea::Tensor<Target>& targets) {
    const std::vector<double> results = metrics_of(metric, y, targets);
    REQUIRE(results.size() == 1);
    return results[0];
}
