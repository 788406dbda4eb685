#pragma once
#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// initial_learning_rate / (1 + decay_rate * step / decay_steps); with staircase, of whole multiples of decay_steps only.
struct InverseTimeDecay {
    double initial_learning_rate = 0;
    Index decay_steps = 0;
    double decay_rate = 0;
    bool staircase = false;

    static constexpr std::string_view name = "InverseTimeDecay";

    void check() const {
        detail::check_not_negative(name, "initial_learning_rate", initial_learning_rate);
        detail::check_steps(name, "decay_steps", decay_steps);
        detail::check_not_negative(name, "decay_rate", decay_rate);
    }

    double at(Index step) const {
        const double periods = static_cast<double>(step) / static_cast<double>(decay_steps);
        return initial_learning_rate / std::fma(decay_rate, staircase ? std::floor(periods) : periods, 1.0);
    }
};

static_assert(Schedule<InverseTimeDecay>);

} // namespace fovea
