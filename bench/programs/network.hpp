#pragma once
#include <map>
#include <sstream>
#include <string>

#include <fovea/fovea.hpp>

namespace bench {

inline fovea::Activation activation_named(const std::string& name) {
    using enum fovea::Activation;
    static const std::map<std::string, fovea::Activation> known{
        {"linear", linear}, {"relu", relu}, {"tanh", tanh}, {"softmax", softmax}};
    return known.at(name);
}

/// A convolution of ResNet-18 and the normalization behind it.
inline auto normalized(fovea::Index filters, fovea::Index kernel, fovea::Index stride) {
    using namespace fovea;
    return Chain{
        Conv2D{
            .filters = filters, .kernel_size = kernel, .strides = stride, .padding = Padding::same, .use_bias = false},
        BatchNormalization{}};
}

/// For images of 32x32x3.
inline fovea::Sequential<float> resnet18() {
    using namespace fovea;
    using enum Activation;
    Sequential<float> model{Input{32, 32, 3}, normalized(64, 3, 1), ActivationLayer{relu}};
    for (const Index filters : {64, 128, 256, 512})
        for (const bool first : {true, false}) {
            const Index stride = first && filters > 64 ? 2 : 1;
            const Chain body{normalized(filters, 3, stride), ActivationLayer{relu}, normalized(filters, 3, 1)};
            if (stride == 2)
                model.add(Residual{body, normalized(filters, 1, stride)});
            else
                model.add(Residual{body});
            model.add(ActivationLayer{relu});
        }
    model.add(GlobalAveragePooling2D{});
    model.add(Dense{10, softmax});
    return model;
}

/// The network of a description that all programs understand (suite/networks.py has the list of words), or "resnet18":
///
///     input 28 28 1; conv 32 3 1 valid relu; maxpool 2; flatten; dense 10 softmax
inline fovea::Sequential<float> build_network(const std::string& description) {
    using namespace fovea;
    if (description == "resnet18") return resnet18();
    Sequential<float> model;
    std::istringstream items(description);
    for (std::string item; std::getline(items, item, ';');) {
        std::istringstream words(item);
        std::string kind, padding, activation;
        Index a = 0, b = 0, c = 0;
        words >> kind;
        if (kind == "input") {
            words >> a >> b >> c;
            model.add(Input{a, b, c});
        } else if (kind == "conv") {
            words >> a >> b >> c >> padding >> activation;
            model.add(Conv2D{.filters = a,
                             .kernel_size = b,
                             .activation = activation_named(activation),
                             .strides = c,
                             .padding = padding == "same" ? Padding::same : Padding::valid});
        } else if (kind == "maxpool") {
            words >> a;
            model.add(MaxPooling2D{.pool_size = a});
        } else if (kind == "avgpool") {
            words >> a;
            model.add(AveragePooling2D{.pool_size = a});
        } else if (kind == "batchnorm") {
            model.add(BatchNormalization{});
        } else if (kind == "activation") {
            words >> activation;
            model.add(ActivationLayer{activation_named(activation)});
        } else if (kind == "flatten") {
            model.add(Flatten{});
        } else if (kind == "dense") {
            words >> a >> activation;
            model.add(Dense{.units = a, .activation = activation_named(activation)});
        } else {
            throw ValueError("there is no layer \"" + kind + "\" in the language of networks");
        }
        require<ValueError>(!words.fail(), "\"", item, "\" lacks a word");
    }
    return model;
}

/// Images of noise with random labels, for networks that MNIST does not fit.
inline fovea::Dataset noise(fovea::Index size, const fovea::Shape& sample, std::uint32_t classes) {
    using namespace fovea;
    Dataset set{Tensor<std::uint8_t>(sample.prepend(size)), Tensor<std::int32_t>(Shape{size}), "noise"};
    const random::Stream stream{1, random::Purpose::user, 0, 0};
    for (Index i = 0; i < set.images.size(); ++i)
        set.images[i] = static_cast<std::uint8_t>(stream.below(static_cast<std::uint64_t>(i), 256));
    for (Index i = 0; i < size; ++i)
        set.labels[i] = static_cast<std::int32_t>(stream.below(static_cast<std::uint64_t>(i), classes));
    return set;
}

} // namespace bench
