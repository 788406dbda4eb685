#include <fovea/models/options.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("FitOptions: Keras's defaults") {
    const FitOptions<float> options;
    CHECK(options.epochs == 1);
    CHECK(options.batch_size == 32);
    CHECK(options.shuffle);
    CHECK(options.verbose == 1);
    CHECK(options.initial_epoch == 0);
    CHECK(options.validation_split == 0);
    CHECK_FALSE(options.validation_data.has_value());
    CHECK(options.callbacks.empty());
    CHECK(options.class_weight.empty());
    CHECK(options.sample_weight.empty());
    CHECK_FALSE(options.checkpoint);
    CHECK(EvaluateOptions<float>{}.batch_size == 32);
    CHECK(EvaluateOptions<float>{}.verbose == 1);
    CHECK(PredictOptions<float>{}.batch_size == 32);
}

TEST_CASE("CompileOptions: optimizer, loss and metrics by enumerator or as aggregates") {
    const CompileOptions<float> named{
        .optimizer = Adam{}, .loss = Loss::mean_squared_error, .metrics = {Metric::accuracy}};
    CHECK(named.optimizer.name() == "Adam");
    CHECK(named.loss.name() == "mean_squared_error");
    REQUIRE(named.metrics.size() == 1);
    CHECK(named.metrics[0].name() == "accuracy");
    const CompileOptions<double> written{
        .optimizer = SGD{.learning_rate = 0.5}, .loss = MeanSquaredError{}, .metrics = {Accuracy{}}};
    CHECK(written.optimizer.learning_rate() == 0.5);
    CHECK(written.loss.name() == "mean_squared_error");
    CHECK_FALSE(static_cast<bool>(CompileOptions<float>{}.optimizer));
    CHECK_FALSE(static_cast<bool>(CompileOptions<float>{}.loss));
}
