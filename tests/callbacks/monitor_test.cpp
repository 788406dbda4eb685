#include <limits>

#include "callbacks/scripted.hpp"

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Monitor: the direction of a name is that of Keras's metric of that name") {
    for (const char* name :
         {"loss", "val_loss", "digits_loss", "mean_squared_error", "val_mean_absolute_percentage_error",
          "root_mean_squared_error", "categorical_crossentropy", "squared_hinge", "kl_divergence", "poisson"}) {
        INFO(name);
        const Monitor monitor("Test", name, MonitorMode::automatic);
        CHECK(monitor.is_improvement(1, 2));
        CHECK_FALSE(monitor.is_improvement(2, 1));
    }
    for (const char* name : {"accuracy", "val_accuracy", "sparse_top_k_categorical_accuracy", "precision", "recall",
                             "auc", "f1_score", "r2_score", "mean_io_u", "cosine_similarity"}) {
        INFO(name);
        const Monitor monitor("Test", name, MonitorMode::automatic);
        CHECK(monitor.is_improvement(2, 1));
        CHECK_FALSE(monitor.is_improvement(1, 2));
    }
}

TEST_CASE("Monitor: an unknown name needs a mode, and a mode wins over the name") {
    CHECK_THROWS_MATCHES(Monitor("EarlyStopping", "val_wellness", MonitorMode::automatic), ValueError,
                         says("EarlyStopping: whether \"val_wellness\" should get smaller or larger is not known; say "
                              "so with mode = MonitorMode::min or max"));
    CHECK(Monitor("Test", "wellness", MonitorMode::max).is_improvement(2, 1));
    CHECK(Monitor("Test", "accuracy", MonitorMode::min).is_improvement(1, 2));
    CHECK_THROWS_MATCHES(Monitor("Test", "loss", MonitorMode::min, std::numeric_limits<double>::infinity()), ValueError,
                         says("Test: min_delta must be finite, got inf"));
}

TEST_CASE("Monitor: an improvement is more than min_delta, whose sign does not matter") {
    const double delta = GENERATE(0.25, -0.25);
    Monitor loss("Test", "loss", MonitorMode::automatic, delta);
    CHECK(loss.improve(1));
    CHECK_FALSE(loss.improve(0.75));
    CHECK(loss.best() == 1.0);
    CHECK(loss.improve(0.5));
    CHECK(loss.best() == 0.5);
    Monitor accuracy("Test", "accuracy", MonitorMode::automatic, delta);
    CHECK(accuracy.improve(0.5));
    CHECK_FALSE(accuracy.improve(0.75));
    CHECK(accuracy.improve(1));
    accuracy.reset();
    CHECK_FALSE(accuracy.best().has_value());
}

TEST_CASE("Monitor: NaN is never an improvement, and any number is one over none") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    Monitor loss("Test", "loss", MonitorMode::automatic);
    CHECK_FALSE(loss.improve(nan));
    CHECK_FALSE(loss.best().has_value());
    CHECK(loss.improve(5));
    CHECK_FALSE(loss.improve(nan));
    CHECK(Monitor("Test", "loss", MonitorMode::automatic, 0, 4).best() == 4.0);
}

TEST_CASE("Monitor: its state goes to another one that looks at the same number") {
    StateDict none, some;
    Monitor loss("Test", "loss", MonitorMode::automatic);
    loss.save_state(none);
    loss.improve(0.1);
    loss.save_state(some);
    Monitor other("Test", "loss", MonitorMode::automatic);
    other.load_state(some);
    CHECK(other.best() == 0.1);
    other.load_state(none);
    CHECK_FALSE(other.best().has_value());
    Monitor accuracy("Test", "accuracy", MonitorMode::automatic);
    CHECK_THROWS_MATCHES(accuracy.load_state(some), DataError, says("monitored loss, now it is accuracy"));
}

TEST_CASE("Monitor: warns once of a number that is not there") {
    const scripted::Errors errors;
    Monitor loss("Test", "val_loss", MonitorMode::automatic);
    CHECK_FALSE(loss.find(scripted::logs({{"loss", 1}}), "there is none").has_value());
    CHECK_FALSE(loss.find({}, "there is none").has_value());
    CHECK(loss.find(scripted::logs({{"val_loss", 3}}), "there is none") == 3.0);
    CHECK(errors.text() == "WARNING: there is none\n");
}
