#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fovea/keras/load.hpp>
#include <fovea/keras/save.hpp>
#include <fovea/models/sequential.hpp>

#include "keras/keras_files.hpp"

#include "catch.hpp"

using namespace fovea;
using keras::Json;

namespace {

/// The entries of a .keras file.
struct Entries {
    std::string config;
    std::string weights;

    explicit Entries(const std::string& name) {
        const TemporaryDirectory folder;
        const keras::ZipReader archive(folder.write("model.keras", keras_files::unpacked(keras_files::recorded(name))));
        config = archive.read("config.json", 1 << 20);
        weights = archive.read("model.weights.h5", 1 << 20);
    }

    std::string file() const { return keras::zip_of({{"config.json", config}, {"model.weights.h5", weights}}); }
};

/// The message of what load_keras throws for these bytes.
std::string refusal_of(const std::string& bytes, const LoadKerasOptions& options = {}) {
    const TemporaryDirectory folder;
    try {
        load_keras(folder.write("model.keras", bytes), options);
    } catch (const DataError& error) {
        return error.what();
    }
    return "nothing is refused";
}

/// The same for a recorded file whose config has been changed.
std::string refusal_of(const std::string& name, const std::function<void(Json&)>& change) {
    Entries entries(name);
    Json config = Json::parse(entries.config);
    change(config["config"]);
    entries.config = config.dump();
    return refusal_of(entries.file());
}

/// For the article's network, whose layer 1 is a Conv2D and layer 6 a Dense, with another option.
std::string refused_option(std::size_t layer, const char* option, const Json& value) {
    return refusal_of("article", [&](Json& config) { config["layers"][layer]["config"][option] = value; });
}

/// For weights that `write` has made, and a config of one Dense layer of 3 numbers to 2.
std::string refused_weights(const std::function<void(keras::Hdf5Writer&)>& write) {
    Sequential<float> model{Input{3}, Dense{.units = 2, .name = "d"}};
    const std::string config = keras::ConfigWriter<float>(model).write().config.dump();
    std::string weights;
    {
        keras::Hdf5Writer file;
        write(file);
        weights = file.bytes();
    }
    return refusal_of(keras::zip_of({{"config.json", config}, {"model.weights.h5", weights}}));
}

const std::vector<float> numbers(100, 0.5F);

} // namespace

TEST_CASE("load_keras: a file that is missing, no archive, or cut off is refused") {
    const TemporaryDirectory folder;
    CHECK_THROWS_WITH(load_keras(folder.path() / "none.keras"), contains("there is no such file"));
    CHECK_THROWS_AS(load_keras(folder.path()), DataError);
    CHECK_THAT(refusal_of(std::string("no zip archive")), contains("expected a zip archive"));
    CHECK_THAT(refusal_of(std::string()), contains("expected a zip archive"));
    const std::string whole = Entries("article").file();
    for (std::size_t size = 1; size < whole.size(); size += 101)
        CHECK_THAT(refusal_of(whole.substr(0, size)), contains("expected a zip archive"));
}

TEST_CASE("load_keras: entries that are missing, damaged, or too large are refused") {
    const Entries entries("article");
    CHECK_THAT(refusal_of(keras::zip_of({{"model.weights.h5", entries.weights}})),
               contains("config.json: there is no such entry"));
    CHECK_THAT(refusal_of(keras::zip_of({{"config.json", entries.config}})),
               contains("model.weights.h5: there is no such entry"));
    CHECK_THAT(refusal_of(keras::zip_of({{"config.json", "{"}, {"model.weights.h5", entries.weights}})),
               contains("config.json: expected JSON"));
    CHECK_THAT(refusal_of(keras::zip_of({{"config.json", entries.config}, {"model.weights.h5", "no HDF5"}})),
               contains("expected an HDF5 file"));
    std::string file = entries.file();
    file[file.find("GlorotUniform")] = 'H';
    CHECK_THAT(refusal_of(file), contains("config.json"));

    const TemporaryDirectory folder;
    const keras::ZipReader archive(folder.write("model.keras", entries.file()));
    CHECK_THROWS_WITH(archive.read("config.json", 10), contains("at most 10 are read"));
}

TEST_CASE("load_keras: a size that is not true costs no memory") {
    const Entries entries("article");
    std::string file = entries.file();
    // What the directory at the end says of the first entry: its size, behind 20 other bytes.
    const std::size_t entry = file.find("PK\x01\x02");
    for (const std::size_t field : {std::size_t{20}, std::size_t{24}})
        for (std::size_t i = 0; i < 3; ++i) file[entry + field + i] = '\x7f';
    CHECK_THAT(refusal_of(file), contains("expected a zip archive") || contains("config.json"));
}

