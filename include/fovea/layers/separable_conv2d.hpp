#pragma once
#include <algorithm>
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/output_activation.hpp>
#include <fovea/layers/packed_kernel.hpp>
#include <fovea/ops/bias_activation.hpp>

namespace fovea {

/// A convolution in two: first of each channel by itself, then of all channels pixel by pixel; with Keras's names and defaults.
///
///     x (batch, height, width, channels) -> y (batch, output height, output width, filters)
///     depthwise_kernel (kernel height, kernel width, channels, depth_multiplier)
///     pointwise_kernel (1, 1, channels * depth_multiplier, filters), bias (filters)
///
/// What lies between the two is kept in training.
/// Throws ValueError for sizes below 1, ShapeError for an input that does not fit.
struct SeparableConv2D {
    Index filters = 0;
    Size2D kernel_size{0, 0};
    Activation activation = Activation::linear;
    Size2D strides{1, 1};
    Padding padding = Padding::valid;
    Size2D dilation_rate{1, 1};
    Index depth_multiplier = 1;
    bool use_bias = true;
    Initializer depthwise_initializer = Initializer::glorot_uniform;
    Initializer pointwise_initializer = Initializer::glorot_uniform;
    Initializer bias_initializer = Initializer::zeros;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "SeparableConv2D";

    void fields(SpecVisitor& visit) {
        visit("filters", filters);
        visit("kernel_size", kernel_size);
        visit("activation", activation);
        visit("strides", strides);
        visit("padding", padding);
        visit("dilation_rate", dilation_rate);
        visit("depth_multiplier", depth_multiplier);
        visit("use_bias", use_bias);
        visit("depthwise_initializer", depthwise_initializer);
        visit("pointwise_initializer", pointwise_initializer);
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
        return {over.height.output, over.width.output, filters};
    }

    /// Of the first, in which every channel is a group.
    ops::Conv2DGeometry depthwise(const Shape& input) const {
        return {window(input), input[2], input[2] * depth_multiplier, input[2]};
    }

    /// Of the second.
    ops::Conv2DGeometry pointwise(const Shape& input) const {
        const Shape output = output_shape(input);
        return {Window2D(type, "kernel", output, 1, 1, 1, Padding::valid), input[2] * depth_multiplier, filters, 1};
    }

    Window2D window(const Shape& input) const {
        require<ValueError>(filters >= 1, type, ": filters must be at least 1, got ", filters);
        require<ValueError>(1 <= depth_multiplier && depth_multiplier <= most_of_size, type,
                            ": depth_multiplier must be from 1 to ", most_of_size, ", got ", depth_multiplier);
        return {type, "kernel", input, kernel_size, strides, dilation_rate, padding};
    }
};

template <class T>
class SeparableConv2D::Layer {
public:
    Layer(const SeparableConv2D& spec, const Shape& input, ParameterRegistry& parameters)
        : depthwise_(spec.depthwise(input), {}), pointwise_(spec.pointwise(input), {}), activation_(spec.activation) {
        const Index channels = input[2];
        const Index taps = spec.kernel_size.height * spec.kernel_size.width;
        const Fans fans{between(), spec.filters};
        depthwise_kernel_ = parameters.add(
            "depthwise_kernel", {spec.kernel_size.height, spec.kernel_size.width, channels, spec.depth_multiplier},
            spec.depthwise_initializer, {taps * channels, taps * spec.depth_multiplier});
        pointwise_kernel_ =
            parameters.add("pointwise_kernel", {1, 1, between(), spec.filters}, spec.pointwise_initializer, fans);
        if (spec.use_bias) bias_ = parameters.add("bias", {spec.filters}, spec.bias_initializer, fans);
    }

    Activation activation() const { return activation_.activation(); }
    Index multiply_adds() const {
        return pointwise_.geometry().output() * between() *
               (depthwise_.geometry().patch() + pointwise_.geometry().filters);
    }
    std::string kernels(bool training) const {
        const ConvolutionKernels& d = depthwise_.kernels();
        const ConvolutionKernels& p = pointwise_.kernels();
        const std::string forward = text(d.forward, " + ", p.forward);
        if (!training) return forward;
        return text(forward, ", dx ", d.backward_input, " + ", p.backward_input, ", dw ", d.backward_kernel, " + ",
                    p.backward_kernel);
    }

