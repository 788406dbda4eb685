#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/output_activation.hpp>
#include <fovea/layers/packed_kernel.hpp>
#include <fovea/ops/bias_activation.hpp>
#include <fovea/ops/transposed_window.hpp>

namespace fovea {

/// Transposed convolution, with Keras's names and defaults: what a convolution from y to x does backward. Every input pixel adds
/// its share to the kernel_size outputs that lie around `strides` times its place.
///
///     x (batch, height, width, channels) -> y (batch, output height, output width, filters)
///     kernel (kernel height, kernel width, filters, channels), bias (filters)
///
/// ops/transposed_window.hpp has the output's extents. Forward is a convolution's gradient by its input, backward its forward pass.
/// Throws ValueError for sizes below 1 or an output_padding that is not below strides, ShapeError for an input that does not fit.
struct Conv2DTranspose {
    Index filters = 0;
    Size2D kernel_size{0, 0};
    Activation activation = Activation::linear;
    Size2D strides{1, 1};
    Padding padding = Padding::valid;
    OptionalSize2D output_padding = {}; ///< none: strides times the input, or more to hold the kernel
    Size2D dilation_rate{1, 1};
    bool use_bias = true;
    Initializer kernel_initializer = Initializer::glorot_uniform;
    Initializer bias_initializer = Initializer::zeros;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Conv2DTranspose";

    void fields(SpecVisitor& visit) {
        visit("filters", filters);
        visit("kernel_size", kernel_size);
        visit("activation", activation);
        visit("strides", strides);
        visit("padding", padding);
        visit("output_padding", output_padding);
        visit("dilation_rate", dilation_rate);
        visit("use_bias", use_bias);
        visit("kernel_initializer", kernel_initializer);
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
        return {over.height.input, over.width.input, filters};
    }

    /// That of the convolution from y to x.
    ops::Conv2DGeometry geometry(const Shape& input) const { return {window(input), filters, input[2], 1}; }

    Window2D window(const Shape& input) const {
        require<ValueError>(filters >= 1, type, ": filters must be at least 1, got ", filters);
        return ops::transposed_window(type, input, kernel_size, strides, dilation_rate, padding, output_padding);
    }
};

template <class T>
class Conv2DTranspose::Layer {
public:
    Layer(const Conv2DTranspose& spec, const Shape& input, ParameterRegistry& parameters)
        : convolution_(spec.geometry(input), {}), activation_(spec.activation) {
        const Index channels = geometry().filters;
        const Index taps = geometry().window.taps();
        const Fans fans{taps * spec.filters, taps * channels}; // Keras's, by the kernel's last two axes
        kernel_ = parameters.add("kernel", {spec.kernel_size.height, spec.kernel_size.width, spec.filters, channels},
                                 spec.kernel_initializer, fans);
        if (spec.use_bias) bias_ = parameters.add("bias", {spec.filters}, spec.bias_initializer, fans);
    }

    Activation activation() const { return activation_.activation(); }
    Index multiply_adds() const { return geometry().output() * geometry().patch() * geometry().filters; }
    std::string kernels(bool training) const {
        const ConvolutionKernels& k = convolution_.kernels();
        return ConvolutionKernels{k.backward_input, k.forward, k.backward_kernel}.names(training);
    }

    Index prepared_bytes(bool training) const { return PackedKernel<T>::bytes(convolution_, training, true); }
    void prepare(std::span<const T> values, Arena prepared, bool training) const {
        PackedKernel<T>(convolution_, training, true, prepared).pack(convolution_, kernel_.in(values));
    }

    Index kept_bytes(Index batch) const { return activation_.kept_bytes(batch * outputs()); }
    Index scratch_bytes(Index batch) const { return convolution_.scratch(batch); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        convolution_.backward_input(packed(pass).backward(), x, y, pass.scratch);
        const Activation at_once = activation_.is_in_kernel() ? activation() : Activation::linear;
        ops::bias_activation_forward<T>(y, pass.value(bias_), at_once, nullptr);
        activation_.forward(y, pass);
    }

    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        activation_.backward(y, dy, pass);
        if (const View<T> dkernel = pass.gradient(kernel_); !dkernel.empty()) {
            convolution_.backward_kernel(dy, x, dkernel, pass.scratch);
            ops::bias_gradient<T>(dy, pass.gradient(bias_));
        }
        if (!dx.empty()) convolution_.forward(dy, packed(pass).forward(), {}, false, dx, pass.scratch);
    }

private:
    const ops::Conv2DGeometry& geometry() const { return convolution_.geometry(); }
    Index outputs() const {
        return geometry().window.height.input * geometry().window.width.input * geometry().channels;
    }

    PackedKernel<T> packed(const Pass<T>& pass) const {
        Arena prepared = pass.prepared;
        return {convolution_, pass.training, true, prepared};
    }

    ops::Convolution<T> convolution_; ///< from y to x
    OutputActivation<T> activation_;
    Parameter kernel_;
    Parameter bias_;
};

static_assert(LayerSpec<Conv2DTranspose>);

} // namespace fovea
