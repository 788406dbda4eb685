#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/normalization_fold.hpp>
#include <fovea/layers/output_activation.hpp>
#include <fovea/ops/bias_activation.hpp>
#include <fovea/ops/convolution.hpp>

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
    Regularizer kernel_regularizer = {};
    Regularizer bias_regularizer = {};
    Constraint kernel_constraint = {};
    Constraint bias_constraint = {};
    std::string name = {};
    bool trainable = true;
    std::optional<ConvolutionKernels> kernels =
        {}; ///< if not those of ops::best_kernels; fused with a pooling only `forward` counts

    static constexpr std::string_view type = "Conv2D";

    void fields(SpecVisitor& visit) {
        visit("filters", filters);
        visit("kernel_size", kernel_size);
        visit("activation", activation);
        visit("strides", strides);
        visit("padding", padding);
        visit("dilation_rate", dilation_rate);
        visit("groups", groups);
        visit("use_bias", use_bias);
        visit("kernel_initializer", kernel_initializer);
        visit("bias_initializer", bias_initializer);
        visit("kernel_regularizer", kernel_regularizer);
        visit("bias_regularizer", bias_regularizer);
        visit("kernel_constraint", kernel_constraint);
        visit("bias_constraint", bias_constraint);
        visit.if_any("kernels", kernels);
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

    ops::Conv2DGeometry geometry(const Shape& input) const { return {window(input), input[2], filters, groups}; }

    Window2D window(const Shape& input) const {
        require<ValueError>(filters >= 1, type, ": filters must be at least 1, got ", filters);
        require<ValueError>(groups >= 1, type, ": groups must be at least 1, got ", groups);
        const Window2D over(type, "kernel", input, kernel_size, strides, dilation_rate, padding);
        require<ValueError>(input[2] % groups == 0, type, ": groups=", groups, " does not divide the ", input[2],
                            " channels of the input ", input);
        require<ValueError>(filters % groups == 0, type, ": groups=", groups, " does not divide filters=", filters);
        return over;
    }
};

template <class T>
class Conv2D::Layer {
public:
    Layer(const Conv2D& spec, const Shape& input, ParameterRegistry& parameters)
        : convolution_(spec.geometry(input), spec.kernels), activation_(spec.activation) {
        const Index depth = geometry().group_channels();
        const Index taps = geometry().window.taps();
        const Fans fans{taps * depth, taps * spec.filters};
        kernel_ = parameters.add("kernel", {spec.kernel_size.height, spec.kernel_size.width, depth, spec.filters},
                                 spec.kernel_initializer, fans, spec.kernel_regularizer, spec.kernel_constraint);
        if (spec.use_bias)
            bias_ = parameters.add("bias", {spec.filters}, spec.bias_initializer, fans, spec.bias_regularizer,
                                   spec.bias_constraint);
    }

    const ops::Convolution<T>& convolution() const { return convolution_; }
    const Parameter& kernel() const { return kernel_; }
    const Parameter& bias() const { return bias_; }

    /// The same layer with what follows it taken in: an activation in place of none, in inference a normalization.
    void set_activation(Activation activation) { activation_ = activation; }
    void set_fold(const NormalizationFold<T>& fold) { fold_ = fold; }

    /// The same layer with another kernel for its forward pass.
    void set_forward_kernel(ConvolutionKernel kernel) {
        ConvolutionKernels kernels = convolution_.kernels();
        kernels.forward = kernel;
        convolution_ = {geometry(), kernels};
    }

    Activation activation() const { return activation_.activation(); }
    Index multiply_adds() const { return geometry().output() * geometry().patch() * geometry().filters; }
    std::string kernels(bool training) const { return convolution_.kernels().names(training); }

    Index prepared_bytes(bool training) const {
        return Arena::bytes<T>(convolution_.packed_forward()) + fold_.bytes() +
               (training ? Arena::bytes<T>(convolution_.packed_backward()) : 0);
    }
    void prepare(std::span<const T> values, Arena prepared, bool training) const {
        T* const forward = prepared.take<T>(convolution_.packed_forward());
        if (fold_) {
            const Tensor<T> folded = fold_.kernel(values, kernel_);
            convolution_.pack_forward(folded, forward);
            fold_.bias(values, bias_, prepared.take<T>(fold_.channels()));
        } else {
            convolution_.pack_forward(kernel_.in(values), forward);
        }
        if (training) convolution_.pack_backward(kernel_.in(values), prepared.take<T>(convolution_.packed_backward()));
    }

    Index kept_bytes(Index batch) const { return activation_.kept_bytes(outputs(batch)); }
    Index scratch_bytes(Index batch) const { return convolution_.scratch(batch); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        const Packed weights = packed(pass);
        convolution_.forward(x, weights.forward, weights.bias, activation_.is_in_kernel(), y, pass.scratch);
        activation_.forward(y, pass);
    }

    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        activation_.backward(y, dy, pass);
        if (const View<T> dkernel = pass.gradient(kernel_); !dkernel.empty()) {
            convolution_.backward_kernel(x, dy, dkernel, pass.scratch);
            ops::bias_gradient<T>(dy, pass.gradient(bias_));
        }
        if (!dx.empty()) convolution_.backward_input(packed(pass).backward, dy, dx, pass.scratch);
    }

    struct Packed {
        const T* forward;
        ConstView<T> bias;
        const T* backward; ///< in training only
    };

    /// What `prepare` left.
    Packed packed(const Pass<T>& pass) const {
        Arena prepared = pass.prepared;
        const T* const forward = prepared.take<T>(convolution_.packed_forward());
        const ConstView<T> bias =
            fold_ ? ConstView<T>(prepared.take<T>(fold_.channels()), {fold_.channels()}) : pass.value(bias_);
        return {forward, bias, pass.training ? prepared.take<T>(convolution_.packed_backward()) : nullptr};
    }

private:
    const ops::Conv2DGeometry& geometry() const { return convolution_.geometry(); }
    Index outputs(Index batch) const { return geometry().rows(batch) * geometry().filters; }

    ops::Convolution<T> convolution_;
    OutputActivation<T> activation_;
    Parameter kernel_;
    Parameter bias_;
    NormalizationFold<T> fold_;
};

static_assert(LayerSpec<Conv2D>);

} // namespace fovea
