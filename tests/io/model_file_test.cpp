#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <fovea/io/model_file.hpp>

#include "io/safetensors_files.hpp"
#include "models/augmented.hpp"
#include "models/networks.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;
using safetensors_files::content;

namespace {

/// y = x^exponent, of a user's own.
struct Power {
    double exponent = 1;
    static constexpr std::string_view type = "Power";

    void fields(SpecVisitor& visit) { visit("exponent", exponent); }

    template <class T>
    class Layer {
    public:
        Layer(const Power& spec, const Shape&, ParameterRegistry&) : exponent_(static_cast<T>(spec.exponent)) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
            for (Index i = 0; i < x.size(); ++i) y[i] = std::pow(x[i], exponent_);
        }
        void backward(ConstView<T>, ConstView<T>, View<T>, View<T>, Pass<T>&) const {}

    private:
        T exponent_;
    };

    Shape output_shape(const Shape& input) const { return input; }
};

/// One that says no fields.
struct Silent {
    static constexpr std::string_view type = "Silent";

    template <class T>
    class Layer {
    public:
        Layer(const Silent&, const Shape&, ParameterRegistry&) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const { std::copy(x.begin(), x.end(), y.begin()); }
        void backward(ConstView<T>, ConstView<T>, View<T>, View<T>, Pass<T>&) const {}
    };

    Shape output_shape(const Shape& input) const { return input; }
};

/// Every layer that fovea has, each with some field of its own.
template <class T>
Model<T> every_layer() {
    using enum Activation;
    Graph<T> graph(7);
    const auto image = graph.input({8, 8, 4}, "image");
    const auto same = Padding::same;
    auto a = Conv2D{.filters = 4, .kernel_size = 3, .activation = relu, .padding = same, .groups = 2}(image);
    a = BatchNormalization{.momentum = 0.5}(a);
    a = LeakyReLU{0.25}(DepthwiseConv2D{.kernel_size = 3, .padding = same, .depth_multiplier = 2}(a));
    a = LayerNormalization{}(SeparableConv2D{.filters = 4, .kernel_size = 3, .padding = same}(a));
    a = GroupNormalization{.groups = 2}(GaussianNoise{0.5}(SpatialDropout2D{0.5}(Dropout{0.5}(a))));
    auto b = Conv2DTranspose{.filters = 4, .kernel_size = 2, .strides = 2}(MaxPooling2D{.pool_size = 2}(a));
    b = PReLU{.alpha_initializer = Initializer::constant(0.1), .shared_axes = {1, 2}}(b);
    auto c = UpSampling2D{.size = 2, .interpolation = Interpolation::bilinear}(AveragePooling2D{.pool_size = 2}(a));
    c = ELU{0.5}(Cropping2D{1}(ZeroPadding2D{{{1, 1}, {1, 1}}}(c)));
    auto d = Average{}(Add{}(a, b), Multiply{}(b, c), Subtract{}(a, c));
    d = Concatenate{}(Maximum{}(d, a), Minimum{}(d, b), ReLU{.max_value = 6}(Rescaling{0.5, 0.25}(d)));
    d = UnitNormalization{}(Permute{{2, 1, 3}}(d));
    const auto pooled = Concatenate{}(GlobalAveragePooling2D{}(d), GlobalMaxPooling2D{}(d));
    const auto flat = Flatten{}(Reshape{{2, -1}}(pooled));
    const auto y = Softmax{}(Dense{3}(ActivationLayer{silu}(flat)));
    return {{image}, {y, flat}};
}

template <class T>
void check_same(const Model<T>& model, const Model<T>& loaded, const Data<T>& data) {
    CHECK(loaded.weights_hash() == model.weights_hash());
    CHECK(loaded.name() == model.name());
    CHECK(loaded.network().seed() == model.network().seed());
    CHECK(loaded.epochs_trained() == model.epochs_trained());
    CHECK(model_to_json(loaded) == model_to_json(model));
    CHECK(loaded.to_dot() == model.to_dot());
    CHECK(loaded.predict_outputs(data) == model.predict_outputs(data));
}

/// The file of a small model, to be changed: metadata and float tensors.
struct Parts {
    safetensors::Metadata metadata;
    std::map<std::string, Tensor<float>> tensors;