TEST_CASE("load_keras: layers and options that fovea does not have are named") {
    CHECK_THAT(refusal_of("article", [](Json& config) { config["layers"][4]["class_name"] = "Fourier"; }),
               contains("layer \"flatten\" (Fourier): fovea has no such layer"));
    CHECK_THAT(refused_option(1, "data_format", "channels_first"),
               contains("layer \"conv2d\" (Conv2D): data_format=\"channels_first\" is not supported"));
    CHECK_THAT(refused_option(1, "activation", "softplus"), contains("\"conv2d\"") && contains("\"softplus\""));
    CHECK_THAT(refused_option(1, "activation", Json::object()), contains("activation={} is not supported"));
    CHECK_THAT(refused_option(1, "padding", "causal"), contains("\"conv2d\"") && contains("causal"));
    CHECK_THAT(refused_option(1, "activity_regularizer", "l2"), contains("activity_regularizer=\"l2\""));
    CHECK_THAT(refused_option(1, "dtype", "mixed_float16"), contains("dtype=\"mixed_float16\" is not supported"));
    CHECK_THAT(refused_option(1, "kernel_size", 3), contains("kernel_size"));
    CHECK_THAT(refused_option(1, "spectral", true), contains("spectral=true is not supported"));
    CHECK_THAT(refused_option(6, "kernel_constraint", {{"class_name", "Orthogonal"}, {"config", Json::object()}}),
               contains("Orthogonal"));
    CHECK_THAT(refusal_of("branching",
                          [](Json& config) {
                              for (Json& entry : config["layers"])
                                  if (entry["class_name"] == "BatchNormalization") entry["config"]["axis"] = 1;
                          }),
               contains("(BatchNormalization): axis=1 is not supported"));
    CHECK_THAT(refusal_of("article", [](Json& config) { config["layers"][4]["class_name"] = "RandomCrop"; }),
               contains("it does not crop in inference"));
}

TEST_CASE("load_keras: calls that fovea cannot do are refused") {
    const auto of = [](std::size_t layer, const char* field, const Json& value) {
        return refusal_of("branching", [&](Json& config) {
            for (Json& entry : config["layers"])
                if (entry["class_name"] == (layer == 0 ? "Dropout" : "BatchNormalization"))
                    entry["inbound_nodes"][0]["kwargs"][field] = value;
        });
    };
    CHECK_THAT(of(0, "training", true), contains("\"dropout\" (Dropout) is called with training=true"));
    CHECK_THAT(of(1, "training", false), contains("(BatchNormalization) is called with training=false"));
    CHECK_THAT(of(1, "mask", 3), contains("is called with mask=3"));
    CHECK_THAT(refusal_of("operations",
                          [](Json& config) {
                              for (Json& entry : config["layers"])
                                  if (entry["class_name"] == "Maximum") entry["class_name"] = "Atan2";
                          }),
               contains("(Atan2): the operation is not supported"));
}

TEST_CASE("load_keras: a config that describes no network is refused") {
    const auto refused = [](const std::function<void(Json&)>& change) { return refusal_of("nested", change); };
    CHECK_THAT(refused([](Json& c) { c["output_layers"] = Json::array(); }), contains("outputs"));
    CHECK_THAT(refused([](Json& c) { c["output_layers"][0][0] = "other"; }), contains("nothing gives the output"));
    CHECK_THAT(refused([](Json& c) { c["output_layers"][0][1] = 7; }), contains("nothing gives the output"));
    CHECK_THAT(refused([](Json& c) { c["output_layers"][1][2] = 7; }), contains("has no output 7"));
    CHECK_THAT(refused([](Json& c) { c["output_layers"] = "none"; }), contains("expected [layer, node, output]"));
    CHECK_THAT(refused([](Json& c) { c["input_layers"][0][0] = "z"; }), contains("there is no input z"));
    CHECK_THAT(refused([](Json& c) { c.erase("layers"); }), contains("\"layers\" is missing"));
    CHECK_THAT(refused([](Json& c) { c["layers"][0] = 1; }), contains("expected an object"));
    CHECK_THAT(refused([](Json& c) {
                   c["layers"][0]["config"]["batch_shape"] = {nullptr, nullptr};
               }),
               contains("has no fixed extent"));
    CHECK_THAT(refused([](Json& c) { c["layers"][0]["config"]["batch_shape"] = {nullptr, 5}; }), contains("expected"));
    CHECK_THAT(refused([](Json& c) { c["layers"][1]["config"]["name"] = "x"; }), contains("is there twice"));
    // A circle: what a layer reads is its own result.
    CHECK_THAT(refused([](Json& c) {
                   for (Json& layer : c["layers"])
                       if (layer["class_name"] == "Add")
                           layer["inbound_nodes"][0]["args"][0][0]["config"]["keras_history"] = {"add", 0, 0};
               }),
               contains("nothing gives the output of add"));
    std::string deep(1000, '[');
    CHECK_THAT(refusal_of(keras::zip_of({{"config.json", deep}})), contains("deep") || contains("expected JSON"));
}

