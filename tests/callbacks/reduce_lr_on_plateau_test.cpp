#include <fovea/callbacks/reduce_lr_on_plateau.hpp>

#include "callbacks/scripted.hpp"

#include "catch.hpp"

using namespace fovea;

// recorded_callbacks_test.cpp compares it with Keras's.

TEST_CASE("ReduceLROnPlateau: Keras's defaults") {
    const ReduceLROnPlateauOptions options;
    CHECK(options.monitor == "val_loss");
    CHECK(options.factor == 0.1);
    CHECK(options.patience == 10);
    CHECK(options.verbose == 0);
    CHECK(options.mode == MonitorMode::automatic);
    CHECK(options.min_delta == 1e-4);
    CHECK(options.cooldown == 0);
    CHECK(options.min_lr == 0);
}

TEST_CASE("ReduceLROnPlateau: the rates of a fit are smaller from the next epoch on") {
    const Dataset set = networks::images(20);
    auto model = networks::small();
    networks::compile(model, SGD{.learning_rate = 0}); // so nothing ever improves
    model.set_learning_rate(1e-30);
    ReduceLROnPlateau reducer({.monitor = "loss", .factor = 0.5, .patience = 2});
    model.fit(set, {.epochs = 5, .verbose = 0, .callbacks = {&reducer}});
    CHECK(model.learning_rate() == 0.25e-30);
}

TEST_CASE("ReduceLROnPlateau: begins anew with the next fit, and warns where its number is missing") {
    ReduceLROnPlateau reducer({.factor = 0.5, .patience = 2});
    CHECK(scripted::run(reducer, scripted::series("val_loss", {1, 2})).rates == std::vector<double>{0.5, 0.5});
    CHECK(scripted::run(reducer, scripted::series("val_loss", {2, 2})).rates == std::vector<double>{0.5, 0.5});
    const scripted::Run run = scripted::run(reducer, scripted::series("loss", {1, 2, 3, 4}));
    CHECK(run.rates == std::vector<double>(4, 0.5));
    CHECK(run.warnings ==
          "WARNING: Learning rate reduction is conditioned on metric `val_loss` which is not available. "
          "Available metrics are: loss.\n");
}

TEST_CASE("ReduceLROnPlateau: arguments that make no sense") {
    CHECK_THROWS_MATCHES(ReduceLROnPlateau({.factor = 1}), ValueError,
                         says("ReduceLROnPlateau: factor must be in [0, 1), got 1"));
    CHECK_THROWS_AS(ReduceLROnPlateau({.factor = -0.5}), ValueError);
    CHECK_THROWS_MATCHES(ReduceLROnPlateau({.patience = -1}), ValueError,
                         says("patience must not be negative, got -1"));
    CHECK_THROWS_MATCHES(ReduceLROnPlateau({.cooldown = -1}), ValueError,
                         says("cooldown must not be negative, got -1"));
    CHECK_THROWS_MATCHES(ReduceLROnPlateau({.min_lr = -1}), ValueError, says("min_lr must not be negative, got -1"));
}
