#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fovea/keras/compile.hpp>

#include "keras/keras_files.hpp"

#include "catch.hpp"

using namespace fovea;
using keras::Json;

namespace {

/// A recorded file in which the words of `compile` are others. Those of the tests are what Keras 3.15.1 writes.
std::string with_settings(const std::string& name, const std::function<void(Json&)>& change) {
    const TemporaryDirectory folder;
    const keras::ZipReader archive(folder.write("model.keras", keras_files::unpacked(keras_files::recorded(name))));
    Json config = Json::parse(archive.read("config.json", 1 << 20));
    change(config["compile_config"]);
    return keras::zip_of(
        {{"config.json", config.dump()}, {"model.weights.h5", archive.read("model.weights.h5", 1 << 20)}});
}

Model<float> compiled(const std::string& bytes) {
    const TemporaryDirectory folder;
    const auto path = folder.write("model.keras", bytes);
    Model<float> model = load_keras(path);
    compile_as_in_keras(model, path);
    return model;
}

Json optimizer(const char* type, const Json& options) {
    Json config = {{"name", "o"},
                   {"learning_rate", 0.0010000000474974513},
                   {"weight_decay", nullptr},
                   {"clipnorm", nullptr},
                   {"global_clipnorm", nullptr},
                   {"clipvalue", nullptr},
                   {"use_ema", false},
                   {"ema_momentum", 0.99},
                   {"ema_overwrite_frequency", nullptr},
                   {"amsgrad", false},
                   {"loss_scale_factor", nullptr},
                   {"gradient_accumulation_steps", nullptr}};
    config.update(options);
    return {{"module", "keras.optimizers"}, {"class_name", type}, {"config", config}, {"registered_name", nullptr}};
}

Json object(const char* type, const Json& options) {
    return {{"module", "keras.losses"}, {"class_name", type}, {"config", options}, {"registered_name", nullptr}};
}

const Tensor<std::int32_t> labels{0, 1, 2, 0, 1, 2, 0, 1};

/// The weights after three steps.
std::uint64_t trained(Model<float> model) {
    const auto x = outputs::inputs_of(model, 8);
    for (int step = 0; step < 3; ++step) model.train_on_batch({x[0], labels});
    return model.weights_hash();
}

std::string refusal_by(const std::function<void(Json&)>& change) {
    try {
        compiled(with_settings("article", change));
    } catch (const DataError& error) {
        return error.what();
    }
    return "nothing is refused";
}

} // namespace

TEST_CASE("compile_as_in_keras: optimizer, loss and metrics are those of the file") {
    const auto model = compiled(keras_files::unpacked(keras_files::recorded("article")));
    REQUIRE(model.is_compiled());
    CHECK(model.learning_rate() == 0.001);
    CHECK(model.first_metric() == "accuracy");
    CHECK(model.objectives().at(0).loss.name() == "sparse_categorical_crossentropy");
}

TEST_CASE("compile_as_in_keras: every optimizer with its options trains as if it had been named here") {
    const std::vector<std::pair<Json, AnyOptimizer<float>>> optimizers{
        {optimizer("Adam", {{"beta_1", 0.8}, {"beta_2", 0.99}, {"epsilon", 1e-5}, {"clipnorm", 1.0}}),
         Adam{.beta_1 = 0.8, .beta_2 = 0.99, .epsilon = 1e-5, .clipnorm = 1}},
        {optimizer("AdamW", {{"weight_decay", 0.5}, {"beta_1", 0.9}}), AdamW{.weight_decay = 0.5}},
        {optimizer("SGD", {{"momentum", 0.5}, {"nesterov", true}, {"clipvalue", 0.25}}),
         SGD{.learning_rate = 0.001, .momentum = 0.5, .nesterov = true, .clipvalue = 0.25}},
        {optimizer("RMSprop", {{"rho", 0.5}, {"momentum", 0.5}, {"epsilon", 1e-3}, {"centered", true}}),
         RMSprop{.rho = 0.5, .momentum = 0.5, .epsilon = 1e-3, .centered = true}},
        {optimizer("Nadam", {{"use_ema", true}, {"ema_momentum", 0.5}, {"ema_overwrite_frequency", 2}}),
         Nadam{.use_ema = true, .ema_momentum = 0.5, .ema_overwrite_frequency = 2}},
        {optimizer("Adagrad", {{"initial_accumulator_value", 0.5}}), Adagrad{.initial_accumulator_value = 0.5}},
        {optimizer("Adadelta", {{"rho", 0.5}, {"global_clipnorm", 0.5}}), Adadelta{.rho = 0.5, .global_clipnorm = 0.5}},
        {optimizer("Lion", {{"beta_2", 0.5}, {"gradient_accumulation_steps", 2}}),
         Lion{.beta_2 = 0.5, .gradient_accumulation_steps = 2}},
        {optimizer("Muon",
                   {{"weight_decay", 0.25}, {"exclude_layers", {"dense_1"}}, {"ns_steps", 3}, {"momentum", 0.5}}),
         Muon{.weight_decay = 0.25, .exclude_layers = {"dense_1"}, .momentum = 0.5, .ns_steps = 3}},
        {optimizer("SGD", {{"learning_rate", object("ExponentialDecay", {{"initial_learning_rate", 0.1},
                                                                         {"decay_steps", 2},
                                                                         {"decay_rate", 0.5},
                                                                         {"staircase", true}})}}),
         SGD{.learning_rate = ExponentialDecay{0.1, 2, 0.5, true}}},
        {optimizer("SGD", {{"learning_rate", object("CosineDecay", {{"initial_learning_rate", 0.1},
                                                                    {"decay_steps", 5},
                                                                    {"alpha", 0.25},
                                                                    {"warmup_target", 0.5},
                                                                    {"warmup_steps", 2}})}}),
         SGD{.learning_rate = CosineDecay{0.1, 5, 0.25, 0.5, 2}}},
        {optimizer("SGD", {{"learning_rate",
                            object("PiecewiseConstantDecay", {{"boundaries", {0, 1}}, {"values", {0.1, 0.2, 0.3}}})}}),
         SGD{.learning_rate = PiecewiseConstantDecay{{0, 1}, {0.1, 0.2, 0.3}}}}};
    for (const auto& entry : optimizers) {
        const Json& written = entry.first;
        INFO(written.dump());
        auto as_written = compiled(with_settings("article", [&](Json& config) { config["optimizer"] = written; }));
        auto by_hand = as_written;
        by_hand.compile({.optimizer = entry.second, .loss = Loss::sparse_categorical_crossentropy});
        const std::uint64_t hash = trained(as_written);
        CHECK(hash == trained(by_hand));
        CHECK(hash != as_written.weights_hash());
    }
}