TEST_CASE("load_keras: models that call each other twice, over and over, are refused before they are built") {
    Json inner = Json::parse(Entries("deferred").config);
    inner["config"]["layers"] = {inner["config"]["layers"][0],
                                 {{"class_name", "ReLU"}, {"config", {{"name", "relu"}, {"max_value", nullptr}}}}};
    const Json input = inner["config"]["layers"][0];
    for (int depth = 0; depth < 14; ++depth) {
        const auto tensor = [](const char* layer, int node) {
            return Json{{"class_name", "__keras_tensor__"}, {"config", {{"keras_history", {layer, node, 0}}}}};
        };
        const auto node = [](const Json& argument) {
            return Json{{"args", Json::array({argument})}, {"kwargs", Json::object()}};
        };
        inner["config"]["name"] = "m";
        Json called = inner, begin = input;
        called["inbound_nodes"] = {node(tensor("x", 0)), node(tensor("m", 0))};
        begin["config"]["name"] = "x";
        begin["inbound_nodes"] = Json::array();
        const bool functional = depth > 0;
        inner = {{"class_name", "Functional"},
                 {"config",
                  {{"name", "outer"},
                   {"layers", {begin, called}},
                   {"input_layers", {"x", 0, 0}},
                   {"output_layers", {"m", functional ? 2 : 1, 0}}}}};
    }
    CHECK_THAT(
        refusal_of(keras::zip_of({{"config.json", inner.dump()}, {"model.weights.h5", Entries("article").weights}})),
        contains("has more than 10000 calls"));
}

TEST_CASE("load_keras: weights that are missing or of another shape or type are refused, before memory is asked for") {
    using keras::Hdf5Writer;
    CHECK_THAT(refused_weights([](Hdf5Writer&) {}), contains("there is no layers/dense/vars/0"));
    CHECK_THAT(refused_weights([](Hdf5Writer& file) {
                   file.group("layers/dense/vars", "name", "d");
                   file.array("layers/dense/vars/0", {3, 3}, numbers.data());
               }),
               contains("expected layers/dense/vars/0 of shape (3, 2), got (3, 3)"));
    CHECK_THAT(refused_weights([](Hdf5Writer& file) {
                   file.group("layers/dense/vars", "name", "d");
                   file.array("layers/dense/vars/0", {6}, numbers.data());
               }),
               contains("call 0, of \"d\": expected layers/dense/vars/0 of shape (3, 2), got (6)"));
    CHECK_THAT(refused_weights([](Hdf5Writer& file) {
                   file.group("layers/dense/vars", "name", "d");
                   for (const int i : {0, 1, 2})
                       file.array(text("layers/dense/vars/", i), i == 0 ? Shape{3, 2} : Shape{2}, numbers.data());
               }),
               contains("layer \"d\" has 2 weights, the file has 3"));
    CHECK_THAT(refused_weights([](Hdf5Writer& file) { file.group("layers/dense/vars/0", "name", "d"); }),
               contains("expected an array layers/dense/vars/0"));
    CHECK_THAT(refused_weights([](Hdf5Writer& file) {
                   file.group("layers", "name", "d");
                   file.array("layers/dense", {2}, numbers.data());
               }),
               contains("is not in a group"));
    CHECK_THAT(refused_option(6, "units", 1 << 24), contains("of shape (4, 16777216), got (4, 3)"));
    CHECK_THAT(refused_option(6, "units", Index{1} << 40), contains("\"dense_1\": needs more memory"));
    CHECK_THAT(refusal_of(Entries("article").file(), {.memory_limit = 100}), contains("memory_limit"));
}

TEST_CASE("load_keras: damaged HDF5 gives a model or an error") {
    const Entries entries("operations");
    std::size_t refused = 0, loaded_anyway = 0;
    const TemporaryDirectory folder;
    for (std::size_t at = 0; at < entries.weights.size(); at += 23) {
        std::string weights = entries.weights;
        weights[at] = static_cast<char>(weights[at] ^ (at % 2 == 0 ? 0xFF : 0x10));
        const auto path = folder.write("model.keras",
                                       keras::zip_of({{"config.json", entries.config}, {"model.weights.h5", weights}}));
        try {
            load_keras(path);
            ++loaded_anyway;
        } catch (const Error&) {
            ++refused;
        }
    }
    CHECK(refused > 10);
    CHECK(loaded_anyway > 10);
}

TEST_CASE("save_keras: what Keras does not have is named, and no file is written") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "model.keras";
    Sequential<float> slashed{Input{3}, Dense{.units = 2, .name = "a/b"}};
    CHECK_THROWS_WITH(save_keras(slashed, path), contains("\"a/b\"") && contains("slash"));
    CHECK_THROWS_AS(save_keras(Sequential<float>{}, path), StateError);
    CHECK(!std::filesystem::exists(path));
}
