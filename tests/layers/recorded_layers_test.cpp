#include <fovea/layers/all.hpp>

#include "layers/recorded.hpp"

// Outputs and gradients of every layer against those of PyTorch and Keras: reference/record_layers.py and record_spatial_layers.py.

using namespace fovea;

namespace {

Size2D size_2d(const std::vector<Index>& both) { return {both.at(0), both.at(1)}; }

/// Keras's three ways to say it: one, two or four numbers.
Edges2D edges_2d(const std::vector<Index>& n) {
    if (n.size() == 1) return n[0];
    if (n.size() == 2) return {n[0], n[1]};
    return {{n.at(0), n.at(1)}, {n.at(2), n.at(3)}};
}

/// Calls `run(spec)` with the spec that a recorded line describes.
template <class F>
void with_spec(reference::Description& d, F&& run) {
    const auto activation = [&] { return activation_from_name(d.text("activation")); };
    const auto padding = [&] { return padding_from_name(d.text("padding")); };
    const auto pair = [&](const char* key) { return size_2d(d.integers(key)); };
    const std::string& kind = d.kind();
    if (kind == "Conv2D")
        run(Conv2D{.filters = d.integer("filters"),
                   .kernel_size = pair("kernel_size"),
                   .activation = activation(),
                   .strides = pair("strides"),
                   .padding = padding(),
                   .dilation_rate = pair("dilation_rate"),
                   .groups = d.integer("groups"),
                   .use_bias = d.flag("use_bias")});
    else if (kind == "MaxPooling2D")
        run(MaxPooling2D{.pool_size = pair("pool_size"), .strides = pair("strides"), .padding = padding()});
    else if (kind == "AveragePooling2D")
        run(AveragePooling2D{.pool_size = pair("pool_size"), .strides = pair("strides"), .padding = padding()});
    else if (kind == "GlobalAveragePooling2D")
        run(GlobalAveragePooling2D{});
    else if (kind == "GlobalMaxPooling2D")
        run(GlobalMaxPooling2D{});
    else if (kind == "Dense")
        run(Dense{.units = d.integer("units"), .activation = activation(), .use_bias = d.flag("use_bias")});
    else if (kind == "Activation")
        run(ActivationLayer{.activation = activation()});
    else if (kind == "BatchNormalization")
        run(BatchNormalization{.momentum = d.number("momentum"),
                               .epsilon = d.number("epsilon"),
                               .center = d.flag("center"),
                               .scale = d.flag("scale")});
    else if (kind == "Flatten")
        run(Flatten{});
    else if (kind == "Reshape")
        run(Reshape{.target_shape = d.integers("target_shape")});
    else if (kind == "DepthwiseConv2D")
        run(DepthwiseConv2D{.kernel_size = pair("kernel_size"),
                            .activation = activation(),
                            .strides = pair("strides"),
                            .padding = padding(),
                            .depth_multiplier = d.integer("depth_multiplier"),
                            .dilation_rate = pair("dilation_rate"),
                            .use_bias = d.flag("use_bias")});
    else if (kind == "SeparableConv2D")
        run(SeparableConv2D{.filters = d.integer("filters"),
                            .kernel_size = pair("kernel_size"),
                            .activation = activation(),
                            .strides = pair("strides"),
                            .padding = padding(),
                            .dilation_rate = pair("dilation_rate"),
                            .depth_multiplier = d.integer("depth_multiplier"),
                            .use_bias = d.flag("use_bias")});
    else if (kind == "Conv2DTranspose")
        run(Conv2DTranspose{.filters = d.integer("filters"),
                            .kernel_size = pair("kernel_size"),
                            .activation = activation(),
                            .strides = pair("strides"),
                            .padding = padding(),
                            .output_padding =
                                d.has("output_padding") ? OptionalSize2D(pair("output_padding")) : OptionalSize2D(),
                            .dilation_rate = pair("dilation_rate"),
                            .use_bias = d.flag("use_bias")});
    else if (kind == "UpSampling2D")
        run(UpSampling2D{.size = pair("size"), .interpolation = interpolation_from_name(d.text("interpolation"))});
    else if (kind == "ZeroPadding2D")
        run(ZeroPadding2D{.padding = edges_2d(d.integers("padding"))});
    else if (kind == "Cropping2D")
        run(Cropping2D{.cropping = edges_2d(d.integers("cropping"))});
    else
        FAIL("the recorded layer " << kind << " is unknown");
}

template <class T>
void check_all(const char* file, double tolerance) {
    const std::vector<reference::Case> cases = reference::read(file);
    CHECK(cases.size() >= 60);
    for (const reference::Case& one : cases) {
        INFO(file << ": " << one.name);
        reference::Description description = one.description("layer");
        const bool training = !description.has("training") || description.flag("training");
        if (description.has("axis")) CHECK(description.integer("axis") == -1);
        with_spec(description, [&](const auto& spec) { recorded::check<T>(spec, one, training, tolerance); });
        CHECK(description.all_taken());
    }
}

template <class T>
void check_all(double tolerance) {
    for (const char* file : {"layers.txt", "spatial_layers.txt"}) check_all<T>(file, tolerance);
}

} // namespace

TEST_CASE("layers: outputs and gradients are PyTorch's and Keras's, in float", "[layers][reference]") {
    check_all<float>(1e-5); // a float has 24 bits, 6e-8, and sums of some hundred terms lose up to two digits of that
}

TEST_CASE("layers: outputs and gradients are PyTorch's and Keras's, in double", "[layers][reference]") {
    check_all<double>(1e-8); // nine digits are recorded, which is within 5e-9
}
