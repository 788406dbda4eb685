#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fovea/augment/all.hpp>
#include <fovea/keras/load.hpp>
#include <fovea/keras/save.hpp>

#include "keras/keras_files.hpp"
#include "onnx/onnx_networks.hpp"
#include "support/python.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// A layer that Keras does not have.
struct Thirds {
    static constexpr std::string_view type = "Thirds";

    template <class T>
    struct Layer {
        Layer(const Thirds&, const Shape&, ParameterRegistry&) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
            for (Index i = 0; i < y.size(); ++i) y[i] = x[i] / 3;
        }
        void backward(ConstView<T>, ConstView<T>, View<T>, View<T>, Pass<T>&) const {}
    };
    Shape output_shape(const Shape& input) const { return input; }
    void fields(SpecVisitor&) {}
};

/// Every augmentation that Keras has too.
Model<float> augmented() {
    return Sequential<float>{Input{9, 8, 3},
                             CenterCrop{8, 8},
                             AutoContrast{{0, 1}},
                             RandAugment{},
                             RandomBrightness{0.1},
                             RandomColorDegeneration{0.2},
                             RandomColorJitter{.brightness_factor = 0.2, .hue_factor = 0.1},
                             RandomContrast{0.2},
                             RandomElasticTransform{},
                             RandomErasing{},
                             RandomFlip{},
                             RandomGaussianBlur{},
                             RandomGrayscale{},
                             RandomHue{0.1},
                             RandomInvert{},
                             RandomPerspective{},
                             RandomPosterization{},
                             RandomRotation{.degrees = {-9, 18}},
                             RandomSaturation{},
                             RandomSharpness{},
                             RandomShear{0.1, 0.2},
                             RandomTranslation{0.1, 0.2},
                             RandomZoom{.height_factor = {-0.1, 0.2}},
                             Solarization{},
                             Flatten{},
                             Dense{2}};
}

/// Layers of the same kind on results of any earlier ones, some of them shared: weights would be taken for those of another layer
/// were they not in Keras's order.
Model<float> random_graph(std::uint64_t number) {
    Graph<float> graph(number);
    auto drawn = [&, i = Index{0}](std::size_t most) mutable {
        return static_cast<std::size_t>(reference::splitmix64(100 + number, i++) % most);
    };
    std::vector<Node<float>> nodes{graph.input({3}, "a"), graph.input({3}, "b")};
    std::vector<Shared<Dense>> shared;
    for (int i = 0; i < 12; ++i) {
        const Node<float> x = nodes[drawn(nodes.size())];
        const std::size_t kind = drawn(4);
        if (kind == 0) {
            nodes.push_back(Add{}(x, nodes[drawn(nodes.size())]));
        } else if (kind == 1 && !shared.empty()) {
            nodes.push_back(shared[drawn(shared.size())](x));
        } else {
            shared.push_back(Shared{Dense{.units = 3, .activation = Activation::tanh}});
            nodes.push_back(shared.back()(x));
        }
    }
    const auto all = Node<float>::merge(Add{}, nodes);
    return onnx_networks::with_weights(Model<float>({nodes[0], nodes[1]}, {all, nodes.back()}));
}

std::vector<std::pair<std::string, Model<float>>> networks_to_save() {
    auto all = onnx_networks::all();
    all.emplace_back("augmented", onnx_networks::with_weights(augmented()));
    return all;
}

} // namespace

