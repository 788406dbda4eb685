#include <fovea/augment/random_crop.hpp>
#include <fovea/io/model_json.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;
using nlohmann::json;

namespace {

/// A sequential model as it is written, to be damaged.
json small_json() { return json::parse(model_to_json(networks::small())); }

template <class... Own>
void json_refused(const std::string& text, const std::string& why) {
    INFO(text.substr(0, 300));
    CHECK_THROWS_MATCHES((model_from_json<float, Own...>(text)), DataError, says("model_from_json: " + why));
}

/// With this at that place, or without what is there if it is a discarded value.
void changed_refused(const char* pointer, const json& value, const std::string& why) {
    json model = small_json();
    model[json::json_pointer(pointer)] = value;
    json_refused(model.dump(), why);
}

void erased_refused(const char* object, const char* field, const std::string& why) {
    json model = small_json();
    model[json::json_pointer(object)].erase(field);
    json_refused(model.dump(), why);
}

/// A model of one layer on an input of (4, 4, 2).
std::string one_layer(const std::string& type, const std::string& config) {
    return R"({"class_name":"Sequential","name":"s","inputs":[{"name":"i","shape":[4,4,2]}],"outputs":[1],)"
           R"("layers":[{"class_name":")" +
           type + R"(","name":"l","trainable":true,"config":)" + config + R"(}],"calls":[{"layer":"l","inputs":[0]}]})";
}

std::string conv2d(const std::string& changes) {
    json config = small_json()["layers"][0]["config"];
    config.update(json::parse(changes));
    return one_layer("Conv2D", config.dump());
}

} // namespace

TEST_CASE("model_to_json: by hand") {
    Sequential<float> model{Input{2, 3}, Flatten{.name = "flat"}, Dropout{0.5}};
    model.layer("dropout").trainable = false;
    const json expected = {
        {"class_name", "Sequential"},
        {"name", "sequential"},
        {"inputs", json::array({{{"name", "input_layer"}, {"shape", {2, 3}}}})},
        {"layers",
         {{{"class_name", "Flatten"}, {"name", "flat"}, {"trainable", true}, {"config", json::object()}},
          {{"class_name", "Dropout"}, {"name", "dropout"}, {"trainable", false}, {"config", {{"rate", 0.5}}}}}},
        {"calls", {{{"layer", "flat"}, {"inputs", {0}}}, {{"layer", "dropout"}, {"inputs", {1}}}}},
        {"outputs", {2}}};
    CHECK(json::parse(model_to_json(model)) == expected);
    model.set_fuses(false);
    CHECK(json::parse(model_to_json(model))["fuses"] == false);
}

TEST_CASE("model_to_json: wires are numbered inputs first, and a shared layer is there once") {
    Graph graph;
    const auto x = graph.input({3}, "x");
    const Shared dense{Dense{3}};
    const auto h = dense(x);
    const auto other = graph.input({3}, "other"); // behind the first call
    const auto y = Add{}(dense(h), other);
    const json model = json::parse(model_to_json(Model<float>{{other, x}, {y, h}}));
    CHECK(model["class_name"] == "Functional");
    CHECK(model["inputs"][0]["name"] == "other");
    CHECK(model["layers"].size() == 2);
    CHECK(model["calls"] == json::parse(R"([{"layer":"dense","inputs":[1]},{"layer":"dense","inputs":[2]},
                                            {"layer":"add","inputs":[3,0]}])"));
    CHECK(model["outputs"] == json({4, 2}));
}

TEST_CASE("model_from_json: the same network, and the weights that it is made with") {
    set_random_seed(5);
    const auto model = networks::branching();
    const Model<float> again = model_from_json(model_to_json(model));
    CHECK(model_to_json(again) == model_to_json(model));
    CHECK(again.weights_hash() == model.weights_hash()); // drawn by the same seed
    CHECK(again.network().wiring().wires == model.network().wiring().wires);
    CHECK(text(again.to_dot()) == model.to_dot());
    CHECK(model_from_json<double>(model_to_json(model)).count_params() == model.count_params());
    set_random_seed(0);
}

