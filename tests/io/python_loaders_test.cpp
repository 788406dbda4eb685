#include <string>

#include <fovea/io/model_file.hpp>

#include "models/augmented.hpp"
#include "models/changed_weights.hpp"
#include "models/networks.hpp"
#include "models/outputs.hpp"
#include "support/python.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The model's file, and inputs with the outputs for them.
void put_model(const TemporaryDirectory& folder, const std::string& name, const Model<float>& model, Index samples) {
    model.save(folder.path() / (name + ".model"));
    outputs::put(folder.path() / (name + ".data"), model, samples);
}

/// Layers in which Keras and fovea could differ.
Model<float> many_layers() {
    using enum Activation;
    Graph graph;
    const auto image = graph.input({9, 8, 4}, "image");
    auto h =
        Conv2D{.filters = 6, .kernel_size = {3, 2}, .activation = silu, .strides = 2, .padding = Padding::same}(image);
    h = DepthwiseConv2D{.kernel_size = 3, .activation = gelu, .padding = Padding::same, .depth_multiplier = 2}(h);
    h = SeparableConv2D{.filters = 4, .kernel_size = 3, .padding = Padding::same}(h);
    h = GroupNormalization{.groups = 2}(BatchNormalization{.scale = false}(h));
    h = Conv2DTranspose{.filters = 4, .kernel_size = 3, .strides = 2, .output_padding = {1, 1}}(h);
    const auto up =
        UpSampling2D{.size = 2, .interpolation = Interpolation::bilinear}(AveragePooling2D{.pool_size = 2}(h));
    const auto cut = Cropping2D{{{1, 0}, {0, 1}}}(ZeroPadding2D{{{0, 1}, {1, 0}}}(up));
    const auto merged = Concatenate{}(MaxPooling2D{}(h), AveragePooling2D{.pool_size = 2}(Add{}(cut, cut)));
    auto v = LayerNormalization{}(Permute{{2, 1, 3}}(PReLU{.shared_axes = {1, 2}}(LeakyReLU{0.125}(merged))));
    v = Reshape{{-1}}(
        Rescaling{0.5, 0.25}(ReLU{.max_value = 1.5, .negative_slope = 0.125, .threshold = 0.25}(ELU{}(v))));
    const auto y =
        Softmax{}(Dense{.units = 5, .kernel_regularizer = L1L2{0.1, 0.2}, .kernel_constraint = MaxNorm{2}, .name = "y"}(
            Dropout{0.5}(v)));
    return {{image}, {y, GlobalMaxPooling2D{}(h)}};
}

} // namespace

// Python with Keras, PyTorch and safetensors is what FOVEA_PYTHON names; without it there is nothing to compare with.
TEST_CASE("docs/model_files.md: Keras and PyTorch open the files, and agree within 1e-5 on 1,000 inputs") {
    if (!has_python()) {
        WARN("FOVEA_PYTHON is not set: not compared");
        return;
    }
    const TemporaryDirectory folder;
    auto article = networks::article();
    networks::change_weights<float>(article);
    put_model(folder, "article", article, 1000);
    save_weights(article, folder.path() / "article.pytorch", {.layout = WeightsLayout::pytorch});
    auto branching = networks::branching();
    networks::change_weights<float>(branching);
    put_model(folder, "branching", branching, 100);
    auto many = many_layers();
    networks::change_weights<float>(many);
    put_model(folder, "many", many, 100);
    auto augmented = networks::augmented();
    augmented.add(Flatten{});
    augmented.add(Dense{4});
    put_model(folder, "augmented", augmented, 100);
    CHECK(python_is_content("io/python_loaders.py", folder.path()));
}
