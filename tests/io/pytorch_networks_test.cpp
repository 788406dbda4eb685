#include <set>
#include <string>

#include <fovea/io/weights.hpp>

#include "models/outputs.hpp"
#include "onnx/onnx_networks.hpp"
#include "support/python.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The networks of pytorch_networks.py.
std::vector<std::pair<std::string, Model<float>>> pytorch_networks() {
    using enum Activation;
    using onnx_networks::of;
    using onnx_networks::with_weights;
    using Nodes = std::vector<Node<float>>;
    std::vector<std::pair<std::string, Model<float>>> models;
    const std::set<std::string> known{"article", "residual", "resnet20", "depthwise", "dense", "groups", "shared"};
    for (auto& entry : onnx_networks::all())
        if (known.contains(entry.first)) models.push_back(std::move(entry));
    models.emplace_back(
        "decoder",
        with_weights(Sequential{
            Input{4, 5, 2}, Conv2DTranspose{.filters = 3, .kernel_size = 2, .activation = elu, .strides = 2},
            Conv2DTranspose{.filters = 2, .kernel_size = 3, .activation = tanh, .strides = 3, .use_bias = false},
            UpSampling2D{.size = 2}, Conv2D{.filters = 1, .kernel_size = 1, .activation = sigmoid}}));
    models.emplace_back(
        "mobile",
        with_weights(Sequential{Input{12, 11, 3}, Conv2D{.filters = 8, .kernel_size = 3}, ReLU{.max_value = 6.0},
                                DepthwiseConv2D{.kernel_size = 3}, BatchNormalization{}, ReLU{.max_value = 6.0},
                                SeparableConv2D{.filters = 12, .kernel_size = 3}, PReLU{.shared_axes = {1, 2}},
                                GlobalAveragePooling2D{.keepdims = true}, Flatten{}, Dropout{0.5}, Dense{4, softmax}}));
    models.emplace_back("rows", with_weights(Sequential{Input{5}, Dense{8}, LayerNormalization{}, ActivationLayer{gelu},
                                                        Dense{.units = 6, .activation = silu}}));
    models.emplace_back(
        "two_outputs", of({13, 14, 1}, [](const Node<float>& x) {
            const auto h =
                Conv2D{.filters = 4, .kernel_size = 3, .activation = silu, .strides = 2, .padding = Padding::same}(x);
            const auto v = Flatten{}(Conv2D{.filters = 6, .kernel_size = 3, .activation = elu}(h));
            const auto label = Dense{.units = 3, .activation = softmax, .name = "label"}(v);
            return Nodes{label, Dense{.units = 4, .activation = tanh, .name = "box"}(v)};
        }));
    Graph<float> graph(3);
    const auto a = graph.input({6, 6, 2}, "a"), b = graph.input({6, 6, 2}, "b");
    const Shared trunk{
        Chain{Conv2D{.filters = 4, .kernel_size = 3}, Flatten{}, Dense{.units = 5, .activation = leaky_relu}}};
    const auto of_a = trunk(a), of_b = trunk(b);
    const auto difference = Subtract{}(of_a, of_b), product = Multiply{}(of_a, of_b);
    models.emplace_back("siamese", with_weights(Model<float>{{a, b}, {difference, product}}));
    models.emplace_back(
        "unet", of({8, 12, 3}, [](const Node<float>& x) {
            const auto down = [](const Node<float>& h, Index filters) {
                return Conv2D{.filters = filters, .kernel_size = 3, .activation = relu, .padding = Padding::same}(h);
            };
            const auto top = down(x, 4);
            const auto bottom = AveragePooling2D{.pool_size = 2}(down(MaxPooling2D{}(top), 6));
            const auto up = UpSampling2D{.size = 2, .interpolation = Interpolation::bilinear}(
                Conv2DTranspose{.filters = 4, .kernel_size = 2, .strides = 2}(bottom));
            return Nodes{Conv2D{.filters = 2, .kernel_size = 1, .activation = sigmoid}(Concatenate{}(up, top))};
        }));
    return models;
}

} // namespace

// Python with PyTorch and safetensors is what FOVEA_PYTHON names; without it there is nothing to compare with.
TEST_CASE("save_weights: PyTorch's modules take the weights of 13 networks, and agree within 1e-5 on 1,000 inputs") {
    if (!has_python()) {
        WARN("FOVEA_PYTHON is not set: not compared");
        return;
    }
    const TemporaryDirectory folder;
    for (const auto& [name, model] : pytorch_networks()) {
        save_weights(model, folder.path() / (name + ".weights"), {.layout = WeightsLayout::pytorch});
        outputs::put(folder.path() / (name + ".data"), model, 1000);
    }
    CHECK(python_is_content("io/pytorch_networks.py", folder.path()));
}
