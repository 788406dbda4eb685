#include <fovea/optimizers/sgd.hpp>

#include "step_by_hand.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("SGD: the weight moves against the gradient", "[optimizers]") {
    const SGD sgd{.learning_rate = 0.25};
    CHECK(sgd.slots() == 0);
    OneWeight<float> weight;
    CHECK(weight.step(sgd, 2) == 0.5F);
    CHECK(weight.step(sgd, -1) == 0.75F);
    CHECK(SGD{}.learning_rate.at(0) == 0.01);
}

TEST_CASE("SGD: momentum", "[optimizers]") {
    const SGD sgd{.learning_rate = 0.1, .momentum = 0.9};
    CHECK(sgd.slots() == 1);
    OneWeight<double> weight;
    CHECK(weight.step(sgd, 0.5) == near_double(0.95));   // m = -0.05
    CHECK(weight.step(sgd, 0.5) == near_double(0.855));  // m = -0.045 - 0.05
    CHECK(weight.step(sgd, 0.5) == near_double(0.7195)); // m = -0.0855 - 0.05
    CHECK(weight.m[0] == near_double(-0.1355));
}

TEST_CASE("SGD: Nesterov's momentum", "[optimizers]") {
    const SGD sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true};
    OneWeight<double> weight;
    CHECK(weight.step(sgd, 0.5) == near_double(0.905));    // m = -0.05; the step is -0.045 - 0.05
    CHECK(weight.step(sgd, 0.5) == near_double(0.7695));   // m = -0.095; -0.0855 - 0.05
    CHECK(weight.step(sgd, -1.0) == near_double(0.88255)); // m = 0.0145; 0.01305 + 0.1
}

TEST_CASE("SGD: options that it refuses", "[optimizers][errors]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(refusal(SGD{}).empty());
    CHECK(refusal(SGD{.learning_rate = 0}).empty());
    CHECK(refusal(SGD{.momentum = 1, .weight_decay = 0.0}).empty());
    CHECK(refusal(SGD{.learning_rate = nan}) == "SGD: learning_rate must be a finite number >= 0, got nan");
    CHECK(refusal(SGD{.learning_rate = -nan}) == "SGD: learning_rate must be a finite number >= 0, got nan");
    CHECK(refusal(SGD{.learning_rate = -0.1}) == "SGD: learning_rate must be a finite number >= 0, got -0.1");
    CHECK(refusal(SGD{.learning_rate = infinity}) == "SGD: learning_rate must be a finite number >= 0, got inf");
    CHECK(refusal(SGD{.momentum = 1.1}) == "SGD: momentum must be in [0, 1], got 1.1");
    CHECK(refusal(SGD{.momentum = -0.5}) == "SGD: momentum must be in [0, 1], got -0.5");
    CHECK(refusal(SGD{.momentum = nan}) == "SGD: momentum must be in [0, 1], got nan");
    CHECK(refusal(SGD{.weight_decay = -0.1}) == "SGD: weight_decay must be a finite number >= 0, got -0.1");
    CHECK(refusal(SGD{.clipnorm = -1}) == "SGD: clipnorm must be a finite number > 0, got -1");
    CHECK(refusal(SGD{.clipvalue = 0}) == "SGD: clipvalue must be a finite number > 0, got 0");
    CHECK(refusal(SGD{.global_clipnorm = nan}) == "SGD: global_clipnorm must be a finite number > 0, got nan");
    CHECK(refusal(SGD{.clipnorm = 1, .clipvalue = 0.5}) ==
          "SGD: only one of clipnorm, clipvalue and global_clipnorm can be set, got clipnorm=1 and clipvalue=0.5");
    CHECK(refusal(SGD{.clipvalue = 2, .global_clipnorm = 3}) ==
          "SGD: only one of clipnorm, clipvalue and global_clipnorm can be set, got clipvalue=2 and global_clipnorm=3");
}
