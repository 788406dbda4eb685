#include <type_traits>

#include <fovea/models/logs.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Logs: numbers keep the order in which they came") {
    Logs logs;
    CHECK(logs.empty());
    logs["loss"] = 2;
    logs["accuracy"] = 0.5;
    logs["loss"] += 1;
    CHECK(logs.size() == 2);
    CHECK(logs.at("loss") == 3);
    CHECK(logs.contains("accuracy"));
    CHECK_FALSE(logs.contains("val_loss"));
    std::string keys;
    for (const auto& [key, value] : logs) keys += key + " ";
    CHECK(keys == "loss accuracy ");
    CHECK(logs["new"] == 0);
}

TEST_CASE("Logs: an unknown name is refused with those that are known") {
    Logs logs;
    CHECK_THROWS_MATCHES(logs.at("loss"), ValueError, says("there is no \"loss\"; there is nothing"));
    logs["loss"] = 1;
    logs["accuracy"] = 1;
    CHECK_THROWS_MATCHES(logs.at("acc"), ValueError, says("Logs: there is no \"acc\"; there is loss, accuracy"));
}

TEST_CASE("History: a series for each key") {
    History history;
    Logs logs;
    logs["accuracy"] = 0.5;
    logs["loss"] = 2;
    history.add(3, logs);
    logs["accuracy"] = 0.75;
    logs["loss"] = 1;
    history.add(4, logs);
    CHECK(history.epoch == std::vector<Index>{3, 4});
    CHECK(history.keys() == std::vector<std::string>{"accuracy", "loss"});
    CHECK(history["accuracy"] == std::vector<double>{0.5, 0.75});
    CHECK(history["loss"] == std::vector<double>{2, 1});
    const Logs last = history.last();
    CHECK(last.size() == 2);
    CHECK(last.at("accuracy") == 0.75);
    CHECK(last.at("loss") == 1);
    CHECK(History{}.last().empty());
    CHECK_THROWS_MATCHES(history["val_loss"], ValueError,
                         says("History: there is no \"val_loss\"; there is accuracy, loss"));
    CHECK_THROWS_MATCHES(History{}["loss"], ValueError, says("there is nothing"));
}

TEST_CASE("Evaluation: loss and first metric as a pair, and any by name") {
    Evaluation evaluation{0.25, 0.875, {}};
    evaluation.logs["accuracy"] = 0.875;
    evaluation.logs["loss"] = 0.25;
    const auto [loss, accuracy] = evaluation;
    CHECK(loss == 0.25);
    CHECK(accuracy == 0.875);
    CHECK(evaluation["accuracy"] == 0.875);
    CHECK(evaluation["loss"] == 0.25);
    CHECK_THROWS_AS(evaluation["f1"], ValueError);
    static_assert(std::tuple_size_v<Evaluation> == 2);
    static_assert(std::is_same_v<std::tuple_element_t<1, Evaluation>, double>);
}