    explicit Parts(const std::filesystem::path& path) {
        safetensors::File file(path);
        metadata = file.metadata();
        for (const safetensors::Entry& entry : file.entries()) tensors.emplace(entry.name, file.tensor<float>(entry));
    }

    void write(const std::filesystem::path& path) const {
        std::vector<safetensors::Item> items;
        for (const auto& [name, tensor] : tensors) items.emplace_back(name, tensor);
        safetensors::write(path, std::move(items), metadata);
    }
};

Sequential<float> tiny() { return Sequential<float>{Input{2}, Dense{2}, Dense{.units = 1, .name = "head"}}; }

/// With this change in its file the tiny model is not loaded.
template <class E = DataError, class F>
void change_refused(const std::string& why, F&& change, const LoadModelOptions& options = {}) {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "m";
    tiny().save(path);
    Parts parts(path);
    change(parts);
    parts.write(path);
    CHECK_THROWS_MATCHES(load_model(path, options), E, says("m: " + why));
}

} // namespace

TEMPLATE_TEST_CASE("load_model: every layer comes back as it was saved", "", float, double) {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "m.safetensors";
    const Model<TestType> model = every_layer<TestType>();
    std::set<std::string> types;
    for (const auto& layer : model.network().layers()) types.insert(std::string(layer.layer.type()));
    CHECK(types.size() == detail::layer_readers<TestType>().size());
    model.save(path);
    Tensor<TestType> x(Shape{5, 8, 8, 4});
    for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<TestType>(reference::value(1, i));
    check_same(model, load_model<TestType>(path), Data<TestType>(x));
}

TEST_CASE("load_model: training goes on from there as in the model that was saved") {
    const TemporaryDirectory folder;
    const Dataset set = networks::images(40);
    set_random_seed(3);
    auto model = networks::normalized();
    set_random_seed(0);
    networks::compile(model);
    model.fit(set, {.epochs = 2, .batch_size = 8, .verbose = 0});
    model.layer("batch_normalization").trainable = false;
    model.save(folder.path() / "m");
    auto loaded = load_model(folder.path() / "m");
    CHECK_FALSE(loaded.is_compiled());
    CHECK(loaded.epochs_trained() == 2);
    CHECK_FALSE(loaded.layer("batch_normalization").trainable);
    check_same<float>(model, loaded, set);
    for (Model<float>* each : {static_cast<Model<float>*>(&model), &loaded}) {
        networks::compile(*each);
        each->fit(set, {.epochs = 4, .batch_size = 8, .verbose = 0});
    }
    CHECK(loaded.weights_hash() == model.weights_hash());
}

TEST_CASE("load_model: branches, shared layers, several inputs and outputs") {
    const TemporaryDirectory folder;
    const networks::BranchingData<float> data(20);
    auto model = networks::branching();
    networks::compile_branching(model);
    model.fit(data.data, {.epochs = 1, .verbose = 0});
    model.save(folder.path() / "m");
    check_same<float>(model, load_model(folder.path() / "m"), data.data);
}

TEST_CASE("load_model: without fusing, to which the file says no") {
    const TemporaryDirectory folder;
    auto model = networks::small();
    model.set_fuses(false);
    model.save(folder.path() / "m");
    check_same<float>(model, load_model(folder.path() / "m"), networks::images(3));
    CHECK_FALSE(load_model(folder.path() / "m").fuses());
}

TEST_CASE("load_model: a Sequential can be added to") {
    const TemporaryDirectory folder;
    networks::small().save(folder.path() / "m");
    Sequential model{load_model(folder.path() / "m")};
    CHECK(model.name() == "sequential");
    model.add(Dense{2});
    CHECK(model.network().output_shape() == Shape{2});
    CHECK_THROWS_MATCHES(Sequential<float>(networks::branching()), ValueError,
                         says("Sequential: expected a model with one input and one output, got 2 and 2"));
}

