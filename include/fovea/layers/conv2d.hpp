#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/bias_activation.hpp>
#include <fovea/ops/conv2d.hpp>

namespace fovea {

/// Two-dimensional convolution (cross-correlation) of `filters` kernels, with Keras's names and defaults.
///
///     x (batch, height, width, channels) -> y (batch, output height, output width, filters)
///     kernel (kernel height, kernel width, channels / groups, filters), bias (filters)
///
/// Throws ValueError for sizes below 1 or groups that do not divide, ShapeError for an input that does not fit.
struct Conv2D {
    Index filters = 0;
    Size2D kernel_size{0, 0};
    Activation activation = Activation::linear;
    Size2D strides{1, 1};
    Padding padding = Padding::valid;
    Size2D dilation_rate{1, 1};
    Index groups = 1;
    bool use_bias = true;
    Initializer kernel_initializer = Initializer::glorot_uniform;
    Initializer bias_initializer = Initializer::zeros;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Conv2D";

    template <class T>
    class Layer;

    Shape output_shape(const Shape& input) const {
        const ops::Conv2DGeometry g = geometry(input);
        return {g.window.height.output, g.window.width.output, filters};
    }

    ops::Conv2DGeometry geometry(const Shape& input) const {
        require<ValueError>(filters >= 1, type, ": filters must be at least 1, got ", filters);
        require<ValueError>(groups >= 1, type, ": groups must be at least 1, got ", groups);
        const Window2D window(type, "kernel", input, kernel_size, strides, dilation_rate, padding);
        require<ValueError>(input[2] % groups == 0, type, ": groups=", groups, " does not divide the ", input[2],
                            " channels of the input ", input);
        require<ValueError>(filters % groups == 0, type, ": groups=", groups, " does not divide filters=", filters);
        return {window, input[2], filters, groups};
    }
};

template <class T>
class Conv2D::Layer {
public:
    Layer(const Conv2D& spec, const Shape& input, ParameterRegistry& parameters)
        : geometry_(spec.geometry(input)), activation_(spec.activation) {
        const Index depth = geometry_.group_channels();
        const Index taps = geometry_.window.taps();
        kernel_ = parameters.add("kernel", {spec.kernel_size.height, spec.kernel_size.width, depth, spec.filters},
                                 spec.kernel_initializer, {taps * depth, taps * spec.filters});
        if (spec.use_bias)
            bias_ = parameters.add("bias", {spec.filters}, spec.bias_initializer, {taps * depth, taps * spec.filters});
    }

    Activation activation() const { return activation_; }
    Index kept_bytes(Index batch) const { return ops::needs_input(activation_) ? Arena::bytes<T>(outputs(batch)) : 0; }
    Index scratch_bytes(Index batch) const {
        return std::max(geometry_.forward_scratch<T>(batch), geometry_.backward_scratch<T>(batch));
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        ops::conv2d_forward<T>(geometry_, x, pass.value(kernel_), y, pass.scratch);
        ops::bias_activation_forward<T>(y, pass.value(bias_), activation_, before_activation(y, pass).data());
    }

    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (!pass.before_activation) ops::activation_backward<T>(activation_, before_activation(y, pass), y, dy);
        if (const View<T> dkernel = pass.gradient(kernel_); !dkernel.empty()) {
            ops::conv2d_backward_kernel<T>(geometry_, x, dy, dkernel, pass.scratch);
            ops::bias_gradient<T>(dy, pass.gradient(bias_));
        }
        if (!dx.empty()) ops::conv2d_backward_input<T>(geometry_, pass.value(kernel_), dy, dx, pass.scratch);
    }

private:
    Index outputs(Index batch) const { return geometry_.rows(batch) * geometry_.filters; }

    /// The values that go into the activation, kept in training if its gradient needs them.
    View<T> before_activation(ConstView<T> y, const Pass<T>& pass) const {
        if (!pass.training || !ops::needs_input(activation_)) return {};
        Arena kept = pass.kept;
        return {kept.take<T>(y.size()), y.shape()};
    }

    ops::Conv2DGeometry geometry_;
    Activation activation_;
    Parameter kernel_;
    Parameter bias_;
};

static_assert(LayerSpec<Conv2D>);

} // namespace fovea