    Index prepared_bytes(bool training) const {
        return PackedKernel<T>::bytes(depthwise_, true, training) + PackedKernel<T>::bytes(pointwise_, true, training);
    }
    void prepare(std::span<const T> values, Arena prepared, bool training) const {
        PackedKernel<T>(depthwise_, true, training, prepared).pack(depthwise_, depthwise_kernel_.in(values));
        PackedKernel<T>(pointwise_, true, training, prepared).pack(pointwise_, pointwise_kernel_.in(values));
    }

    Index kept_bytes(Index batch) const { return activation_bytes(batch) + middle_bytes(batch); }
    Index scratch_bytes(Index batch) const {
        return middle_bytes(batch) + std::max(depthwise_.scratch(batch), pointwise_.scratch(batch));
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        const Packed packed(*this, pass);
        Arena scratch = pass.scratch;
        const Index batch = x.shape()[0];
        const View<T> middle = pass.training ? kept_middle(batch, pass) : take_middle(batch, scratch);
        depthwise_.forward(x, packed.depthwise.forward(), {}, false, middle, scratch);
        pointwise_.forward(middle, packed.pointwise.forward(), pass.value(bias_), activation_.is_in_kernel(), y,
                           scratch);
        activation_.forward(y, pass);
    }

    /// Only after a forward in training.
    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        activation_.backward(y, dy, pass);
        const Packed packed(*this, pass);
        const Index batch = x.shape()[0];
        const View<T> dpointwise = pass.gradient(pointwise_kernel_);
        if (!dpointwise.empty()) {
            pointwise_.backward_kernel(kept_middle(batch, pass), dy, dpointwise, pass.scratch);
            ops::bias_gradient<T>(dy, pass.gradient(bias_));
        }
        if (dpointwise.empty() && dx.empty()) return;
        Arena scratch = pass.scratch;
        const View<T> dmiddle = take_middle(batch, scratch);
        pointwise_.backward_input(packed.pointwise.backward(), dy, dmiddle, scratch);
        if (const View<T> ddepthwise = pass.gradient(depthwise_kernel_); !ddepthwise.empty())
            depthwise_.backward_kernel(x, dmiddle, ddepthwise, scratch);
        if (!dx.empty()) depthwise_.backward_input(packed.depthwise.backward(), dmiddle, dx, scratch);
    }

private:
    struct Packed {
        Packed(const Layer& layer, const Pass<T>& pass) : Packed(layer, pass.training, pass.prepared) {}

        PackedKernel<T> depthwise;
        PackedKernel<T> pointwise;

    private:
        Packed(const Layer& layer, bool training, Arena prepared)
            : depthwise(layer.depthwise_, true, training, prepared),
              pointwise(layer.pointwise_, true, training, prepared) {}
    };

    /// Channels between the two.
    Index between() const { return depthwise_.geometry().filters; }

    Index rows(Index batch) const { return depthwise_.geometry().rows(batch); }
    Index activation_bytes(Index batch) const {
        return activation_.kept_bytes(rows(batch) * pointwise_.geometry().filters);
    }
    Index middle_bytes(Index batch) const { return Arena::bytes<T>(rows(batch) * between()); }

    View<T> take_middle(Index batch, Arena& memory) const {
        const Window2D& over = depthwise_.geometry().window;
        return {memory.take<T>(rows(batch) * between()), {batch, over.height.output, over.width.output, between()}};
    }
    View<T> kept_middle(Index batch, const Pass<T>& pass) const {
        Arena kept = pass.kept;
        kept.take<std::byte>(activation_bytes(batch));
        return take_middle(batch, kept);
    }

    ops::Convolution<T> depthwise_;
    ops::Convolution<T> pointwise_;
    OutputActivation<T> activation_;
    Parameter depthwise_kernel_;
    Parameter pointwise_kernel_;
    Parameter bias_;
};

static_assert(LayerSpec<SeparableConv2D>);

} // namespace fovea