TEST_CASE("load_model: a file that Python's package has written, by the numbers of NumPy") {
    const TemporaryDirectory folder;
    for (const reference::Case& record : reference::read("models.txt")) {
        INFO(record.name);
        const auto path = folder.write("m", safetensors_files::bytes_of(record));
        const Model<float> model = load_model(path);
        CHECK(model.name() == "functional");
        CHECK(model.network().seed() == 18446744073709551615U);
        CHECK(model.epochs_trained() == 3);
        CHECK(model.network().input_names() == std::vector<std::string>{"picture"});
        CHECK_FALSE(model.layer("dense").trainable);
        const NamedParameter& kernel = model.network().parameter("dense/kernel");
        CHECK(kernel.regularizer.l2() == 0.25);
        CHECK(kernel.constraint.max_value() == 3);
        CHECK(model.network().parameter("dense/bias").initializer.value() == 0.5);
        const Tensor<float> y = model.predict(reference::values<float>({3, 2, 2, 1}, reference::x_stream));
        // Sums of at most 5 products of numbers below 3, in float: some 1e-6.
        CHECK(reference::worst_difference(y, record.tensor("y")) < 3e-6);
        const auto wide = load_model<double>(path, {.convert = true});
        const Tensor<double> x = reference::values<double>({3, 2, 2, 1}, reference::x_stream);
        CHECK(reference::worst_difference(wide.predict(x), record.tensor("y")) <
              1e-8); // of which nine digits are written
    }
}

TEST_CASE("load_model: numbers of another type only when asked for") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "m";
    networks::small<double>().save(path);
    CHECK_THROWS_MATCHES(load_model(path), ValueError,
                         says("m: conv2d/kernel is F64, the model's parameters are F32; ask for a conversion with "
                              "{.convert = true}"));
    const Model<float> model = load_model(path, {.convert = true});
    CHECK(model.weights_hash() == networks::small<float>().weights_hash()); // drawn in double, and rounded
}

TEST_CASE("save_model, load_model: layers of one's own") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "m";
    const Sequential<float> model{Input{3}, Power{2}, Dense{2}};
    model.save(path);
    CHECK_THROWS_MATCHES(load_model(path), DataError,
                         says("m: call 0, of \"power\": the layer \"Power\" is unknown; one of your own must be named: "
                              "load_model<float, MyLayer>(path)"));
    const Tensor<float> x{{1, 2, 3}};
    CHECK(load_model<float, Power>(path).predict(x) == model.predict(x));
    CHECK_THROWS_MATCHES(Sequential<float>({Input{3}, Silent{}}).save(path), StateError,
                         says("Silent: has no fields(SpecVisitor&)"));
    CHECK(load_model<float, Power>(path).weights_hash() == model.weights_hash()); // the file is as it was
}

TEMPLATE_TEST_CASE("load_model: augmentations, where they are named", "", float, double) {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "m";
    auto model = networks::augmented<TestType>();
    model.add(RandomCrop{4, 4, {0, 1}, FillMode::wrap, 0.5});
    model.add(RandomRotation{.degrees = {-10, 20}});
    model.add(RandomNoise{0.25, {-1, 1}});
    model.add(Equalization{{-1, 1}});
    model.save(path);
    CHECK_THROWS_MATCHES(load_model<TestType>(path), DataError, says("the layer \"RandomFlip\" is unknown"));
    Tensor<TestType> x(Shape{5, 9, 8, 3});
    for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<TestType>(reference::value(1, i));
    check_same<TestType>(model, load_model<TestType, AugmentationLayers>(path), x);

    std::set<std::string> types;
    for (const auto& layer : model.network().layers()) types.insert(std::string(layer.layer.type()));
    CHECK(types.size() ==
          detail::layer_readers<TestType, AugmentationLayers>().size() - detail::layer_readers<TestType>().size());
    const nlohmann::json layers = nlohmann::json::parse(model_to_json(model))["layers"];
    CHECK(layers[0]["config"] == nlohmann::json{{"mode", "vertical"}});
    CHECK(layers[1]["config"]["fill_mode"] == "wrap");
    CHECK(layers[3]["config"]["height_factor"] == 0.25);
    CHECK(layers[27]["config"]["degrees"] == nlohmann::json{-10, 20});
    CHECK(layers[27]["config"]["factor"] == 0);
    CHECK(layers[25]["config"]["value_range"] == nlohmann::json{0, 2});
}

