#pragma once
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/models/logs.hpp>
#include <fovea/models/state_dict.hpp>

namespace fovea {

/// Which way a monitored quantity gets better. `automatic` is Keras's "auto": it goes by the name.
enum class MonitorMode { automatic, min, max };

namespace detail {

/// The direction of a quantity whose name ends as those of Keras's losses and metrics do, `val_` and an output's name in front or not.
inline MonitorMode direction_of(std::string_view name) {
    const auto ends_with_one_of = [&](std::initializer_list<std::string_view> ends) {
        return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); });
    };
    if (ends_with_one_of({"loss", "error", "crossentropy", "hinge", "divergence", "poisson", "logcosh", "log_cosh"}))
        return MonitorMode::min;
    if (ends_with_one_of({"accuracy", "precision", "recall", "auc", "f1_score", "fbeta_score", "r2_score", "iou",
                          "io_u", "cosine_similarity", "correlation", "sensitivity", "specificity"}))
        return MonitorMode::max;
    return MonitorMode::automatic;
}

/// A line that the user should see, once the loop that it interrupts has been written out.
inline void print_message(const std::string& message) { std::cout << message << std::endl; }

/// Throws unless `value` is not negative.
inline void check_count(std::string_view owner, std::string_view field, Index value) {
    require<ValueError>(value >= 0, owner, ": ", field, " must not be negative, got ", value);
}

} // namespace detail

/// One number of the logs, and the best of it so far.
class Monitor {
public:
    /// Throws ValueError where `automatic` does not know the name.
    Monitor(std::string_view owner, std::string name, MonitorMode mode, double min_delta = 0,
            std::optional<double> best = {})
        : name_(std::move(name)), mode_(mode == MonitorMode::automatic ? detail::direction_of(name_) : mode),
          min_delta_(std::abs(min_delta)), best_(best) {
        require<ValueError>(mode_ != MonitorMode::automatic, owner, ": whether \"", name_,
                            "\" should get smaller or larger is not known; say so with mode = MonitorMode::min or max");
        require<ValueError>(std::isfinite(min_delta_), owner, ": min_delta must be finite, got ", min_delta);
    }

    const std::string& name() const { return name_; }
    std::optional<double> best() const { return best_; }

    /// Forgets the best.
    void reset() { best_.reset(); }

    /// The number in these logs. Without one, `warning` goes to std::cerr, but only the first time.
    std::optional<double> find(const Logs& logs, const std::string& warning) {
        if (logs.contains(name_)) return logs.at(name_);
        if (!warned_) std::cerr << "WARNING: " << warning << std::endl;
        warned_ = true;
        return {};
    }

    /// Whether `value` is better than `reference` by more than min_delta; any number is better than none, NaN never.
    bool is_improvement(double value, std::optional<double> reference) const {
        if (!reference) return !std::isnan(value);
        return mode_ == MonitorMode::min ? value + min_delta_ < *reference : value - min_delta_ > *reference;
    }

    /// Whether `value` is better than the best so far, which it then is itself.
    bool improve(double value) {
        const bool improved = is_improvement(value, best_);
        if (improved) best_ = value;
        return improved;
    }

    /// For checkpoints.
    void save_state(StateDict& state) const {
        state.set("monitor", name_);
        state.set("best", best_);
    }
    /// Throws DataError for the state of one that looks at another number.
    void load_state(const StateDict& state) {
        const auto name = state.get<std::string>("monitor");
        require<DataError>(name == name_, "a callback monitored ", name, ", now it is ", name_);
        best_ = state.get<std::optional<double>>("best");
    }

private:
    std::string name_;
    MonitorMode mode_;
    double min_delta_;
    std::optional<double> best_;
    bool warned_ = false;
};

namespace detail {

/// `accuracy,loss`
inline std::string joined_keys(const Logs& logs) {
    std::string all;
    for (const auto& [key, value] : logs) all += (all.empty() ? "" : ",") + key;
    return all;
}

} // namespace detail

} // namespace fovea
