#include <fovea/optimizers/all.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("optimizer_from_name: names, with or without a learning rate", "[optimizers]") {
    CHECK(optimizer_from_name<float>("sgd").name() == "SGD");
    CHECK(optimizer_from_name<float>("sgd").learning_rate() == 0.01);
    CHECK(optimizer_from_name<float>("adam").name() == "Adam");
    CHECK(optimizer_from_name<double>("Adam", 0.5).learning_rate() == 0.5);
    CHECK(optimizer_from_name<double>("AdamW").treatment().weight_decay == 0.004);
    CHECK(optimizer_from_name<double>("adamw", 0).learning_rate() == 0);
    for (const char* name : {"RMSprop", "Nadam", "Adagrad", "Adadelta", "Lion", "Muon"})
        CHECK(optimizer_from_name<float>(name).name() == name);
}

TEST_CASE("optimizer_from_name: what it refuses", "[optimizers][errors]") {
    CHECK_THROWS_AS(optimizer_from_name<float>("adamx"), ValueError);
    CHECK_THROWS_WITH(
        optimizer_from_name<float>("adamx"),
        "Optimizer: unknown name \"adamx\"; known are sgd, rmsprop, adam, adamw, nadam, adagrad, adadelta, "
        "lion, muon");
    CHECK_THROWS_AS(optimizer_from_name<float>(""), ValueError);
    CHECK_THROWS_WITH(optimizer_from_name<float>("sgd", -1), "SGD: learning_rate must be a finite number >= 0, got -1");
}
