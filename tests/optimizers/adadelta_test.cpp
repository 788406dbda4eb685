#include <fovea/optimizers/adadelta.hpp>

#include "step_by_hand.hpp"

using namespace fovea;

TEST_CASE("Adadelta: steps worked out by hand", "[optimizers]") {
    const Adadelta adadelta{.learning_rate = 0.5, .rho = 0.5, .epsilon = 2};
    CHECK(adadelta.slots() == 2);
    OneWeight<double> weight;
    CHECK(weight.step(adadelta, 2) == near_double(1 - std::sqrt(0.5))); // a = 2, move = sqrt(2) * 2 / 2
    CHECK(weight.m[0] == 2);
    CHECK(weight.v[0] == near_double(1));
    CHECK(weight.step(adadelta, 1) == near_double(1 - std::sqrt(0.5) - 0.5 * std::sqrt(3 / 3.5))); // a = 1.5
    CHECK(weight.v[0] == near_double(0.5 + 0.5 * 3 / 3.5));
}

TEST_CASE("Adadelta: Keras's defaults, and options that it refuses", "[optimizers][errors]") {
    CHECK(Adadelta{}.learning_rate.at(0) == 0.001);
    CHECK(Adadelta{}.rho == 0.95);
    CHECK(refusal(Adadelta{}).empty());
    CHECK(refusal(Adadelta{.rho = -0.5}) == "Adadelta: rho must be in [0, 1], got -0.5");
    CHECK(refusal(Adadelta{.epsilon = -1}) == "Adadelta: epsilon must be a finite number > 0, got -1");
    CHECK(refusal(Adadelta{.clipnorm = 1, .clipvalue = 2}) ==
          "Adadelta: only one of clipnorm, clipvalue and global_clipnorm can be set, got clipnorm=1 and clipvalue=2");
}
