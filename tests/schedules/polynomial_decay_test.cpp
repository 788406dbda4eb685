#include <fovea/schedules/polynomial_decay.hpp>

#include "refused.hpp"

using namespace fovea;

TEST_CASE("PolynomialDecay: by hand", "[schedules]") {
    const PolynomialDecay decay{.initial_learning_rate = 1, .decay_steps = 4, .end_learning_rate = 0.5, .power = 2};
    CHECK(decay.at(0) == 1);
    CHECK(decay.at(2) == 0.625);
    CHECK(decay.at(4) == 0.5);
    CHECK(decay.at(1000) == 0.5);
    CHECK(PolynomialDecay{}.end_learning_rate == 0.0001);
    const PolynomialDecay cycle{1, 4, 0.5, 1, true};
    CHECK(cycle.at(4) == 0.5);
    CHECK(cycle.at(6) == 0.625); // a quarter of 8 steps is left
    CHECK(cycle.at(8) == 0.5);
    CHECK(cycle.at(9) == 0.625); // a quarter of 12
}

TEST_CASE("PolynomialDecay: what it refuses", "[schedules][errors]") {
    CHECK(refused(PolynomialDecay{1, 1}).empty());
    CHECK(refused(PolynomialDecay{-1, 1}) ==
          "PolynomialDecay: initial_learning_rate must be a finite number >= 0, got -1");
    CHECK(refused(PolynomialDecay{1, 0}) == "PolynomialDecay: decay_steps must be at least 1, got 0");
    CHECK(refused(PolynomialDecay{1, 1, -1}) ==
          "PolynomialDecay: end_learning_rate must be a finite number >= 0, got -1");
    CHECK(refused(PolynomialDecay{1, 1, 0, -2}) == "PolynomialDecay: power must be a finite number >= 0, got -2");
}