TEST_CASE("load_model: augmentations in front draw the same numbers as in the model that was saved") {
    const TemporaryDirectory folder;
    const Dataset set = networks::images(40);
    Sequential model{Input{6, 6, 1},
                     RandomFlip{FlipMode::horizontal},
                     RandomRotation{.degrees = 20},
                     RandAugment{.num_ops = 3, .factor = 0.75},
                     Flatten{},
                     Dense{3, Activation::softmax}};
    model.save(folder.path() / "m");
    auto loaded = load_model<float, AugmentationLayers>(folder.path() / "m");
    const auto train = [&](Model<float>& each) {
        networks::compile(each);
        each.fit(set, {.epochs = 2, .batch_size = 8, .verbose = 0});
        return each.weights_hash();
    };
    const auto weights = train(model);
    CHECK(train(loaded) == weights);
    const auto change = [&](const char* from, const char* to) { // so that it is each of them that draws the same
        Parts parts(folder.path() / "m");
        std::string& json = parts.metadata["model"];
        const auto place = json.find(from);
        REQUIRE(place != std::string::npos);
        json.replace(place, std::string_view(from).size(), to);
        parts.write(folder.path() / "changed");
        return load_model<float, AugmentationLayers>(folder.path() / "changed");
    };
    for (const auto& [from, to] : std::map<const char*, const char*>{{R"("mode":"horizontal")", R"("mode":"vertical")"},
                                                                     {R"("degrees":20)", R"("degrees":25)"},
                                                                     {R"("num_ops":3)", R"("num_ops":2)"},
                                                                     {R"("factor":0.75)", R"("factor":0.5)"}}) {
        INFO(from);
        Model<float> other = change(from, to);
        CHECK(train(other) != weights);
    }
}

TEST_CASE("save_model: what cannot be saved") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "m";
    CHECK_THROWS_MATCHES(Sequential<float>().save(path), StateError, says("save: the model has no Input"));
    CHECK_THROWS_MATCHES(Sequential<float>(Input{3}).save(path), StateError, says("save: the model has no layers"));
    CHECK_THROWS_MATCHES(Sequential<float>({Input{3}, Dense{.units = 1, .name = "__fovea__/d"}}).save(path), ValueError,
                         says("save_model: the name \"__fovea__/d/kernel\" is reserved"));
    CHECK_THROWS_MATCHES(Sequential<float>({Input{3}, Dense{.units = 1, .name = "\xff"}}).save(path), ValueError,
                         says("save: a name in the model is not UTF-8"));
    CHECK_THROWS_MATCHES(tiny().save(folder.path() / "missing" / "m"), DataError, says("m: cannot be written: "));
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("save_model: texts beside the model") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "m";
    const std::map<std::string, std::string> metadata{{"class_names", "cat\nKrähe"}, {"model", "no network"}, {"", ""}};
    save_model(tiny(), path, {.metadata = metadata});
    CHECK(read_metadata(path) == metadata);
    CHECK(load_model(path).weights_hash() == tiny().weights_hash());
    const safetensors::Metadata all = safetensors::File(path).metadata();
    CHECK(all.at("user/class_names") == "cat\nKrähe");
    CHECK(all.at("model") == model_to_json(tiny()));

    tiny().save(path);
    CHECK(read_metadata(path).empty());
    CHECK_THROWS_MATCHES(save_model(tiny(), path, {.metadata = {{"class_names", "\xff"}}}), ValueError,
                         says("is not UTF-8"));
    save_weights(tiny(), path);
    CHECK_THROWS_MATCHES(read_metadata(path), DataError,
                         says("m: expected a model that fovea has saved, these are weights alone"));
}

TEST_CASE("load_weights: out of a model's file, whose test is no parameter") {
    const TemporaryDirectory folder;
    const auto saved = networks::small();
    saved.save(folder.path() / "m");
    set_random_seed(1);
    auto model = networks::small();
    set_random_seed(0);
    CHECK(model.weights_hash() != saved.weights_hash());
    const WeightsReport report = load_weights(model, folder.path() / "m");
    CHECK(report.complete());
    CHECK(model.weights_hash() == saved.weights_hash());
}

TEST_CASE("load_model: the recorded output finds what is not the model that was saved") {
    const auto change_weight = [](Parts& parts) { parts.tensors.at("head/bias")[0] += 2e-5F; };
    change_refused("__fovea__/test_output_0: the model gives ", change_weight);
    change_refused("__fovea__/test_output_0: the model gives ",
                   [](Parts& parts) { parts.metadata["test_seed"] = "2"; });
    const TemporaryDirectory folder;
    tiny().save(folder.path() / "m");
    Parts parts(folder.path() / "m");
    change_weight(parts);
    parts.write(folder.path() / "m");
    CHECK(load_model(folder.path() / "m", {.verify = false}).parameter("head/bias")[0] == 2e-5F);
}

