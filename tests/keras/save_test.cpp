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
    for (const auto& [name, model] : networks_to_save()) {
        save_keras(model, folder.path() / (name + ".keras"));
        outputs::put(folder.path() / (name + ".data"), model, 1000);
    }
    REQUIRE(python_is_content("keras/in_keras.py", folder.path()));
    int read = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        const std::string name = entry.path().stem().string();
        if (entry.path().extension() != ".keras" || (!name.starts_with("again_") && !name.starts_with("made_")))
            continue;
        INFO(name);
        const Model<float> model = load_keras<float, AugmentationLayers>(entry.path());
        safetensors::File data(std::filesystem::path(entry.path()).replace_extension(".data"));
        std::vector<Tensor<float>> x, y;
        for (std::size_t i = 0; i < model.network().inputs(); ++i) x.push_back(data.tensor<float>(text('x', i)));
        for (std::size_t i = 0; i < model.network().outputs(); ++i) y.push_back(data.tensor<float>(text('y', i)));
        CHECK(outputs::worst_difference(outputs::of(model, x), y) < 1e-5);
        ++read;
    }
    CHECK(read == 13 + 16);
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
