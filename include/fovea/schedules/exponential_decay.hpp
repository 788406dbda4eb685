#pragma once
#include <fovea/core/math.hpp>
#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// initial_learning_rate * decay_rate^(step / decay_steps); with staircase, of whole multiples of decay_steps only.
struct ExponentialDecay {
    double initial_learning_rate = 0;
    Index decay_steps = 0;
    double decay_rate = 0;
    bool staircase = false;

    static constexpr std::string_view name = "ExponentialDecay";

    void check() const {
        detail::check_not_negative(name, "initial_learning_rate", initial_learning_rate);
        detail::check_steps(name, "decay_steps", decay_steps);
        detail::check_not_negative(name, "decay_rate", decay_rate);
    }

    double at(Index step) const {
        const double periods = static_cast<double>(step) / static_cast<double>(decay_steps);
        return initial_learning_rate * math::pow(decay_rate, staircase ? std::floor(periods) : periods);
    }
};

static_assert(Schedule<ExponentialDecay>);

} // namespace fovea
