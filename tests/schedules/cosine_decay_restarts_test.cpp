#include <fovea/schedules/cosine_decay_restarts.hpp>

#include "refused.hpp"

using namespace fovea;

TEST_CASE("CosineDecayRestarts: by hand", "[schedules]") {
    const CosineDecayRestarts decay{.initial_learning_rate = 1, .first_decay_steps = 2, .m_mul = 0.5, .alpha = 0.25};
    CHECK(decay.at(0) == 1);
    CHECK(decay.at(1) == 0.625); // half of the way from 1 to 0.25
    CHECK(decay.at(2) == 0.625); // half of the height, for 4 steps
    CHECK(decay.at(4) == 0.4375);
    CHECK(decay.at(6) == 0.4375); // a quarter of the height, for 8 steps
    CHECK(decay.at(10) == 0.34375);
    const CosineDecayRestarts even{1, 3, 1};
    for (const Index step : {0, 3, 6, 3'000'000}) CHECK(even.at(step) == 1);
    // Where the logarithms that Keras divides round to a whole number from below, a period would begin late.
    const CosineDecayRestarts third{.initial_learning_rate = 1, .first_decay_steps = 1, .t_mul = 3};
    for (Index start = 0, length = 1; start < 1'000'000; start += length, length *= 3) CHECK(third.at(start) == 1);
}

TEST_CASE("CosineDecayRestarts: what it refuses", "[schedules][errors]") {
    CHECK(refused(CosineDecayRestarts{1, 1}).empty());
    CHECK(refused(CosineDecayRestarts{-1, 1}) ==
          "CosineDecayRestarts: initial_learning_rate must be a finite number >= 0, got -1");
    CHECK(refused(CosineDecayRestarts{1, 0}) == "CosineDecayRestarts: first_decay_steps must be at least 1, got 0");
    CHECK(refused(CosineDecayRestarts{1, 1, 0.5}) ==
          "CosineDecayRestarts: t_mul must be a finite number >= 1, got 0.5");
    CHECK(refused(CosineDecayRestarts{1, 1, 1, -1}) ==
          "CosineDecayRestarts: m_mul must be a finite number >= 0, got -1");
    CHECK(refused(CosineDecayRestarts{1, 1, 1, 1, -1}) ==
          "CosineDecayRestarts: alpha must be a finite number >= 0, got -1");
}
