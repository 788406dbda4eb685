#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <fovea/losses/cosine_similarity.hpp>
#include <fovea/losses/mean_absolute_error.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/metrics/accuracy.hpp>
#include <fovea/metrics/auc.hpp>
#include <fovea/metrics/binary_accuracy.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/f1_score.hpp>
#include <fovea/metrics/mean_io_u.hpp>
#include <fovea/metrics/precision.hpp>
#include <fovea/metrics/recall.hpp>
#include <fovea/metrics/root_mean_squared_error.hpp>
#include <fovea/metrics/top_k_accuracy.hpp>

namespace fovea {

// These are losses and metrics.
static_assert(MetricSpec<MeanSquaredError> && MetricSpec<MeanAbsoluteError> && MetricSpec<CosineSimilarity>);

/// The metrics with their default settings: `.metrics = {Metric::accuracy}` says the same as `.metrics = {Accuracy{}}`. Objects and no
/// enumerators, so that a program compiles only those that it names.
struct Metric {
    static constexpr Accuracy accuracy{};
    static constexpr TopKCategoricalAccuracy top_k_categorical_accuracy{};
    static constexpr SparseTopKCategoricalAccuracy sparse_top_k_categorical_accuracy{};
    static constexpr BinaryAccuracy binary_accuracy{};
    static inline const Precision precision{};
    static inline const Recall recall{};
    static constexpr F1Score f1_score{};
    static constexpr AUC auc{};
    static constexpr MeanSquaredError mean_squared_error{};
    static constexpr MeanAbsoluteError mean_absolute_error{};
    static constexpr RootMeanSquaredError root_mean_squared_error{};
    static constexpr CosineSimilarity cosine_similarity{};
};

/// The metric of that name, or "mse" or "mae", with its default settings. Throws ValueError for an unknown name, and lists those that
/// are known.
template <class T>
AnyMetric<T> metric_from_name(std::string_view wanted) {
    std::optional<AnyMetric<T>> found;
    std::string known;
    const auto offer = [&](std::string_view name, const auto& metric) {
        if (name == wanted) found = metric;
        known.append(known.empty() ? "" : ", ").append(name);
    };
    const auto offer_all = [&](const auto&... metrics) { (offer(metrics.name, metrics), ...); };
    offer_all(Metric::accuracy, Metric::top_k_categorical_accuracy, Metric::sparse_top_k_categorical_accuracy,
              Metric::binary_accuracy, Metric::precision, Metric::recall, Metric::f1_score, Metric::auc,
              Metric::mean_squared_error, Metric::mean_absolute_error, Metric::root_mean_squared_error,
              Metric::cosine_similarity);
    offer("mse", Metric::mean_squared_error);
    offer("mae", Metric::mean_absolute_error);
    require<ValueError>(found.has_value(), "Metric: unknown name \"", wanted, "\"; known are ", known);
    return *found;
}

} // namespace fovea
