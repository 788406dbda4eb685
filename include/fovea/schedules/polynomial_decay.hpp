#pragma once
#include <algorithm>

#include <fovea/core/math.hpp>
#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// From initial_learning_rate to end_learning_rate in decay_steps, as (1 - step / decay_steps)^power, and constant from there on.
/// With cycle, decay_steps is doubled, tripled ... instead whenever the end is passed: the rate jumps up, each time to less.
struct PolynomialDecay {
    double initial_learning_rate = 0;
    Index decay_steps = 0;
    double end_learning_rate = 0.0001;
    double power = 1;
    bool cycle = false;

    static constexpr std::string_view name = "PolynomialDecay";

    void check() const {
        detail::check_not_negative(name, "initial_learning_rate", initial_learning_rate);
        detail::check_steps(name, "decay_steps", decay_steps);
        detail::check_not_negative(name, "end_learning_rate", end_learning_rate);
        detail::check_not_negative(name, "power", power);
    }

    double at(Index step) const {
        const Index cycles = cycle ? std::max<Index>(1, (step + decay_steps - 1) / decay_steps) : 1;
        const Index end = decay_steps * cycles;
        const double done = static_cast<double>(std::min(step, end)) / static_cast<double>(end);
        return std::fma(initial_learning_rate - end_learning_rate, math::pow(1 - done, power), end_learning_rate);
    }
};

static_assert(Schedule<PolynomialDecay>);

} // namespace fovea
