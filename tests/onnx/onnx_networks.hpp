#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fovea/augment/random_flip.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/blocks.hpp>
#include <fovea/models/sequential.hpp>

#include "models/changed_weights.hpp"
#include "models/networks.hpp"

/// Networks that ONNX files are made of: together they have every layer.
namespace onnx_networks {

using fovea::Index;
using fovea::Model;

/// With other weights than those that every layer starts with.
inline Model<float> with_weights(Model<float> model) {
    networks::change_weights(model);
    return model;
}

/// A network of one input: what `build` makes of it.
inline Model<float> of(const fovea::Shape& input,
                       const std::function<std::vector<fovea::Node<float>>(const fovea::Node<float>&)>& build) {
    fovea::Graph<float> graph(7);
    const auto x = graph.input(input, "x");
    return with_weights({{x}, build(x)});
}

/// ResNet-20's kind of blocks, small.
inline Model<float> residual() {
    using namespace fovea;
    using enum Activation;
    return of({8, 8, 3}, [](const Node<float>& x) {
        auto h = ActivationLayer{relu}(
            BatchNormalization{}(Conv2D{.filters = 4, .kernel_size = 3, .padding = Padding::same}(x)));
        for (const Index strides : {1, 2}) {
            const auto skip = strides == 1 ? h : Conv2D{.filters = 4, .kernel_size = 1, .strides = 2}(h);
            const auto a = ActivationLayer{relu}(BatchNormalization{}(Conv2D{
                .filters = 4, .kernel_size = 3, .strides = strides, .padding = Padding::same, .use_bias = false}(h)));
            const auto b = BatchNormalization{.scale = false}(
                Conv2D{.filters = 4, .kernel_size = 3, .padding = Padding::same, .use_bias = false}(a));
            h = ActivationLayer{relu}(Add{}(b, skip));
        }
        return std::vector{Dense{5, softmax}(GlobalAveragePooling2D{}(h))};
    });
}

/// He et al. 2016, for CIFAR-10.
inline Model<float> resnet20() {
    using namespace fovea;
    using enum Activation;
    return of({32, 32, 3}, [](const Node<float>& x) {
        const auto conv = [](const Node<float>& h, Index filters, Index strides) {
            return BatchNormalization{}(Conv2D{
                .filters = filters, .kernel_size = 3, .strides = strides, .padding = Padding::same, .use_bias = false}(
                h));
        };
        auto h = ActivationLayer{relu}(conv(x, 16, 1));
        for (const Index filters : {16, 32, 64})
            for (const Index block : {0, 1, 2}) {
                const Index strides = filters > 16 && block == 0 ? 2 : 1;
                const auto skip = strides == 1 ? h : Conv2D{.filters = filters, .kernel_size = 1, .strides = 2}(h);
                h = ActivationLayer{relu}(
                    Add{}(conv(ActivationLayer{relu}(conv(h, filters, strides)), filters, 1), skip));
            }
        return std::vector{Dense{10, softmax}(GlobalAveragePooling2D{}(h))};
    });
}

inline std::vector<std::pair<std::string, Model<float>>> all() {
    using namespace fovea;
    using enum Activation;
    using Nodes = std::vector<Node<float>>;
    std::vector<std::pair<std::string, Model<float>>> models;
    models.emplace_back("article", with_weights(networks::article()));
    models.emplace_back("residual", residual());
    models.emplace_back("resnet20", resnet20());
    models.emplace_back("branching", with_weights(networks::branching()));
    models.emplace_back(
        "depthwise", of({9, 8, 4}, [](const Node<float>& x) {
            auto h = DepthwiseConv2D{
                .kernel_size = 3, .activation = gelu, .strides = 2, .padding = Padding::same, .depth_multiplier = 2}(x);
            h = SeparableConv2D{.filters = 6,
                                .kernel_size = {3, 2},
                                .activation = silu,
                                .padding = Padding::same,
                                .depth_multiplier = 2}(h);
            return Nodes{
                Conv2D{.filters = 4, .kernel_size = 2, .activation = leaky_relu, .dilation_rate = 2, .groups = 2}(h)};
        }));
    models.emplace_back(
        "transposed", of({4, 5, 2}, [](const Node<float>& x) {
            auto h = Conv2DTranspose{
                .filters = 3, .kernel_size = 3, .activation = elu, .strides = 2, .padding = Padding::same}(x);
            h = Conv2DTranspose{.filters = 2, .kernel_size = 2, .activation = tanh, .strides = 3, .use_bias = false}(h);
            return Nodes{Conv2DTranspose{
                .filters = 1, .kernel_size = 3, .activation = sigmoid, .strides = 2, .output_padding = {1, 1}}(h)};
        }));
    models.emplace_back(
        "sizes", of({6, 7, 3}, [](const Node<float>& x) {
            const auto up = UpSampling2D{.size = {2, 3}}(x);
            const auto smooth = UpSampling2D{.size = {2, 3}, .interpolation = Interpolation::bilinear}(x);
            auto h = Concatenate{}(up, smooth);
            h = Cropping2D{{{1, 0}, {0, 2}}}(ZeroPadding2D{{{0, 1}, {2, 1}}}(h));
            h = AveragePooling2D{.pool_size = 3, .strides = 2, .padding = Padding::same}(h);
            return Nodes{MaxPooling2D{.pool_size = {2, 3}, .strides = {1, 2}, .padding = Padding::same}(h)};
        }));
    models.emplace_back("normalized", of({4, 4, 6}, [](const Node<float>& x) {
                            auto h = GroupNormalization{.groups = 3}(x);
                            h = LayerNormalization{}(BatchNormalization{.center = false}(h));
                            h = LayerNormalization{.axis = {2, 3}, .scale = false}(UnitNormalization{}(h));
                            const auto rows = BatchNormalization{}(Reshape{{8, 12}}(h));
                            const auto v = GroupNormalization{.groups = 4, .center = false}(Flatten{}(rows));
                            return Nodes{BatchNormalization{}(Dense{.units = 3, .use_bias = false}(v)), rows};
                        }));
    models.emplace_back(
        "activations", of({5, 4, 3}, [](const Node<float>& x) {
            auto h = PReLU{.shared_axes = {1, 2}}(LeakyReLU{0.125}(x));
            h = PReLU{}(ReLU{.max_value = 0.5}(h));
            h = ELU{0.5}(ReLU{.max_value = 1.5, .negative_slope = 0.125, .threshold = 0.25}(Rescaling{2, -0.5}(h)));
            return Nodes{Softmax{}(h), ActivationLayer{linear}(PReLU{}(Flatten{}(h)))};
        }));
    models.emplace_back("merged", of({4, 3, 2}, [](const Node<float>& x) {
                            const auto a = Conv2D{.filters = 2, .kernel_size = 1}(x);
                            const auto b = Dense{.units = 2, .activation = tanh}(x);
                            const auto c = GlobalMaxPooling2D{.keepdims = true}(a);
                            const auto sum = Add{}({a, b, c});
                            const auto product = Multiply{}({a, b, c});
                            const auto extremes = Maximum{}(Minimum{}(a, b), Subtract{}(a, c));
                            const auto both = Concatenate{.axis = 1}(sum, Average{}({product, extremes, x}));
                            return Nodes{Concatenate{.axis = -2}(both, both)};
                        }));
    models.emplace_back("permuted", of({4, 3, 2}, [](const Node<float>& x) {
                            auto h = Permute{{3, 1, 2}}(Conv2D{.filters = 5, .kernel_size = 2}(x));
                            h = Conv2D{.filters = 3, .kernel_size = {2, 1}}(h);
                            return Nodes{Dense{.units = 4}(Reshape{{3, -1}}(h))};
                        }));
    models.emplace_back("noisy", of({4, 4, 3}, [](const Node<float>& x) {
                            const auto h = SpatialDropout2D{0.5}(GaussianNoise{.stddev = 0.1}(RandomFlip{}(x)));
                            return Nodes{Dropout{0.25}(Flatten{}(h)), h};
                        }));
    models.emplace_back("dense", of({7}, [](const Node<float>& x) {
                            const auto h = BatchNormalization{}(Dense{.units = 6}(x));
                            return Nodes{Dense{.units = 2, .activation = sigmoid, .use_bias = false}(h)};
                        }));
    models.emplace_back("groups", of({6, 5, 4}, [](const Node<float>& x) {
                            auto h = Conv2D{.filters = 6, .kernel_size = 3, .activation = gelu, .groups = 2}(x);
                            h = GroupNormalization{.groups = -1, .scale = false}(h);
                            h = ReLU{.max_value = 6.0}(GroupNormalization{.groups = 3}(h));
                            const auto v = UnitNormalization{}(Flatten{}(ActivationLayer{silu}(h)));
                            return Nodes{ActivationLayer{gelu}(v), Dense{.units = 3, .activation = silu}(v)};
                        }));
    models.emplace_back("shared", of({6, 6, 3}, [](const Node<float>& x) {
                            const Shared twice{Chain{Conv2D{.filters = 3, .kernel_size = 3, .padding = Padding::same},
                                                     GroupNormalization{.groups = 1}, PReLU{.shared_axes = {1, 2}}}};
                            const auto h = twice(twice(x));
                            const Shared head{Dense{.units = 4, .activation = gelu}};
                            const auto a = head(GlobalAveragePooling2D{}(h)), b = head(GlobalMaxPooling2D{}(x));
                            return Nodes{Subtract{}(a, b)};
                        }));
    return models;
}

} // namespace onnx_networks
