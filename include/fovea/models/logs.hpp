#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/core/shape.hpp>

namespace fovea {

/// Named numbers in a fixed order, such as accuracy and loss of an epoch.
class Logs {
public:
    using Entry = std::pair<std::string, double>;

    /// The number of that name, made (as 0) at the end if there is none.
    double& operator[](std::string_view name) {
        if (double* const found = find(name)) return *found;
        return entries_.emplace_back(name, 0).second;
    }

    /// Throws ValueError for a name that is not there, and lists those that are.
    double at(std::string_view name) const {
        std::string known;
        for (const auto& [key, value] : entries_) {
            if (key == name) return value;
            known += (known.empty() ? "" : ", ") + key;
        }
        throw ValueError(text("Logs: there is no \"", name, "\"; there is ", known.empty() ? "nothing" : known));
    }

    bool contains(std::string_view name) const { return const_cast<Logs*>(this)->find(name) != nullptr; }
    bool empty() const { return entries_.empty(); }
    std::size_t size() const { return entries_.size(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

private:
    double* find(std::string_view name) {
        for (auto& [key, value] : entries_)
            if (key == name) return &value;
        return nullptr;
    }

    std::vector<Entry> entries_;
};

/// What `fit` returns: for each key (accuracy, loss, val_accuracy, val_loss ...) one number an epoch.
class History {
public:
    std::vector<Index> epoch; ///< numbers of the epochs, from 0

    void add(Index number, const Logs& logs) {
        epoch.push_back(number);
        for (const auto& [key, value] : logs) series(key).push_back(value);
    }

    /// Throws ValueError for a key that is not there, and lists those that are.
    const std::vector<double>& operator[](std::string_view key) const {
        std::string known;
        for (const auto& [name, values] : series_) {
            if (name == key) return values;
            known += (known.empty() ? "" : ", ") + name;
        }
        throw ValueError(text("History: there is no \"", key, "\"; there is ", known.empty() ? "nothing" : known));
    }

    /// The last number of each key.
    Logs last() const {
        Logs logs;
        for (const auto& [name, values] : series_) logs[name] = values.back();
        return logs;
    }

    std::vector<std::string> keys() const {
        std::vector<std::string> names;
        for (const auto& [name, values] : series_) names.push_back(name);
        return names;
    }

private:
    std::vector<double>& series(const std::string& key) {
        for (auto& [name, values] : series_)
            if (name == key) return values;
        return series_.emplace_back(key, std::vector<double>{}).second;
    }

    std::vector<std::pair<std::string, std::vector<double>>> series_;
};

/// What `evaluate` returns: `const auto [loss, accuracy] = model.evaluate(test);` takes the loss and the first metric,
/// `result["top_k_categorical_accuracy"]` any of them.
struct Evaluation {
    double loss = 0;
    double metric = 0; ///< the first one; NaN if the model has none
    Logs logs;

    double operator[](std::string_view name) const { return logs.at(name); }

    template <std::size_t i>
    double get() const {
        if constexpr (i == 0)
            return loss;
        else
            return metric;
    }
};

} // namespace fovea

template <>
struct std::tuple_size<fovea::Evaluation> : std::integral_constant<std::size_t, 2> {};
template <std::size_t i>
struct std::tuple_element<i, fovea::Evaluation> {
    using type = double;
};
