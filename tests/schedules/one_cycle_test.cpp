#include <fovea/schedules/one_cycle.hpp>

#include "refused.hpp"

using namespace fovea;

TEST_CASE("OneCycle: by hand", "[schedules]") {
    const OneCycle cycle{.max_learning_rate = 1,
                         .total_steps = 10,
                         .pct_start = 0.5,
                         .anneal_strategy = AnnealStrategy::linear,
                         .div_factor = 5,
                         .final_div_factor = 2};
    CHECK(cycle.at(0) == Catch::Approx(0.2));
    CHECK(cycle.at(1) == Catch::Approx(0.4));
    CHECK(cycle.at(4) == 1);
    CHECK(cycle.at(9) == Catch::Approx(0.1));
    CHECK(cycle.at(10) == cycle.at(9)); // where PyTorch's throws
    const OneCycle defaults{.max_learning_rate = 1, .total_steps = 20};
    CHECK(defaults.at(0) == Catch::Approx(0.04).epsilon(1e-15));
    CHECK(defaults.at(5) == 1);
    CHECK(defaults.at(19) == 0.04 / 1e4);
    CHECK(OneCycle{1, 1, 0}.at(0) == 0.04 / 1e4); // no division by zero where there is no way to go
    CHECK(OneCycle{1, 10, 0.1}.at(0) == 1);
}

TEST_CASE("OneCycle: what it refuses", "[schedules][errors]") {
    CHECK(refused(OneCycle{1, 1}).empty());
    CHECK(refused(OneCycle{-1, 1}) == "OneCycle: max_learning_rate must be a finite number >= 0, got -1");
    CHECK(refused(OneCycle{1, 0}) == "OneCycle: total_steps must be at least 1, got 0");
    CHECK(refused(OneCycle{1, 1, 1.5}) == "OneCycle: pct_start must be in [0, 1], got 1.5");
    CHECK(refused(OneCycle{1, 1, 0.3, AnnealStrategy::cosine, 0}) ==
          "OneCycle: div_factor must be a finite number > 0, got 0");
    CHECK(refused(OneCycle{1, 1, 0.3, AnnealStrategy::cosine, 1, -1}) ==
          "OneCycle: final_div_factor must be a finite number > 0, got -1");
}