TEST_CASE("model_from_json: what is no JSON, or not that of a model") {
    json_refused("", "expected JSON in UTF-8, it is wrong near its byte 1");
    json_refused("{\"name\":", "expected JSON in UTF-8, it is wrong near its byte ");
    json_refused("{\"name\":\"\xff\"}", "expected JSON in UTF-8, it is wrong near its byte ");
    json_refused(std::string("{}\0", 3), "expected JSON in UTF-8, it is wrong near its byte 3");
    json_refused("{\"name\":1e999}", "a number is too large");
    json_refused("{\"name\":1,\"name\":2}", "the name \"name\" is there twice");
    json_refused("{\"a\":{\"name\":1,\"b\":[{}],\"name\":2}}", "the name \"name\" is there twice");
    json_refused(std::string(100'000, '['), "nested more than 16 deep");
    json_refused(std::string(100'000, '[') + std::string(100'000, ']'), "nested more than 16 deep");
    json_refused("[]", "expected an object, got []");
    json_refused("{}", "the field \"class_name\" is missing");
    changed_refused("/class_name", "Model", "unknown class_name \"Model\"");
    changed_refused("/extra", 1, "the field \"extra\" is unknown");
    changed_refused("/fuses", 1, "expected true or false for \"fuses\", got 1");
    changed_refused("/layers", json::object(), "expected a list for \"layers\", got {}");
    for (const char* field : {"name", "inputs", "layers", "calls", "outputs"})
        erased_refused("", field, std::string("the field \"") + field + "\" is missing");
}

TEST_CASE("model_from_json: inputs that are none") {
    changed_refused("/inputs", json::array(),
                    "call 0, of \"conv2d\" reads wire 0, which nothing in front of it writes");
    changed_refused("/inputs/0", 7, "an input: expected an object, got 7");
    changed_refused("/inputs/0/shape", json::array(),
                    "an input \"input_layer\": Input: expected 1 to 4 extents, got 0");
    changed_refused("/inputs/0/shape", {6, 0, 1}, "an input \"input_layer\": Input: extents must be positive");
    changed_refused("/inputs/0/shape", {6, -6, 1}, "an input \"input_layer\": Shape: extents must not be negative");
    changed_refused("/inputs/0/shape", {6, 6, 1, 1, 1}, "an input \"input_layer\": Input: expected 1 to 4 extents");
    changed_refused("/inputs/0/shape", {1 << 30, 1 << 30, 1 << 30}, "an input \"input_layer\": Shape: ");
    changed_refused("/inputs/0/shape", {1 << 20, 1 << 20, 1},
                    "an input \"input_layer\": the tensors of a sample need more memory than the memory_limit");
    changed_refused("/inputs/1", {{"name", "input_layer"}, {"shape", {1}}}, "an input: the name \"input_layer\"");
    changed_refused("/inputs/0/name", "dense", "a layer: the name \"dense\" is empty or taken");
}

TEST_CASE("model_from_json: layers that are none") {
    changed_refused("/layers/0/class_name", "Conv9D",
                    "call 0, of \"conv2d\": the layer \"Conv9D\" is unknown; one of your own must be named");
    changed_refused("/layers/0/name", "other", "call 0: there is no layer \"conv2d\"");
    changed_refused("/layers/0/name", "dense", "a layer: the name \"dense\" is empty or taken");
    changed_refused("/layers/0/name", "", "a layer: the name \"\" is empty or taken");
    changed_refused("/layers/0/trainable", "yes", "a layer: expected true or false for \"trainable\", got \"yes\"");
    changed_refused("/layers/4", {{"class_name", "Flatten"}, {"name", "f"}, {"trainable", true}, {"config", 1}},
                    "no call is of layer \"f\"");
    changed_refused("/layers/0/config", nullptr, "call 0, of \"conv2d\": config: expected an object, got null");
    changed_refused("/layers/0/config/padding", "round",
                    "call 0, of \"conv2d\": Padding: unknown name \"round\"; known are valid, same");
    changed_refused("/layers/0/config/filters", 0, "call 0, of \"conv2d\": Conv2D: filters must be ");
    changed_refused("/layers/0/config/filters", -1, "call 0, of \"conv2d\": Conv2D: filters must be ");
    changed_refused("/layers/0/config/kernel_size", {7, 7},
                    "call 0, of \"conv2d\": Conv2D: kernel (7, 7) does not fit");
    erased_refused("/layers/0/config", "filters", "call 0, of \"conv2d\": config: the field \"filters\" is missing");
    erased_refused("/layers/1", "class_name", "a layer: the field \"class_name\" is missing");
}

TEST_CASE("model_from_json: calls between wires that are not there, and cycles") {
    changed_refused("/calls", json::array(), "expected 1 to 10000 calls, got 0");
    changed_refused("/calls", std::vector<int>(10'001), "expected 1 to 10000 calls, got 10001");
    changed_refused("/calls/1/inputs", {2},
                    "call 1, of \"max_pooling2d\" reads wire 2, which nothing in front of it writes");
    changed_refused("/calls/1/inputs", {-1}, "call 1, of \"max_pooling2d\" reads wire -1, which nothing in front");
    changed_refused("/calls/1/inputs", {4}, "call 1, of \"max_pooling2d\" reads wire 4, which nothing in front");
    changed_refused("/calls/1/inputs", json::array(), "call 1, of \"max_pooling2d\": has one input, got 0");
    changed_refused("/calls/1/inputs", {0, 1}, "call 1, of \"max_pooling2d\": has one input, got 2");
    changed_refused("/calls/4", {{"layer", "dense"}, {"inputs", {4}}},
                    "call 4, of \"dense\": dense/kernel of shape (16, 3) cannot be shared");
    changed_refused("/calls/4", {{"layer", "dense"}, {"inputs", {3, 3}}}, "call 4, of \"dense\": has 1 inputs, got 2");
    changed_refused("/outputs", {5}, "the model's output reads wire 5, which nothing in front of it writes");
    changed_refused("/outputs", json::array(), "expected outputs, each once, got 0");
    changed_refused("/outputs", {4, 4}, "expected outputs, each once, got 2");
    changed_refused("/outputs", 4, "expected a list of whole numbers for \"outputs\", got 4");
}

TEST_CASE("model_from_json: sizes that no memory has") {
    const std::string where = "call 0, of \"l\": ";
    json_refused(conv2d(R"({"filters": 1000000000000})"), where);
    json_refused(conv2d(R"({"filters": 100000000})"), where);
    json_refused(conv2d(R"({"kernel_size": [16777216, 16777216], "padding": "same"})"),
                 where + "needs more memory than the memory_limit");
    json_refused(conv2d(R"({"kernel_size": [9223372036854775807, 3]})"), where);
    json_refused(conv2d(R"({"kernel_size": [2, 2], "dilation_rate": [16777216, 16777216], "padding": "same"})"), where);
    json_refused(one_layer("UpSampling2D", R"({"size": [16777216, 16777216], "interpolation": "nearest"})"), where);
    json_refused(one_layer("ZeroPadding2D", R"({"padding": [[16777216, 16777216], [16777216, 0]]})"), where);
    json_refused(one_layer("Reshape", R"({"target_shape": [4611686018427387904, 8]})"), where);
    json_refused(one_layer("Permute", R"({"dims": [1, 2, 9223372036854775807]})"), where);
    json_refused(one_layer("Softmax", R"({"axis": -9223372036854775808})"), where);
    const auto crop_refused = [](const std::string& config, const std::string& why) {
        json_refused<RandomCrop>(one_layer("RandomCrop", config), "call 0, of \"l\": " + why);
    };
    crop_refused(R"({"height": 9223372036854775807, "width": 1})", "RandomCrop: height");
    crop_refused(R"({"height": 1, "width": 1, "padding": [9223372036854775807, 0]})", "RandomCrop: padding");
    crop_refused(R"({"height": 16777216, "width": 16777216, "padding": 16777216})",
                 "config: expected a list of whole numbers for \"padding\"");
    crop_refused(R"({"height": 16777216, "width": 16777216, "padding": [16777216, 16777216]})",
                 "needs more memory than the memory_limit");
}
