#pragma once
#include <fovea/core/math.hpp>
#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// Half periods of the cosine one after another, each from its top to alpha * initial_learning_rate (Loshchilov and Hutter 2016).
/// The first takes first_decay_steps from initial_learning_rate on; each further one takes t_mul times as long, from m_mul
/// times the height above the bottom.
struct CosineDecayRestarts {
    double initial_learning_rate = 0;
    Index first_decay_steps = 0;
    double t_mul = 2;
    double m_mul = 1;
    double alpha = 0;

    static constexpr std::string_view name = "CosineDecayRestarts";

    void check() const {
        detail::check_not_negative(name, "initial_learning_rate", initial_learning_rate);
        detail::check_steps(name, "first_decay_steps", first_decay_steps);
        detail::check_option(std::isfinite(t_mul) && t_mul >= 1, name, "t_mul", "a finite number >= 1", t_mul);
        detail::check_not_negative(name, "m_mul", m_mul);
        detail::check_not_negative(name, "alpha", alpha);
    }

    double at(Index step) const {
        double done = static_cast<double>(step) / static_cast<double>(first_decay_steps); // of the present period
        Index restarts = 0;
        if (t_mul == 1) {
            restarts = static_cast<Index>(done);
            done -= static_cast<double>(restarts);
        }
        // By division, period by period: the logarithm that gives their number at once may round to the one before.
        for (; done >= 1; ++restarts) done = (done - 1) / t_mul;
        const double height = 0.5 * math::power(m_mul, restarts) * (1 + math::cos_pi(done));
        return initial_learning_rate * std::fma(1 - alpha, height, alpha);
    }
};

static_assert(Schedule<CosineDecayRestarts>);

} // namespace fovea
