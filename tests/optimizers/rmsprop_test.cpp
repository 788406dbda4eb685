#include <fovea/optimizers/rmsprop.hpp>

#include "step_by_hand.hpp"

using namespace fovea;

TEST_CASE("RMSprop: steps worked out by hand", "[optimizers]") {
    const RMSprop plain{.learning_rate = 1, .rho = 0.5, .epsilon = 2};
    CHECK(plain.slots() == 1);
    OneWeight<double> weight;
    CHECK(weight.step(plain, 2) == 0); // v = 2
    CHECK(weight.step(plain, 3) == near_double(-3 / std::sqrt(7.5)));
    CHECK(weight.m[0] == 5.5);

    const RMSprop moving{.learning_rate = 1, .rho = 0.5, .momentum = 0.5, .epsilon = 2};
    CHECK(moving.slots() == 2);
    OneWeight<double> moved;
    CHECK(moved.step(moving, 2) == 0);    // v = 2, m = 1
    CHECK(moved.step(moving, 0) == -0.5); // m = 0.5
    CHECK(moved.v[0] == 0.5);
}

TEST_CASE("RMSprop: centered, with and without a momentum", "[optimizers]") {
    const RMSprop centered{.learning_rate = 1, .rho = 0.5, .epsilon = 3, .centered = true};
    CHECK(centered.slots() == 2);
    OneWeight<double> weight;
    CHECK(weight.step(centered, 2) == 0); // v = 2, a = 1
    CHECK(weight.v[0] == 1);
    const RMSprop both{.learning_rate = 1, .rho = 0.5, .momentum = 0.5, .epsilon = 3, .centered = true};
    CHECK(both.slots() == 3);
    OneWeight<double> moved;
    CHECK(moved.step(both, 2) == 0);
    CHECK(moved.v[0] == 1); // the momentum's
    CHECK(moved.a[0] == 1);
    CHECK(moved.step(both, 0) == -0.5);
}

TEST_CASE("RMSprop: centered, gradients that are always the same leave no NaN", "[optimizers]") {
    OneWeight<float> weight;
    for (int i = 0; i < 500; ++i) weight.step(RMSprop{.centered = true}, 3.3F); // v - a^2 is 0, or a rounding below
    CHECK(std::isfinite(weight.w[0]));
}

TEST_CASE("RMSprop: Keras's defaults, and options that it refuses", "[optimizers][errors]") {
    CHECK(RMSprop{}.learning_rate.at(0) == 0.001);
    CHECK(RMSprop{}.rho == 0.9);
    CHECK(refusal(RMSprop{}).empty());
    CHECK(refusal(RMSprop{.learning_rate = -1}) == "RMSprop: learning_rate must be a finite number >= 0, got -1");
    CHECK(refusal(RMSprop{.rho = 1.5}) == "RMSprop: rho must be in [0, 1], got 1.5");
    CHECK(refusal(RMSprop{.momentum = -1}) == "RMSprop: momentum must be in [0, 1], got -1");
    CHECK(refusal(RMSprop{.epsilon = 0}) == "RMSprop: epsilon must be a finite number > 0, got 0");
    CHECK(refusal(RMSprop{.clipnorm = 0}) == "RMSprop: clipnorm must be a finite number > 0, got 0");
}
