#pragma once
#include <functional>

#include <fovea/models/model.hpp>

namespace fovea {

/// A function for each hook; those left out do nothing.
struct LambdaCallbackOptions {
    using Plain = std::function<void()>;
    using WithNumber = std::function<void(Index)>;
    using WithLogs = std::function<void(const Logs&)>;
    using WithBoth = std::function<void(Index, const Logs&)>;

    WithNumber on_epoch_begin = {};
    WithBoth on_epoch_end = {};
    Plain on_train_begin = {};
    WithLogs on_train_end = {};
    WithNumber on_train_batch_begin = {};
    WithBoth on_train_batch_end = {};
    Plain on_test_begin = {};
    WithLogs on_test_end = {};
    WithNumber on_test_batch_begin = {};
    WithBoth on_test_batch_end = {};
    Plain on_predict_begin = {};
    Plain on_predict_end = {};
    WithNumber on_predict_batch_begin = {};
    WithNumber on_predict_batch_end = {};
};

/// A callback made on the spot:
///
///     LambdaCallback printer({.on_epoch_end = [](Index epoch, const Logs& logs) { ... }});
template <class T = float>
class LambdaCallback : public Callback<T> {
public:
    explicit LambdaCallback(LambdaCallbackOptions functions) : functions_(std::move(functions)) {}

    void on_epoch_begin(Index epoch) override { call(functions_.on_epoch_begin, epoch); }
    void on_epoch_end(Index epoch, const Logs& logs) override { call(functions_.on_epoch_end, epoch, logs); }
    void on_train_begin() override { call(functions_.on_train_begin); }
    void on_train_end(const Logs& logs) override { call(functions_.on_train_end, logs); }
    void on_train_batch_begin(Index batch) override { call(functions_.on_train_batch_begin, batch); }
    void on_train_batch_end(Index batch, const Logs& logs) override {
        call(functions_.on_train_batch_end, batch, logs);
    }
    void on_test_begin() override { call(functions_.on_test_begin); }
    void on_test_end(const Logs& logs) override { call(functions_.on_test_end, logs); }
    void on_test_batch_begin(Index batch) override { call(functions_.on_test_batch_begin, batch); }
    void on_test_batch_end(Index batch, const Logs& logs) override { call(functions_.on_test_batch_end, batch, logs); }
    void on_predict_begin() override { call(functions_.on_predict_begin); }
    void on_predict_end() override { call(functions_.on_predict_end); }
    void on_predict_batch_begin(Index batch) override { call(functions_.on_predict_batch_begin, batch); }
    void on_predict_batch_end(Index batch) override { call(functions_.on_predict_batch_end, batch); }

private:
    template <class F, class... Arguments>
    static void call(const F& function, const Arguments&... arguments) {
        if (function) function(arguments...);
    }

    LambdaCallbackOptions functions_;
};

} // namespace fovea
