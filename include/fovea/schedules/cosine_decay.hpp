#pragma once
#include <algorithm>
#include <optional>

#include <fovea/core/math.hpp>
#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// Along half a period of the cosine from initial_learning_rate to alpha times that in decay_steps (Loshchilov and Hutter 2016),
/// and constant from there on. With a warmup_target it first grows, evenly and in warmup_steps, to that, which then takes the place
/// of the initial one.
struct CosineDecay {
    double initial_learning_rate = 0;
    Index decay_steps = 0;
    double alpha = 0;
    std::optional<double> warmup_target{};
    Index warmup_steps = 0;

    static constexpr std::string_view name = "CosineDecay";

    void check() const {
        detail::check_not_negative(name, "initial_learning_rate", initial_learning_rate);
        detail::check_steps(name, "decay_steps", decay_steps);
        detail::check_not_negative(name, "alpha", alpha);
        detail::check_option(warmup_steps >= 0, name, "warmup_steps", "at least 0", static_cast<double>(warmup_steps));
        require<ValueError>(warmup_target || warmup_steps == 0, name, ": warmup_steps=", warmup_steps,
                            " without a warmup_target");
        if (warmup_target) detail::check_not_negative(name, "warmup_target", *warmup_target);
    }

    double at(Index step) const {
        const Index warmup = warmup_target ? warmup_steps : 0;
        const double top = warmup_target.value_or(initial_learning_rate);
        if (step < warmup) {
            const double done = static_cast<double>(step) / static_cast<double>(warmup);
            return std::fma(top - initial_learning_rate, done, initial_learning_rate);
        }
        const double done =
            static_cast<double>(std::min(step - warmup, decay_steps)) / static_cast<double>(decay_steps);
        return top * std::fma(1 - alpha, 0.5 * (1 + math::cos_pi(done)), alpha);
    }
};

static_assert(Schedule<CosineDecay>);

} // namespace fovea
