#include <cmath>

#include <fovea/callbacks/lambda_callback.hpp>
#include <fovea/callbacks/terminate_on_nan.hpp>

#include "callbacks/scripted.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

// Batches of one sample. With w = 1e-30 the first two have the loss 1 and no gradient; the third the loss (1 + 1e20)^2,
// and a gradient of 2e20 * 1e30, which is no float.
const Tensor<float> overflowing_x{{0}, {0}, {1e30F}, {0}};
const Tensor<float> overflowing_y{{1}, {1}, {-1e20F}, {1}};

Sequential<float> overflowing() {
    Sequential<float> model{Input{1}, Dense{.units = 1, .use_bias = false}};
    model.set_weights({Tensor<float>{{1e-30F}}});
    model.compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    return model;
}

} // namespace

TEST_CASE("TerminateOnNaN: training ends with Keras's message, its hooks, and the weights before the step") {
    std::string calls;
    LambdaCallback watcher({
        .on_epoch_end =
            [&](Index epoch, const Logs& logs) {
                calls += text("epoch_end ", epoch, " loss ", logs.at("loss"), " val ", logs.at("val_loss"), "; ");
            },
        .on_train_end = [&](const Logs&) { calls += "train_end"; },
        .on_train_batch_end = [&](Index batch,
                                  const Logs& logs) { calls += text("batch_end ", batch, ' ', logs.at("loss"), "; "); },
    });
    TerminateOnNaN terminator;
    auto model = overflowing();
    const auto before = model.weights_hash();
    const networks::Output output;
    const History history = model.fit(overflowing_x, overflowing_y,
                                      {.epochs = 3,
                                       .batch_size = 1,
                                       .validation_data = Data<float>(Tensor<float>{{0}}, Tensor<float>{{2}}),
                                       .shuffle = false,
                                       .verbose = 0,
                                       .callbacks = {&terminator, &watcher}});
    CHECK_THAT(output.text(),
               contains("Batch 2: Invalid loss, terminating training\nthe gradient of dense/kernel is not finite"));
    CHECK(calls == "batch_end 0 1; batch_end 1 1; batch_end 2 nan; epoch_end 0 loss nan val 4; train_end");
    CHECK(history.epoch == std::vector<Index>{0});
    CHECK(std::isnan(history["loss"][0]));
    CHECK(history["val_loss"] == std::vector<double>{4});
    CHECK(model.weights_hash() == before);
    CHECK(model.iteration() == 2);
}

TEST_CASE("TerminateOnNaN: metrics are means over the batches before, NaN without any") {
    auto model = networks::small();
    networks::compile(model);
    Tensor<float> x(Shape{6, 6, 6, 1}, 0.5F);
    x(5, 0, 0, 0) = std::nanf("");
    const std::vector<std::int32_t> y(6, 1);
    TerminateOnNaN terminator;
    const networks::Output output;
    const History one = model.fit(x, y, {.batch_size = 4, .shuffle = false, .verbose = 0, .callbacks = {&terminator}});
    CHECK(std::isnan(one["loss"][0]));
    CHECK(std::isfinite(one["accuracy"][0]));
    CHECK_THAT(output.text(), contains("Batch 1: Invalid loss, terminating training\n") &&
                                  contains("sample 5 holds a value that is not finite (nan)"));
    const History none = model.fit(x, y, {.batch_size = 6, .shuffle = false, .verbose = 0, .callbacks = {&terminator}});
    CHECK(std::isnan(none["accuracy"][0]));
}

TEST_CASE("TerminateOnNaN: without it, and with raise_error, fit throws") {
    TerminateOnNaN raising({.raise_error = true});
    const networks::Output output;
    for (const std::vector<Callback<float>*>& callbacks :
         {std::vector<Callback<float>*>{}, std::vector<Callback<float>*>{&raising}}) {
        auto model = overflowing();
        CHECK_THROWS_MATCHES(model.fit(overflowing_x, overflowing_y,
                                       {.batch_size = 1, .shuffle = false, .verbose = 0, .callbacks = callbacks}),
                             NumericError, says("the gradient of dense/kernel is not finite"));
    }
    CHECK(output.text().empty());
}
