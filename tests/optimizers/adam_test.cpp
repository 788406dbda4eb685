#include <fovea/optimizers/adam.hpp>

#include "step_by_hand.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("Adam: steps worked out by hand", "[optimizers]") {
    const Adam adam{.learning_rate = 1, .beta_1 = 0.5, .beta_2 = 0.75, .epsilon = 0.5};
    CHECK(adam.slots() == 2);
    OneWeight<double> weight;
    // m = 1, v = 1, alpha = sqrt(0.25) / 0.5 = 1
    CHECK(weight.step(adam, 2) == near_double(1 - 1 / 1.5));
    // m = -0.5, v = 1.75, alpha = sqrt(1 - 0.5625) / 0.75 = 0.8819171036881969, sqrt(v) = 1.3228756555322954
    CHECK(weight.step(adam, -2) == near_double(0.3333333333333333 + 0.5 * 0.8819171036881969 / 1.8228756555322954));
    CHECK(weight.m[0] == near_double(-0.5));
    CHECK(weight.v[0] == near_double(1.75));
    // m = -0.25, v = 1.3125, alpha = sqrt(1 - 0.421875) / 0.875 = 0.8689660757568884, sqrt(v) = 1.1456439237389600
    CHECK(weight.step(adam, 0) == near_double(0.3333333333333333 + 0.5 * 0.8819171036881969 / 1.8228756555322954 +
                                              0.25 * 0.8689660757568884 / 1.64564392373896));
}

TEST_CASE("Adam: with Keras's defaults the first step is as long as the learning rate", "[optimizers]") {
    const Adam adam;
    CHECK(adam.learning_rate.at(0) == 0.001);
    CHECK(adam.beta_1 == 0.9);
    CHECK(adam.beta_2 == 0.999);
    CHECK(adam.epsilon == 1e-7);
    // alpha m / (sqrt(v) + epsilon) with m = 0.05, v = 0.00025, alpha = 0.001 sqrt(0.001) / 0.1
    OneWeight<double> in_double;
    CHECK(1 - in_double.step(adam, 0.5) == Catch::Approx(9.999936754846795e-4).epsilon(1e-11));
    OneWeight<float> in_float;
    CHECK(in_float.step(adam, -0.5F) == near_float(1.001));
}

TEST_CASE("Adam: a gradient of zero moves nothing", "[optimizers]") {
    OneWeight<float> weight;
    CHECK(weight.step(Adam{.learning_rate = 1}, 0) == 1);
    CHECK(weight.step(Adam{.learning_rate = 1}, 0) == 1);
}

TEST_CASE("Adam: options that it refuses", "[optimizers][errors]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(refusal(Adam{}).empty());
    CHECK(refusal(Adam{.learning_rate = 0, .beta_1 = 0, .beta_2 = 0}).empty());
    CHECK(refusal(Adam{.learning_rate = nan}) == "Adam: learning_rate must be a finite number >= 0, got nan");
    CHECK(refusal(Adam{.learning_rate = -1}) == "Adam: learning_rate must be a finite number >= 0, got -1");
    CHECK(refusal(Adam{.beta_1 = 1}) == "Adam: beta_1 must be in [0, 1), got 1");
    CHECK(refusal(Adam{.beta_2 = -0.5}) == "Adam: beta_2 must be in [0, 1), got -0.5");
    CHECK(refusal(Adam{.beta_2 = nan}) == "Adam: beta_2 must be in [0, 1), got nan");
    CHECK(refusal(Adam{.epsilon = 0}) == "Adam: epsilon must be a finite number > 0, got 0");
    CHECK(refusal(Adam{.epsilon = nan}) == "Adam: epsilon must be a finite number > 0, got nan");
    CHECK(refusal(Adam{.weight_decay = nan}) == "Adam: weight_decay must be a finite number >= 0, got nan");
    CHECK(refusal(Adam{.clipnorm = 1, .global_clipnorm = 1}) ==
          "Adam: only one of clipnorm, clipvalue and global_clipnorm can be set, got clipnorm=1 and global_clipnorm=1");
}
