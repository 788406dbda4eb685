#include <fovea/schedules/cosine_decay.hpp>

#include "refused.hpp"

using namespace fovea;

TEST_CASE("CosineDecay: by hand", "[schedules]") {
    const CosineDecay decay{.initial_learning_rate = 1, .decay_steps = 6};
    CHECK(decay.at(0) == 1);
    CHECK(decay.at(2) == Catch::Approx(0.75).epsilon(1e-15));
    CHECK(decay.at(3) == 0.5);
    CHECK(decay.at(6) == 0);
    CHECK(decay.at(7) == 0);
    const CosineDecay warm{
        .initial_learning_rate = 0.25, .decay_steps = 4, .alpha = 0.5, .warmup_target = 1, .warmup_steps = 3};
    CHECK(warm.at(0) == 0.25);
    CHECK(warm.at(1) == 0.5);
    CHECK(warm.at(3) == 1);
    CHECK(warm.at(5) == 0.75);
    CHECK(warm.at(7) == 0.5);
    CHECK(warm.at(700) == 0.5);
}

TEST_CASE("CosineDecay: what it refuses", "[schedules][errors]") {
    CHECK(refused(CosineDecay{1, 1}).empty());
    CHECK(refused(CosineDecay{-1, 1}) == "CosineDecay: initial_learning_rate must be a finite number >= 0, got -1");
    CHECK(refused(CosineDecay{1, 0}) == "CosineDecay: decay_steps must be at least 1, got 0");
    CHECK(refused(CosineDecay{1, 1, -1}) == "CosineDecay: alpha must be a finite number >= 0, got -1");
    CHECK(refused(CosineDecay{1, 1, 0, -1}) == "CosineDecay: warmup_target must be a finite number >= 0, got -1");
    CHECK(refused(CosineDecay{1, 1, 0, 1, -1}) == "CosineDecay: warmup_steps must be at least 0, got -1");
    CHECK(refused(CosineDecay{1, 1, 0, {}, 5}) == "CosineDecay: warmup_steps=5 without a warmup_target");
}
