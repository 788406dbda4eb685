#include <fovea/optimizers/adamw.hpp>

#include "step_by_hand.hpp"

using namespace fovea;

TEST_CASE("AdamW: Adam's rule, and weight decay unless told otherwise", "[optimizers]") {
    const AdamW adamw{.learning_rate = 1, .beta_1 = 0.5, .beta_2 = 0.75, .epsilon = 0.5};
    OneWeight<double> weight;
    CHECK(weight.step(adamw, 2) == near_double(1 - 1 / 1.5)); // as in adam_test.cpp: the decay is not part of the rule
    CHECK(adamw.slots() == 2);
    CHECK(AdamW{}.learning_rate.at(0) == 0.001);
    const AnyOptimizer<double> any = AdamW{.clipvalue = 3};
    CHECK(any.name() == "AdamW");
    CHECK(any.treatment().weight_decay == 0.004);
    CHECK(any.treatment().clipvalue == 3.0);
    CHECK_FALSE(any.treatment().clipnorm);
}

TEST_CASE("AdamW: options that it refuses", "[optimizers][errors]") {
    CHECK(refusal(AdamW{}).empty());
    CHECK(refusal(AdamW{.learning_rate = -1}) == "AdamW: learning_rate must be a finite number >= 0, got -1");
    CHECK(refusal(AdamW{.weight_decay = -0.004}) == "AdamW: weight_decay must be a finite number >= 0, got -0.004");
    CHECK(refusal(AdamW{.beta_1 = 1.5}) == "AdamW: beta_1 must be in [0, 1), got 1.5");
    CHECK(refusal(AdamW{.epsilon = -1}) == "AdamW: epsilon must be a finite number > 0, got -1");
    CHECK(refusal(AdamW{.clipnorm = -1}) == "AdamW: clipnorm must be a finite number > 0, got -1");
}
