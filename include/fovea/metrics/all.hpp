#pragma once
#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

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

/// The metrics with their default settings: `.metrics = {Metric::accuracy}` says the same as `.metrics = {Accuracy{}}`.
enum class Metric {
    accuracy,
    top_k_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    binary_accuracy,
    precision,
    recall,
    f1_score,
    auc,
    mean_squared_error,
    mean_absolute_error,
    root_mean_squared_error,
    cosine_similarity,
};

namespace detail {
inline constexpr std::array<std::pair<Metric, std::string_view>, 14> metric_names{
    {{Metric::accuracy, Accuracy::name},
     {Metric::top_k_categorical_accuracy, TopKCategoricalAccuracy::name},
     {Metric::sparse_top_k_categorical_accuracy, SparseTopKCategoricalAccuracy::name},
     {Metric::binary_accuracy, BinaryAccuracy::name},
     {Metric::precision, Precision::name},
     {Metric::recall, Recall::name},
     {Metric::f1_score, F1Score::name},
     {Metric::auc, AUC::name},
     {Metric::mean_squared_error, MeanSquaredError::name},
     {Metric::mean_absolute_error, MeanAbsoluteError::name},
     {Metric::root_mean_squared_error, RootMeanSquaredError::name},
     {Metric::cosine_similarity, CosineSimilarity::name},
     {Metric::mean_squared_error, "mse"},
     {Metric::mean_absolute_error, "mae"}}};
} // namespace detail

inline std::string_view name_of(Metric metric) {
    for (const auto& [value, name] : detail::metric_names)
        if (value == metric) return name;
    return "?";
}

/// Throws ValueError for an unknown name, and lists those that are known.
inline Metric metric_from_name(std::string_view wanted) {
    std::string known;
    for (const auto& [value, name] : detail::metric_names) {
        if (name == wanted) return value;
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    throw ValueError(text("Metric: unknown name \"", wanted, "\"; known are ", known));
}

inline std::ostream& operator<<(std::ostream& out, Metric metric) { return out << name_of(metric); }

template <class T>
AnyMetric<T>::AnyMetric(Metric metric) {
    switch (metric) {
    case Metric::accuracy:
        *this = Accuracy{};
        break;
    case Metric::top_k_categorical_accuracy:
        *this = TopKCategoricalAccuracy{};
        break;
    case Metric::sparse_top_k_categorical_accuracy:
        *this = SparseTopKCategoricalAccuracy{};
        break;
    case Metric::binary_accuracy:
        *this = BinaryAccuracy{};
        break;
    case Metric::precision:
        *this = Precision{};
        break;
    case Metric::recall:
        *this = Recall{};
        break;
    case Metric::f1_score:
        *this = F1Score{};
        break;
    case Metric::auc:
        *this = AUC{};
        break;
    case Metric::mean_squared_error:
        *this = MeanSquaredError{};
        break;
    case Metric::mean_absolute_error:
        *this = MeanAbsoluteError{};
        break;
    case Metric::root_mean_squared_error:
        *this = RootMeanSquaredError{};
        break;
    case Metric::cosine_similarity:
        *this = CosineSimilarity{};
        break;
    }
    require<ValueError>(metric_ != nullptr, "Metric: there is no enumerator ", static_cast<int>(metric));
}

} // namespace fovea
