#include <fovea/callbacks/early_stopping.hpp>

#include "callbacks/scripted.hpp"

#include "catch.hpp"

using namespace fovea;

// recorded_callbacks_test.cpp compares it with Keras's.

TEST_CASE("EarlyStopping: Keras's defaults") {
    const EarlyStoppingOptions options;
    CHECK(options.monitor == "val_loss");
    CHECK(options.min_delta == 0);
    CHECK(options.patience == 0);
    CHECK(options.verbose == 0);
    CHECK(options.mode == MonitorMode::automatic);
    CHECK_FALSE(options.baseline.has_value());
    CHECK_FALSE(options.restore_best_weights);
    CHECK(options.start_from_epoch == 0);
}

TEST_CASE("EarlyStopping: in fit it leaves the weights of the best epoch") {
    const Dataset set = networks::images(20);
    auto stopped = networks::small();
    networks::compile(stopped, SGD{.learning_rate = 3}); // so large that the loss soon jumps about
    auto plain = stopped;
    EarlyStopping stopper({.monitor = "loss", .patience = 2, .restore_best_weights = true});
    const History history = stopped.fit(set, {.epochs = 50, .batch_size = 4, .verbose = 0, .callbacks = {&stopper}});
    REQUIRE(history.epoch.size() < 50);
    CHECK(stopper.stopped_epoch() == history.epoch.back());
    CHECK(stopper.stopped_epoch() == stopper.best_epoch() + 2);
    const auto& losses = history["loss"];
    CHECK(*stopper.best() == *std::min_element(losses.begin(), losses.end()));
    plain.fit(set, {.epochs = stopper.best_epoch() + 1, .batch_size = 4, .verbose = 0});
    CHECK(stopped.weights_hash() == plain.weights_hash());
}

TEST_CASE("EarlyStopping: begins anew with the next fit") {
    EarlyStopping stopper({.monitor = "loss"});
    CHECK(scripted::run(stopper, scripted::series("loss", {3, 2, 2, 1})).rates.size() == 3);
    CHECK(stopper.stopped_epoch() == 2);
    CHECK(scripted::run(stopper, scripted::series("loss", {5, 4})).rates.size() == 2);
    CHECK(stopper.stopped_epoch() == 0);
    CHECK(stopper.best() == 4.0);
}

TEST_CASE("EarlyStopping: without its number it warns as Keras does, and does nothing") {
    EarlyStopping stopper;
    const scripted::Run run = scripted::run(stopper, {3, scripted::logs({{"accuracy", 1}, {"loss", 1}})});
    CHECK(run.rates.size() == 3);
    CHECK(run.warnings == "WARNING: Early stopping conditioned on metric `val_loss` which is not available. Available "
                          "metrics are: accuracy,loss\n");
}

TEST_CASE("EarlyStopping: arguments that make no sense") {
    CHECK_THROWS_MATCHES(EarlyStopping({.patience = -1}), ValueError,
                         says("EarlyStopping: patience must not be negative, got -1"));
    CHECK_THROWS_MATCHES(EarlyStopping({.start_from_epoch = -2}), ValueError,
                         says("EarlyStopping: start_from_epoch must not be negative, got -2"));
    CHECK_THROWS_MATCHES(EarlyStopping({.monitor = "mood"}), ValueError, says("EarlyStopping: whether \"mood\""));
}
