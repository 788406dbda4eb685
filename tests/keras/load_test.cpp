#include <string>
#include <vector>

#include <fovea/keras/load.hpp>
#include <fovea/models/sequential.hpp>

#include "keras/keras_files.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// A model of a recorded file, once it has been found to give Keras's outputs, in float within 1e-5.
Model<float> loaded(const std::string& name) {
    const TemporaryDirectory folder;
    const reference::Case record = keras_files::recorded(name);
    const auto path = folder.write("model.keras", keras_files::unpacked(record));
    Model<float> model = load_keras(path);
    const std::vector<Tensor<double>> expected = keras_files::outputs_of(record);
    const std::vector<Tensor<float>> actual = outputs::of(model, outputs::inputs_of(model, 2));
    REQUIRE(actual.size() == expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) CHECK(reference::worst_difference(actual[i], expected[i]) < 1e-5);
    return model;
}

std::vector<std::string> layers_of(const Model<float>& model) {
    std::vector<std::string> names;
    for (const auto& layer : model.network().layers()) names.push_back(layer.name);
    return names;
}

nlohmann::json config_of(const Model<float>& model, const std::string& layer) {
    detail::SpecWriter writer(layer);
    model.layer(layer).layer.visit_fields(writer);
    return writer.config();
}

} // namespace

TEST_CASE("load_keras: a Sequential gives Keras's outputs, and can be added to") {
    const Model<float> model = loaded("article");
    CHECK(layers_of(model) ==
          std::vector<std::string>{"conv2d", "max_pooling2d", "conv2d_1", "flatten", "dense", "dense_1"});
    CHECK(model.network().input_names() == std::vector<std::string>{"input_layer"});
    CHECK(!model.is_compiled());
    Sequential<float> longer{model};
    longer.add(Dense{2});
    CHECK(longer.network().output_shape() == Shape{2});
}

TEST_CASE("load_keras: a Sequential without Input has the shape that it was built with") {
    const Model<float> model = loaded("deferred");
    CHECK(model.name() == "deferred");
    CHECK(model.network().input_shape() == Shape{2, 3});
}

TEST_CASE("load_keras: layers that branch, meet and are shared; inputs by the order of their names") {
    Model<float> model = loaded("branching");
    CHECK(model.network().input_names() == std::vector<std::string>{"image", "numbers"});
    CHECK(model.network().output_name(0) == "label");
    CHECK(model.network().layers().size() + 1 == model.network().wiring().calls.size()); // shared: twice
    model.compile({.optimizer = SGD{}, .losses = {Loss::sparse_categorical_crossentropy, Loss::mean_squared_error}});
    const std::vector<Tensor<float>> x = outputs::inputs_of(model, 8);
    const Tensor<std::int32_t> classes{0, 1, 2, 0, 1, 2, 0, 1};
    const auto values = reference::values<float>({8, 2}, 3);
    Data<float> data(x[0], classes);
    data.add_input(x[1]).add_target(values);
    const auto before = model.get_weights();
    model.fit(data, {.epochs = 1, .verbose = 0});
    CHECK(before != model.get_weights());
}

TEST_CASE("load_keras: models inside of models become their layers, and the inner names give way") {
    const Model<float> model = loaded("nested");
    CHECK(layers_of(model) ==
          std::vector<std::string>{"dense", "other", "layer_normalization", "dense_1", "dropout", "add"});
    CHECK(model.network().wiring().calls.size() == 11); // all but add twice
}

TEST_CASE("load_keras: sums, products and the like, of tensors and numbers") {
    const Model<float> model = loaded("operations");
    std::vector<std::string> types;
    for (const auto& layer : model.network().layers()) types.emplace_back(layer.layer.type());
    CHECK(std::count(types.begin(), types.end(), "Rescaling") == 3);
    CHECK(std::count(types.begin(), types.end(), "Maximum") == 1);
}

TEST_CASE("load_keras: what is frozen stays frozen; regularizers, constraints and initializers are taken over") {
    Model<float> model = loaded("frozen");
    CHECK(!model.layer("conv2d").trainable);
    CHECK(!model.layer("batch_normalization").trainable);
    CHECK(model.layer("head").trainable);
    const nlohmann::json head = config_of(model, "head");
    CHECK(head["kernel_initializer"] == "he_normal");
    CHECK(head["bias_initializer"].dump() == R"({"class_name":"Constant","config":{"value":0.5}})");
    CHECK(head["kernel_regularizer"].dump() == R"({"class_name":"L1L2","config":{"l1":0.25,"l2":0.5}})");
    CHECK(head["bias_regularizer"].dump() == R"({"class_name":"L2","config":{"l2":0.01}})");
    CHECK(head["kernel_constraint"].dump() == R"({"class_name":"MaxNorm","config":{"axis":[0],"max_value":3.0}})");
    CHECK(head["bias_constraint"].dump() == R"({"class_name":"NonNeg","config":{}})");
    const nlohmann::json normalization = config_of(model, "batch_normalization");
    CHECK(normalization["momentum"] == 0.9);
    CHECK(normalization["center"] == false);
    // Keras can start from RandomNormal, fovea cannot; the weights are those of the file in any case.
    CHECK(config_of(model, "conv2d")["kernel_initializer"] == "glorot_uniform");
}

TEST_CASE("load_keras: as double, the numbers are the same") {
    const TemporaryDirectory folder;
    const auto path = folder.write("model.keras", keras_files::unpacked(keras_files::recorded("article")));
    const auto floats = load_keras(path).get_weights();
    const auto doubles = load_keras<double>(path).get_weights();
    REQUIRE(floats.size() == doubles.size());
    for (std::size_t i = 0; i < floats.size(); ++i)
        for (Index j = 0; j < floats[i].size(); ++j) REQUIRE(doubles[i][j] == static_cast<double>(floats[i][j]));
}
