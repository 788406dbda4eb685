#pragma once
#include <set>
#include <span>
#include <string>
#include <vector>

#include <fovea/models/logs.hpp>
#include <fovea/models/objective.hpp>

namespace fovea {

/// The keys of a model's numbers in logs. They are Keras's: with several outputs each has its name in front.
class LogNames {
public:
    LogNames() = default;

    /// Throws ValueError for metrics of the same name.
    template <class T>
    [[gnu::cold]] LogNames(const Objectives<T>& objectives, const std::vector<std::string>& outputs) {
        std::set<std::string> keys{"loss"};
        const auto add = [&](std::vector<std::string>& names, const std::string& name) {
            require<ValueError>(keys.insert(name).second, "compile: the name \"", name, "\" of a metric is taken");
            names.push_back(name);
        };
        for (std::size_t i = 0; i < objectives.size(); ++i) {
            const std::string prefix = objectives.size() > 1 ? outputs[i] + "_" : "";
            if (objectives.size() > 1) add(losses_, prefix + "loss");
            for (const AnyMetric<T>& metric : objectives[i].metrics)
                for (Index result = 0; result < metric.results(); ++result) add(metrics_, prefix + metric.name(result));
        }
        all_.assign(keys.begin(), keys.end());
    }

    /// Empty if there is no metric.
    std::string first_metric() const { return metrics_.empty() ? std::string() : metrics_.front(); }

    /// The numbers that sums over so many samples come to, in the order of their keys.
    template <class T>
    void write(const Objectives<T>& objectives, const Sums& sums, Index samples, Logs& logs) const {
        const auto count = static_cast<double>(samples);
        for (const std::string& key : all_) logs[key];
        logs["loss"] = sums.loss / count;
        for (std::size_t i = 0; i < losses_.size(); ++i) logs[losses_[i]] = sums.losses[i] / count;
        std::span<const double> left = sums.metrics;
        auto name = metrics_.begin();
        for (const Objective<T>& objective : objectives)
            for (const AnyMetric<T>& metric : objective.metrics) {
                const auto own = left.first(static_cast<std::size_t>(metric.sums()));
                for (Index result = 0; result < metric.results(); ++result)
                    logs[*name++] = metric.result(own, samples, result);
                left = left.subspan(own.size());
            }
    }

private:
    std::vector<std::string> all_;    ///< sorted
    std::vector<std::string> losses_; ///< of the outputs, if there are several
    std::vector<std::string> metrics_;
};

} // namespace fovea
