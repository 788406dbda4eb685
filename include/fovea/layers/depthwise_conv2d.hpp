#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/output_activation.hpp>
#include <fovea/layers/packed_kernel.hpp>
#include <fovea/ops/bias_activation.hpp>

namespace fovea {

/// Convolution of each channel by itself with `depth_multiplier` kernels, with Keras's names and defaults. Outputs that come from
/// one channel lie side by side.
///
///     x (batch, height, width, channels) -> y (batch, output height, output width, channels * depth_multiplier)
///     kernel (kernel height, kernel width, channels, depth_multiplier), bias (channels * depth_multiplier)
///
/// Throws ValueError for sizes below 1, ShapeError for an input that does not fit.
struct DepthwiseConv2D {
    Size2D kernel_size{0, 0};
    Activation activation = Activation::linear;
    Size2D strides{1, 1};
    Padding padding = Padding::valid;
    Index depth_multiplier = 1;
    Size2D dilation_rate{1, 1};
    bool use_bias = true;
    Initializer depthwise_initializer = Initializer::glorot_uniform;
    Initializer bias_initializer = Initializer::zeros;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "DepthwiseConv2D";

    void fields(SpecVisitor& visit) {
        visit("kernel_size", kernel_size);
        visit("activation", activation);
        visit("strides", strides);
        visit("padding", padding);
        visit("depth_multiplier", depth_multiplier);
        visit("dilation_rate", dilation_rate);
        visit("use_bias", use_bias);
        visit("depthwise_initializer", depthwise_initializer);
        visit("bias_initializer", bias_initializer);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const {
        const Window2D over = window(input);
        return {over.height.output, over.width.output, input[2] * depth_multiplier};
    }

    /// Every channel is a group.
    ops::Conv2DGeometry geometry(const Shape& input) const {
        return {window(input), input[2], input[2] * depth_multiplier, input[2]};
    }

    Window2D window(const Shape& input) const {
        require<ValueError>(1 <= depth_multiplier && depth_multiplier <= most_of_size, type,
                            ": depth_multiplier must be from 1 to ", most_of_size, ", got ", depth_multiplier);
        return {type, "kernel", input, kernel_size, strides, dilation_rate, padding};
    }
};

template <class T>
class DepthwiseConv2D::Layer {
public:
    Layer(const DepthwiseConv2D& spec, const Shape& input, ParameterRegistry& parameters)
        : convolution_(spec.geometry(input), {}), activation_(spec.activation) {
        const Index channels = geometry().channels;
        const Index taps = geometry().window.taps();
        const Fans fans{taps * channels, taps * spec.depth_multiplier}; // Keras's, by the kernel's last two axes
        kernel_ =
            parameters.add("kernel", {spec.kernel_size.height, spec.kernel_size.width, channels, spec.depth_multiplier},
                           spec.depthwise_initializer, fans);
        if (spec.use_bias) bias_ = parameters.add("bias", {geometry().filters}, spec.bias_initializer, fans);
    }

    Activation activation() const { return activation_.activation(); }
    Index multiply_adds() const { return geometry().output() * geometry().patch() * geometry().filters; }
    std::string kernels(bool training) const { return convolution_.kernels().names(training); }

    Index prepared_bytes(bool training) const { return PackedKernel<T>::bytes(convolution_, true, training); }
    void prepare(std::span<const T> values, Arena prepared, bool training) const {
        PackedKernel<T>(convolution_, true, training, prepared).pack(convolution_, kernel_.in(values));
    }

    Index kept_bytes(Index batch) const { return activation_.kept_bytes(geometry().rows(batch) * geometry().filters); }
    Index scratch_bytes(Index batch) const { return convolution_.scratch(batch); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        convolution_.forward(x, packed(pass).forward(), pass.value(bias_), activation_.is_in_kernel(), y, pass.scratch);
        activation_.forward(y, pass);
    }

    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        activation_.backward(y, dy, pass);
        if (const View<T> dkernel = pass.gradient(kernel_); !dkernel.empty()) {
            convolution_.backward_kernel(x, dy, dkernel, pass.scratch);
            ops::bias_gradient<T>(dy, pass.gradient(bias_));
        }
        if (!dx.empty()) convolution_.backward_input(packed(pass).backward(), dy, dx, pass.scratch);
    }

private:
    const ops::Conv2DGeometry& geometry() const { return convolution_.geometry(); }

    PackedKernel<T> packed(const Pass<T>& pass) const {
        Arena prepared = pass.prepared;
        return {convolution_, true, pass.training, prepared};
    }

    ops::Convolution<T> convolution_;
    OutputActivation<T> activation_;
    Parameter kernel_;
    Parameter bias_;
};

static_assert(LayerSpec<DepthwiseConv2D>);

} // namespace fovea