TEST_CASE("compile_as_in_keras: losses with options, their weights, and metrics of several outputs") {
    auto model = compiled(with_settings("branching", [](Json& config) {
        config = {{"optimizer", optimizer("SGD", Json::object())},
                  {"loss",
                   {{"label",
                     object("SparseCategoricalCrossentropy",
                            {{"from_logits", true}, {"reduction", "sum_over_batch_size"}, {"ignore_class", nullptr}})},
                    {"value", object("Huber", {{"delta", 0.5}})}}},
                  {"loss_weights", {2.0, 0.5}},
                  {"metrics", {{"accuracy", object("SparseTopKCategoricalAccuracy", {{"k", 2}})}, "mae"}},
                  {"weighted_metrics", nullptr}};
    }));
    auto by_hand = model;
    by_hand.compile({.optimizer = SGD{},
                     .losses = {SparseCategoricalCrossentropy{.from_logits = true}, Huber{.delta = 0.5}},
                     .loss_weights = {2, 0.5},
                     .output_metrics = {{Accuracy{}, SparseTopKCategoricalAccuracy{.k = 2}}, {MeanAbsoluteError{}}}});
    const auto x = outputs::inputs_of(model, 8);
    const auto values = reference::values<float>({8, 2}, 3);
    Data<float> data(x[0], labels);
    data.add_input(x[1]).add_target(values);
    const Logs is = model.test_on_batch(data), was = by_hand.test_on_batch(data);
    CHECK(std::vector(is.begin(), is.end()) == std::vector(was.begin(), was.end()));
    CHECK(std::distance(is.begin(), is.end()) >= 5);
}

TEST_CASE("compile_as_in_keras: accuracy of one number is that of two classes, as in Keras") {
    const auto model = compiled(with_settings("operations", [](Json& config) {
        config = {{"optimizer", optimizer("SGD", Json::object())}, {"loss", "mse"}, {"metrics", {"acc"}}};
    }));
    CHECK(model.first_metric() == "accuracy");
}

TEST_CASE("compile_as_in_keras: what fovea does not have is named") {
    const auto set = [](const char* field, const Json& value) {
        return refusal_by([&](Json& config) { config[field] = value; });
    };
    CHECK_THAT(set("optimizer", optimizer("Ftrl", Json::object())), contains("(Ftrl): fovea has no such optimizer"));
    CHECK_THAT(set("optimizer", optimizer("Adam", {{"amsgrad", true}})), contains("(Adam): amsgrad=true"));
    CHECK_THAT(set("optimizer", optimizer("Adam", {{"beta_1", "x"}})), contains("(Adam): beta_1=\"x\""));
    CHECK_THAT(set("optimizer", optimizer("Adam", {{"beta_1", 2}})), contains("beta_1"));
    CHECK_THAT(set("optimizer", optimizer("Adam", {{"ema_overwrite_frequency", 2.5}})), contains("=2.5"));
    CHECK_THAT(set("optimizer", optimizer("Adam", {{"learning_rate", object("Mine", Json::object())}})),
               contains("(Mine): fovea has no such schedule"));
    CHECK_THAT(set("loss", "poisson"), contains("\"poisson\""));
    CHECK_THAT(set("loss", object("Poisson", Json::object())), contains("(Poisson): fovea has no such loss"));
    CHECK_THAT(set("loss", object("MeanSquaredError", {{"reduction", "sum"}})), contains("reduction=\"sum\""));
    CHECK_THAT(set("loss", nullptr), contains("an output has no loss"));
    CHECK_THAT(set("loss", {"mse", "mse"}), contains("the model has 1 outputs, got 2"));
    CHECK_THAT(set("metrics", {"sensitivity"}), contains("\"sensitivity\""));
    CHECK_THAT(set("weighted_metrics", {"mse"}), contains("weighted_metrics are not supported"));
    CHECK_THAT(set("optimizer", 3), contains("expected an object"));
    CHECK_THAT(refusal_by([](Json& config) { config = nullptr; }), contains("was not compiled in Keras"));
}
