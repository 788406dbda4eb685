#include <fovea/optimizers/nadam.hpp>

#include "step_by_hand.hpp"

using namespace fovea;

TEST_CASE("Nadam: a step worked out by hand", "[optimizers]") {
    const Nadam nadam{.learning_rate = 1, .beta_1 = 0.5, .beta_2 = 0.75, .epsilon = 0.5};
    CHECK(nadam.slots() == 2);
    OneWeight<double> weight;
    // u(1) = 0.5 * (1 - 0.48), u(2) = 0.5 * (1 - 0.4608), U(2) = 0.26 * 0.2696; m = 1, v = 1, v / (1 - 0.75) = 4
    CHECK(weight.step(nadam, 2) == near_double(1 - (0.2696 / (1 - 0.070096) + 0.74 * 2 / 0.74) / 2.5));
    CHECK(weight.m[0] == 1);
    CHECK(weight.v[0] == 1);
}

TEST_CASE("Nadam: any iteration's step is that of the product kept up from the first", "[optimizers]") {
    for (const double beta : {0.9, 0.999}) {
        double product = 1;
        for (Index t = 1; t <= 3000; ++t) {
            product *= beta * (1 - 0.5 * std::pow(0.96, t));
            if (t % 100 != 0 && t > 20) continue;
            const double now = beta * (1 - 0.5 * std::pow(0.96, t)), next = beta * (1 - 0.5 * std::pow(0.96, t + 1));
            OneWeight<double> weight;
            weight.iteration = t - 1;
            const double moved = weight.step(Nadam{.learning_rate = 1, .beta_1 = beta}, 1);
            const double direction = (1 - beta) * next / (1 - product * next) + (1 - now) / (1 - product);
            const double size = std::sqrt(0.001 / (1 - std::pow(0.999, t))) + 1e-7;
            // Thousands of products are rounded on either side.
            CHECK(1 - moved == Catch::Approx(direction / size).epsilon(1e-11));
        }
    }
}

TEST_CASE("Nadam: Keras's defaults, and options that it refuses", "[optimizers][errors]") {
    CHECK(Nadam{}.learning_rate.at(0) == 0.001);
    CHECK(refusal(Nadam{}).empty());
    CHECK(refusal(Nadam{.beta_1 = 1}) == "Nadam: beta_1 must be in [0, 1), got 1");
    CHECK(refusal(Nadam{.beta_2 = -1}) == "Nadam: beta_2 must be in [0, 1), got -1");
    CHECK(refusal(Nadam{.epsilon = 0}) == "Nadam: epsilon must be a finite number > 0, got 0");
}