TEST_CASE("load_model: a model that gives no numbers gives none again") {
    const TemporaryDirectory folder;
    auto model = tiny();
    model.parameter("head/bias")[0] = std::numeric_limits<float>::quiet_NaN();
    model.save(folder.path() / "m");
    CHECK(load_model(folder.path() / "m").weights_hash() == model.weights_hash());
}

TEST_CASE("load_model: metadata that are not those of a model") {
    const auto set = [](const char* key, const char* value) {
        return [=](Parts& parts) { parts.metadata[key] = value; };
    };
    const auto erase = [](const char* key) { return [=](Parts& parts) { parts.metadata.erase(key); }; };
    change_refused("expected a model that fovea has saved", erase("format"));
    change_refused("expected a model that fovea has saved", set("format", "pt"));
    change_refused("expected a model that fovea has saved, these are weights alone, which load_weights reads",
                   erase("format_version"));
    change_refused(text("format version 2, written by fovea \"", version, "\"; this is fovea ", version,
                        ", which reads up to version 1"),
                   set("format_version", "2"));
    change_refused("format version 0", set("format_version", "0"));
    change_refused("expected a whole number for \"format_version\", got \"1.0\"", set("format_version", "1.0"));
    change_refused("expected a whole number for \"seed\", got \"18446744073709551616\"",
                   set("seed", "18446744073709551616"));
    change_refused("expected a whole number for \"epochs_trained\", got \"-1\"", set("epochs_trained", "-1"));
    change_refused("expected 1 to 16 test_samples, got 17", set("test_samples", "17"));
    change_refused("__fovea__/test_output_0 is (3, 1) by the model's description, its tensor is (2, 1)",
                   set("test_samples", "3"));
    for (const char* key : {"seed", "epochs_trained", "test_seed", "test_samples", "model"})
        change_refused(text("the metadata have no \"", key, '"'), erase(key));
    change_refused("the model: expected JSON in UTF-8, it is wrong near its byte 1", set("model", ""));
    change_refused("the field \"class_name\" is missing", set("model", "{}"));
}

TEST_CASE("load_model: tensors that are not those of the model") {
    change_refused("call 0, of \"dense\": ", [](Parts& parts) { parts.tensors.erase("dense/kernel"); });
    change_refused("the tensor \"more\" is no parameter of the model",
                   [](Parts& parts) { parts.tensors.emplace("more", Tensor<float>{1}); });
    change_refused("there is no tensor \"__fovea__/test_output_0\"",
                   [](Parts& parts) { parts.tensors.erase("__fovea__/test_output_0"); });
    change_refused("call 1, of \"head\": ", [](Parts& parts) { parts.tensors.at("head/bias") = Tensor<float>{1, 2}; });
    change_refused("call 0, of \"dense\": ", [](Parts& parts) { // more units than the kernel has columns
        std::string& model = parts.metadata["model"];
        model.replace(model.find("\"units\":2"), 9, "\"units\":1000000000000");
    });
}

TEST_CASE("load_model: files that are none, cut off anywhere, or with a byte changed") {
    const TemporaryDirectory folder;
    CHECK_THROWS_MATCHES(load_model(folder.path() / "m"), DataError, says("m: there is no such file"));
    CHECK_THROWS_AS(load_model(folder.path()), DataError);
    tiny().save(folder.path() / "m");
    const std::string whole = content(folder.path() / "m");
    std::size_t refused = 0;
    for (std::size_t size = 0; size < whole.size(); size += 7) try {
            load_model(folder.write("cut", whole.substr(0, size)));
        } catch (const DataError&) {
            ++refused;
        }
    CHECK(refused == (whole.size() + 6) / 7);
    std::mt19937 random(1);
    for (int i = 0; i < 1000; ++i) {
        std::string changed = whole;
        changed[random() % changed.size()] = static_cast<char>(random());
        try {
            load_model(folder.write("changed", changed));
        } catch (const Error&) {
        }
    }
}
