#include <fovea/schedules/exponential_decay.hpp>

#include <limits>

#include "refused.hpp"

using namespace fovea;

TEST_CASE("ExponentialDecay: by hand", "[schedules]") {
    const ExponentialDecay decay{.initial_learning_rate = 0.5, .decay_steps = 10, .decay_rate = 0.25};
    CHECK(decay.at(0) == 0.5);
    CHECK(decay.at(5) == Catch::Approx(0.25).epsilon(1e-15));
    CHECK(decay.at(30) == 0.0078125);
    CHECK(decay.at(1'000'000'000) == 0);
    const ExponentialDecay stairs{0.5, 10, 0.25, true};
    CHECK(stairs.at(9) == 0.5);
    CHECK(stairs.at(10) == 0.125);
    CHECK(stairs.at(19) == 0.125);
}

TEST_CASE("ExponentialDecay: what it refuses", "[schedules][errors]") {
    CHECK(refused(ExponentialDecay{0.5, 1, 0}).empty());
    CHECK(refused(ExponentialDecay{-0.5, 1, 1}) ==
          "ExponentialDecay: initial_learning_rate must be a finite number >= 0, got -0.5");
    CHECK(refused(ExponentialDecay{0.5, 0, 1}) == "ExponentialDecay: decay_steps must be at least 1, got 0");
    CHECK(refused(ExponentialDecay{0.5, 1, std::numeric_limits<double>::quiet_NaN()}) ==
          "ExponentialDecay: decay_rate must be a finite number >= 0, got nan");
}
