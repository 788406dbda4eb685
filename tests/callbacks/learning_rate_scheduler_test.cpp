#include <fovea/callbacks/learning_rate_scheduler.hpp>

#include "callbacks/scripted.hpp"

#include "catch.hpp"

using namespace fovea;

// recorded_callbacks_test.cpp compares its messages with Keras's.

TEST_CASE("LearningRateScheduler: each epoch is trained with its rate") {
    const Tensor<float> x{{1}};
    const Tensor<float> y{{0}};
    auto model = scripted::model(); // y = w x, w = -1: the gradient of w^2 is 2 w
    LearningRateScheduler scheduler([](Index epoch, double rate) { return epoch == 0 ? rate : 0.125; });
    model.fit(x, y, {.epochs = 2, .verbose = 0, .callbacks = {&scheduler}});
    CHECK(model.get_weights()[0][0] == 0); // -1 + 0.5 * 2, and there it stays
    CHECK(model.learning_rate() == 0.125);
    auto again = scripted::model();
    LearningRateScheduler quarter([](Index, double rate) { return rate / 2; });
    again.fit(x, y, {.epochs = 2, .verbose = 0, .callbacks = {&quarter}});
    CHECK(again.get_weights()[0][0] == -0.375F); // -1 + 0.25 * 2 = -0.5; -0.5 + 0.125 * 1
}

TEST_CASE("LearningRateScheduler: what is no learning rate is refused") {
    CHECK_THROWS_MATCHES(LearningRateScheduler(nullptr), ValueError,
                         says("LearningRateScheduler: a schedule is missing"));
    LearningRateScheduler negative([](Index, double) { return -1.0; });
    CHECK_THROWS_MATCHES(scripted::run(negative, scripted::series("loss", {1})), ValueError,
                         says("set_learning_rate: learning_rate must be"));
}
