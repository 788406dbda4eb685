#include <fovea/schedules/inverse_time_decay.hpp>

#include "refused.hpp"

using namespace fovea;

TEST_CASE("InverseTimeDecay: by hand", "[schedules]") {
    const InverseTimeDecay decay{.initial_learning_rate = 0.5, .decay_steps = 10, .decay_rate = 2};
    CHECK(decay.at(0) == 0.5);
    CHECK(decay.at(5) == 0.25);
    CHECK(decay.at(15) == 0.125);
    CHECK(InverseTimeDecay{0.5, 10, 1, true}.at(19) == 0.25);
}

TEST_CASE("InverseTimeDecay: what it refuses", "[schedules][errors]") {
    CHECK(refused(InverseTimeDecay{0.5, 1, 0}).empty());
    CHECK(refused(InverseTimeDecay{-1, 1, 1}) ==
          "InverseTimeDecay: initial_learning_rate must be a finite number >= 0, got -1");
    CHECK(refused(InverseTimeDecay{0.5, -3, 1}) == "InverseTimeDecay: decay_steps must be at least 1, got -3");
    CHECK(refused(InverseTimeDecay{0.5, 1, -1}) == "InverseTimeDecay: decay_rate must be a finite number >= 0, got -1");
}
