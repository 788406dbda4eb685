#include <string>

#include <fovea/models/callback.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

struct NamedRecorder : Callback<float> {
    std::string name;
    std::string* calls;

    NamedRecorder(std::string who, std::string& where) : name(std::move(who)), calls(&where) {}

    void on_train_begin() override { *calls += name + " begins; "; }
    void on_epoch_end(Index epoch, const Logs& logs) override {
        *calls += text(name, " epoch ", epoch, " loss ", logs.at("loss"), "; ");
    }
};

} // namespace

TEST_CASE("Callbacks: all are called in order, with what the hook is told") {
    std::string calls;
    NamedRecorder a("a", calls);
    NamedRecorder b("b", calls);
    const Callbacks<float> callbacks({&a, &b});
    callbacks(&Callback<float>::on_train_begin);
    Logs logs;
    logs["loss"] = 0.5;
    callbacks(&Callback<float>::on_epoch_end, Index{2}, logs);
    CHECK(calls == "a begins; b begins; a epoch 2 loss 0.5; b epoch 2 loss 0.5; ");
}

TEST_CASE("Callback: every hook has a default that does nothing") {
    Callback<float> callback;
    const Callbacks<float> callbacks({&callback});
    const Logs logs;
    const Index number = 0;
    CHECK_NOTHROW(callbacks(&Callback<float>::on_train_begin));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_train_end, logs));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_epoch_begin, number));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_epoch_end, number, logs));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_train_batch_begin, number));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_train_batch_end, number, logs));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_test_begin));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_test_end, logs));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_test_batch_begin, number));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_test_batch_end, number, logs));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_predict_begin));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_predict_end));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_predict_batch_begin, number));
    CHECK_NOTHROW(callbacks(&Callback<float>::on_predict_batch_end, number));
}

TEST_CASE("Callback: no model outside of fit, no null pointer among several") {
    Callback<float> callback;
    CHECK_THROWS_MATCHES(callback.model(), StateError, says("model() is there only during fit"));
    CHECK_THROWS_MATCHES(Callbacks<float>({&callback, nullptr}), ValueError, says("callbacks: got a null pointer"));
}

TEST_CASE("Callbacks: an error is offered to all, and one that takes it is enough") {
    struct Taker : Callback<float> {
        bool takes;
        int asked = 0;
        explicit Taker(bool does) : takes(does) {}
        bool on_numeric_error(Index batch, const NumericError& error) override {
            asked += batch == 3 && std::string(error.what()) == "why";
            return takes;
        }
    };
    Taker yes(true);
    Taker no(false);
    Callback<float> none;
    const NumericError error("why");
    CHECK(Callbacks<float>({&yes, &no, &none}).take(3, error));
    CHECK(yes.asked == 1);
    CHECK(no.asked == 1);
    CHECK_FALSE(Callbacks<float>({&no, &none}).take(3, error));
    CHECK_FALSE(Callbacks<float>({}).take(3, error));
}
