#pragma once
#include <array>

#include <fovea/core/math.hpp>
#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// How a rate goes from one value to another: along half a period of the cosine, or evenly.
enum class AnnealStrategy { cosine, linear };

/// One rise and one fall over total_steps (Smith and Topin 2017), with PyTorch's defaults and its OneCycleLR's numbers, but for the
/// momentum, which stays. The rate grows from max_learning_rate / div_factor to max_learning_rate in the first pct_start of the
/// steps, and falls from there to final_div_factor below where it began; with three_phase, it first comes down as it rose.
struct OneCycle {
    double max_learning_rate = 0;
    Index total_steps = 0;
    double pct_start = 0.3;
    AnnealStrategy anneal_strategy = AnnealStrategy::cosine;
    double div_factor = 25;
    double final_div_factor = 1e4;
    bool three_phase = false;

    static constexpr std::string_view name = "OneCycle";

    void check() const {
        detail::check_not_negative(name, "max_learning_rate", max_learning_rate);
        detail::check_steps(name, "total_steps", total_steps);
        detail::check_option(0 <= pct_start && pct_start <= 1, name, "pct_start", "in [0, 1]", pct_start);
        detail::check_positive(name, "div_factor", div_factor);
        detail::check_positive(name, "final_div_factor", final_div_factor);
    }

    /// From the last step on, the final rate.
    double at(Index step) const {
        const double first = max_learning_rate / div_factor, last = first / final_div_factor;
        const double rise = pct_start * static_cast<double>(total_steps);
        const double end = static_cast<double>(total_steps - 1), now = static_cast<double>(step);
        const double top = rounded(rise) - 1;
        if (now <= top) return anneal(first, max_learning_rate, 0, top, now);
        if (!three_phase) return anneal(max_learning_rate, last, top, end, now);
        const double low = 2 * top;
        return now <= low ? anneal(max_learning_rate, first, top, low, now) : anneal(first, last, low, end, now);
    }

private:
    /// Between `from` in step `begin` and `to` in step `end`.
    double anneal(double from, double to, double begin, double end, double now) const {
        if (!(now < end)) return to;
        const double done = (now - begin) / (end - begin);
        if (anneal_strategy == AnnealStrategy::linear) return std::fma(to - from, done, from);
        return std::fma((from - to) / 2, math::cos_pi(done) + 1, to);
    }
};

static_assert(Schedule<OneCycle>);

} // namespace fovea