// Python with Keras, TensorFlow and safetensors is what FOVEA_PYTHON names; without it there is nothing to compare with.
TEST_CASE("save_keras, load_keras: Keras and fovea open each other's files, and agree within 1e-5 on 1,000 inputs") {
    if (!has_python()) {
        WARN("FOVEA_PYTHON is not set: not compared");
        return;
    }
    const TemporaryDirectory folder;
    const auto networks = networks_to_save();
    for (const auto& [name, model] : networks) {
        save_keras(model, folder.path() / (name + ".keras"));
        outputs::put(folder.path() / (name + ".data"), model, 1000);
    }
    const Model<double> wide = load_keras<double>(folder.path() / "dense.keras");
    save_keras(wide, folder.path() / "double.keras");
    std::filesystem::copy(folder.path() / "dense.data", folder.path() / "double.data");
    for (std::uint64_t number = 0; number < 10; ++number) {
        const Model<float> model = random_graph(number);
        save_keras(model, folder.path() / text("random_", number, ".keras"));
        outputs::put(folder.path() / text("random_", number, ".data"), model, 100);
    }
    REQUIRE(python_is_content("keras/in_keras.py", folder.path()));
    std::size_t read = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        const std::string name = entry.path().stem().string();
        if (entry.path().extension() != ".keras" || (!name.starts_with("again_") && !name.starts_with("made_")))
            continue;
        INFO(name);
        const Model<float> model = load_keras<float, AugmentationLayers>(entry.path());
        CHECK(outputs::difference_to_file(model, std::filesystem::path(entry.path()).replace_extension(".data")) <
              1e-5);
        ++read;
    }
    CHECK(read == networks.size() + 1 + 10 + 16);
}

TEST_CASE("save_keras: load_keras gives the same model, and writing it again the same bytes") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "model.keras";
    for (auto& [name, model] : networks_to_save()) {
        INFO(name);
        save_keras(model, path);
        const Model<float> again = load_keras<float, AugmentationLayers>(path);
        // Layers of a graph come back in Keras's order, so not all are where they were; each has what it had.
        for (const NamedParameter& p : model.network().parameters()) {
            const ConstView<float> was = std::as_const(model).parameter(p.name), is = again.parameter(p.name);
            CHECK(std::equal(was.begin(), was.end(), is.begin(), is.end()));
        }
        const std::vector<Tensor<float>> x = outputs::inputs_of(model, 3);
        CHECK(outputs::worst_difference(outputs::of(model, x), outputs::of(again, x)) == 0);
        save_keras(again, folder.path() / "again.keras");
        CHECK(safetensors_files::content(path) == safetensors_files::content(folder.path() / "again.keras"));
    }
}

TEST_CASE("save_keras: what Keras does not have is named") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "model.keras";
    const auto refusal = [&](const auto& spec) {
        try {
            save_keras(Sequential<float>{Input{8, 8, 3}, spec}, path);
        } catch (const ValueError& error) {
            return std::string(error.what());
        }
        return std::string("nothing is refused");
    };
    CHECK_THAT(refusal(Thirds{}), contains("save_keras: thirds (Thirds): Keras has no such layer"));
    CHECK_THAT(refusal(RandomNoise{}), contains("random_noise (RandomNoise): Keras has no such layer"));
    CHECK_THAT(refusal(RandomCrop{4, 4}), contains("(RandomCrop): in Keras it does not crop in inference"));
    CHECK_THAT(refusal(RandAugment{.fill_value = 0.5}), contains("(RandAugment): Keras has no fill_value for it"));
    CHECK(!std::filesystem::exists(path));
}

TEST_CASE("load_keras: layers of one's own, by the names of their classes") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "model.keras";
    Sequential<float> model{Input{3}, ReLU{.name = "own"}};
    keras::Json config = keras::ConfigWriter<float>(model).write().config;
    keras::Json& layer = config["config"]["layers"][1];
    layer["class_name"] = "Thirds";
    layer["module"] = nullptr;
    layer["registered_name"] = "my_package>Thirds";
    layer["config"] = {{"name", "own"}, {"trainable", true}};
    write_atomically(
        path, keras::zip_of({{"config.json", config.dump()}, {"model.weights.h5", keras::Hdf5Writer().bytes()}}));
    const Model<float> own = load_keras<float, Thirds>(path);
    const std::vector<Tensor<float>> x = outputs::inputs_of(own, 2);
    CHECK(outputs::of(own, x)[0][0] == x[0][0] / 3);
    CHECK_THROWS_MATCHES(load_keras(path), DataError, says("layer \"own\" (Thirds): fovea has no such layer"));
}
