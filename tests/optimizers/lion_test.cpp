#include <fovea/optimizers/lion.hpp>

#include <cmath>
#include <limits>

#include "step_by_hand.hpp"

using namespace fovea;

TEST_CASE("Lion: steps worked out by hand", "[optimizers]") {
    const Lion lion{.learning_rate = 0.25, .beta_1 = 0.5, .beta_2 = 0.75};
    CHECK(lion.slots() == 1);
    OneWeight<double> weight;
    CHECK(weight.step(lion, 2) == 0.75);
    CHECK(weight.m[0] == 0.5);
    CHECK(weight.step(lion, -0.25) == 0.5); // the momentum is still the stronger one
    CHECK(weight.m[0] == 0.3125);
    CHECK(weight.step(lion, -0.3125) == 0.5); // neither is
    CHECK(weight.step(lion, -8) == 0.75);
}

TEST_CASE("Lion: NaN does not go unnoticed", "[optimizers]") {
    OneWeight<float> weight;
    CHECK(std::isnan(weight.step(Lion{}, std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("Lion: Keras's defaults, and options that it refuses", "[optimizers][errors]") {
    CHECK(Lion{}.beta_1 == 0.9);
    CHECK(Lion{}.beta_2 == 0.99);
    CHECK(refusal(Lion{}).empty());
    CHECK(refusal(Lion{.beta_1 = 0}) == "Lion: beta_1 must be in (0, 1], got 0");
    CHECK(refusal(Lion{.beta_2 = 1.5}) == "Lion: beta_2 must be in [0, 1], got 1.5");
    CHECK(refusal(Lion{.learning_rate = -1}) == "Lion: learning_rate must be a finite number >= 0, got -1");
}
