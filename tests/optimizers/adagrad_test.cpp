#include <fovea/optimizers/adagrad.hpp>

#include "step_by_hand.hpp"

using namespace fovea;

TEST_CASE("Adagrad: steps worked out by hand", "[optimizers]") {
    const Adagrad adagrad{.learning_rate = 1, .initial_accumulator_value = 0.75, .epsilon = 0.5};
    CHECK(adagrad.slots() == 1);
    CHECK(adagrad.initial(0) == 0.75);
    OneWeight<double> weight;
    weight.m[0] = 0.75;
    CHECK(weight.step(adagrad, 1) == near_double(1 - 1 / 1.5));
    CHECK(weight.step(adagrad, -2) == near_double(1 - 1 / 1.5 + 2 / 2.5));
    CHECK(weight.m[0] == 5.75);
}

TEST_CASE("Adagrad: Keras's defaults, and options that it refuses", "[optimizers][errors]") {
    CHECK(Adagrad{}.initial(0) == 0.1);
    CHECK(AnyOptimizer<float>(Adagrad{}).initial(0) == 0.1);
    CHECK(refusal(Adagrad{.initial_accumulator_value = 0}).empty());
    CHECK(refusal(Adagrad{.initial_accumulator_value = -1}) ==
          "Adagrad: initial_accumulator_value must be a finite number >= 0, got -1");
    CHECK(refusal(Adagrad{.epsilon = 0}) == "Adagrad: epsilon must be a finite number > 0, got 0");
    CHECK(refusal(Adagrad{.weight_decay = -1}) == "Adagrad: weight_decay must be a finite number >= 0, got -1");
}
