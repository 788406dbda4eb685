#pragma once
#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/metrics/accuracy.hpp>
#include <fovea/metrics/top_k_accuracy.hpp>

namespace fovea {

/// The metrics with their default settings: `.metrics = {Metric::accuracy}` says the same as `.metrics = {Accuracy{}}`.
enum class Metric { accuracy, top_k_categorical_accuracy, sparse_top_k_categorical_accuracy };

namespace detail {
inline constexpr std::array<std::pair<Metric, std::string_view>, 3> metric_names{
    {{Metric::accuracy, Accuracy::name},
     {Metric::top_k_categorical_accuracy, TopKCategoricalAccuracy::name},
     {Metric::sparse_top_k_categorical_accuracy, SparseTopKCategoricalAccuracy::name}}};
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
    }
    require<ValueError>(metric_ != nullptr, "Metric: there is no enumerator ", static_cast<int>(metric));
}

} // namespace fovea
