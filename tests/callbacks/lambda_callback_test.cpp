#include <fovea/callbacks/lambda_callback.hpp>

#include "callbacks/scripted.hpp"

#include "catch.hpp"

using namespace fovea;

TEST_CASE("LambdaCallback: each function is called in its hook's place") {
    std::string calls;
    const auto plain = [&](const char* name) { return [&calls, name] { calls += text(name, ' '); }; };
    const auto number = [&](const char* name) { return [&calls, name](Index i) { calls += text(name, i, ' '); }; };
    const auto logs = [&](const char* name) {
        return [&calls, name](const Logs& l) { calls += text(name, l.at("loss") == 1 ? " " : "? "); };
    };
    const auto both = [&](const char* name) {
        return [&calls, name](Index i, const Logs& l) { calls += text(name, i, l.at("loss") == 1 ? " " : "? "); };
    };
    LambdaCallback callback({
        .on_epoch_begin = number("epoch"),
        .on_epoch_end = both("/epoch"),
        .on_train_begin = plain("train"),
        .on_train_end = logs("/train"),
        .on_train_batch_begin = number("batch"),
        .on_train_batch_end = both("/batch"),
        .on_test_begin = plain("test"),
        .on_test_end = logs("/test"),
        .on_test_batch_begin = number("test_batch"),
        .on_test_batch_end = both("/test_batch"),
        .on_predict_begin = plain("predict"),
        .on_predict_end = plain("/predict"),
        .on_predict_batch_begin = number("predict_batch"),
        .on_predict_batch_end = number("/predict_batch"),
    });
    auto model = scripted::model();
    model.set_learning_rate(0);
    const Tensor<float> x{{1}, {1}};
    const Tensor<float> y{{0}, {0}}; // (-1 * 1 - 0)^2 = 1
    model.fit(x, y, {.batch_size = 1, .validation_data = Data<float>(x, y), .verbose = 0, .callbacks = {&callback}});
    CHECK(calls == "train epoch0 batch0 /batch0 batch1 /batch1 test test_batch0 /test_batch0 test_batch1 /test_batch1 "
                   "/test /epoch0 /train ");
    calls.clear();
    model.predict(x, {.callbacks = {&callback}});
    CHECK(calls == "predict predict_batch0 /predict_batch0 /predict ");
}

TEST_CASE("LambdaCallback: functions left out do nothing") {
    LambdaCallback callback({});
    CHECK_NOTHROW(scripted::run(callback, scripted::series("loss", {1, 2})));
}
