#include <fovea/schedules/all.hpp>

#include <cmath>

#include "catch.hpp"
#include "reference/reference.hpp"

// The rates of Keras's schedules, and of PyTorch's OneCycleLR: reference/record_schedules.py.

using namespace fovea;

namespace {

LearningRate recorded_schedule(reference::Description d) {
    const auto set = [&](const char* key, double& member) {
        if (d.has(key)) member = d.number(key);
    };
    const auto set_flag = [&](const char* key, bool& member) {
        if (d.has(key)) member = d.flag(key);
    };
    const auto finish = [&](auto schedule) -> LearningRate {
        if constexpr (requires { schedule.initial_learning_rate; })
            set("initial_learning_rate", schedule.initial_learning_rate);
        if constexpr (requires { schedule.decay_steps; }) schedule.decay_steps = d.integer("decay_steps");
        if constexpr (requires { schedule.staircase; }) set_flag("staircase", schedule.staircase);
        if constexpr (requires { schedule.decay_rate; }) set("decay_rate", schedule.decay_rate);
        if constexpr (requires { schedule.alpha; }) set("alpha", schedule.alpha);
        if (!d.all_taken()) throw std::runtime_error(d.kind() + ": a recorded option is not looked at");
        schedule.check();
        return schedule;
    };
    if (d.kind() == "ExponentialDecay") return finish(ExponentialDecay{});
    if (d.kind() == "InverseTimeDecay") return finish(InverseTimeDecay{});
    if (d.kind() == "PiecewiseConstantDecay") {
        PiecewiseConstantDecay piecewise{.boundaries = d.integers("boundaries")};
        std::istringstream words(d.text("values"));
        for (std::string word; std::getline(words, word, ',');) piecewise.values.push_back(std::stod(word));
        return finish(piecewise);
    }
    if (d.kind() == "PolynomialDecay") {
        PolynomialDecay polynomial;
        set("end_learning_rate", polynomial.end_learning_rate);
        set("power", polynomial.power);
        set_flag("cycle", polynomial.cycle);
        return finish(polynomial);
    }
    if (d.kind() == "CosineDecay") {
        CosineDecay cosine;
        if (d.has("warmup_target")) cosine.warmup_target = d.number("warmup_target");
        if (d.has("warmup_steps")) cosine.warmup_steps = d.integer("warmup_steps");
        return finish(cosine);
    }
    if (d.kind() == "CosineDecayRestarts") {
        CosineDecayRestarts restarts{.first_decay_steps = d.integer("first_decay_steps")};
        set("t_mul", restarts.t_mul);
        set("m_mul", restarts.m_mul);
        return finish(restarts);
    }
    if (d.kind() == "OneCycle") {
        OneCycle cycle{.max_learning_rate = d.number("max_lr"), .total_steps = d.integer("total_steps")};
        set("pct_start", cycle.pct_start);
        if (d.has("anneal_strategy") && d.text("anneal_strategy") == "linear")
            cycle.anneal_strategy = AnnealStrategy::linear;
        set("div_factor", cycle.div_factor);
        set("final_div_factor", cycle.final_div_factor);
        set_flag("three_phase", cycle.three_phase);
        return finish(cycle);
    }
    throw std::runtime_error("the recorded schedule " + d.kind() + " is unknown");
}

} // namespace

TEST_CASE("schedules: the rates are Keras's and PyTorch's", "[schedules][reference]") {
    for (const reference::Case& recorded : reference::read("schedules.txt")) {
        INFO(recorded.name);
        const LearningRate schedule = recorded_schedule(recorded.description("schedule"));
        const Tensor<double>& rates = recorded.tensor("rates");
        CHECK(rates.size() >= 33);
        for (Index step = 0; step < rates.size(); ++step) {
            INFO("step " << step);
            // Nine digits are recorded, which is within 5e-9; some end at 0 but for rounding.
            CHECK(std::abs(schedule.at(step) - rates[step]) <= 5.1e-9 * rates[step] + 1e-16);
        }
    }
}
