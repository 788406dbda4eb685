#pragma once
#include <string>
#include <vector>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/normalization_fold.hpp>
#include <fovea/layers/output_activation.hpp>
#include <fovea/ops/bias_activation.hpp>
#include <fovea/ops/dense.hpp>

namespace fovea {

/// Every output sees every input; over the last axis, as in Keras, whatever stands in front of it.
///
///     x (batch, ..., inputs) -> y (batch, ..., units);   kernel (inputs, units), bias (units)
///
/// Throws ValueError for units below 1, ShapeError for an input without an axis.
struct Dense {
    Index units = 0;
    Activation activation = Activation::linear;
    bool use_bias = true;
    Initializer kernel_initializer = Initializer::glorot_uniform;
    Initializer bias_initializer = Initializer::zeros;
    Regularizer kernel_regularizer = {};
    Regularizer bias_regularizer = {};
    Constraint kernel_constraint = {};
    Constraint bias_constraint = {};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Dense";

    void fields(SpecVisitor& visit) {
        visit("units", units);
        visit("activation", activation);
        visit("use_bias", use_bias);
        visit("kernel_initializer", kernel_initializer);
        visit("bias_initializer", bias_initializer);
        visit("kernel_regularizer", kernel_regularizer);
        visit("bias_regularizer", bias_regularizer);
        visit("kernel_constraint", kernel_constraint);
        visit("bias_constraint", bias_constraint);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const {
        require<ValueError>(units >= 1, type, ": units must be at least 1, got ", units);
        require<ShapeError>(input.rank() >= 1 && input.size() > 0, type,
                            ": expected an input of at least 1 axis, none of them empty, got ", input);
        std::vector<Index> extents(input.begin(), input.end());
        extents.back() = units;
        return Shape(std::span<const Index>(extents));
    }
};

template <class T>
class Dense::Layer {
public:
    Layer(const Dense& spec, const Shape& input, ParameterRegistry& parameters)
        : geometry_(spec.output_shape(input).size() / spec.units, input.last(), spec.units),
          activation_(spec.activation) {
        const Fans fans{input.last(), spec.units};
        kernel_ = parameters.add("kernel", {input.last(), spec.units}, spec.kernel_initializer, fans,
                                 spec.kernel_regularizer, spec.kernel_constraint);
        if (spec.use_bias)
            bias_ = parameters.add("bias", {spec.units}, spec.bias_initializer, fans, spec.bias_regularizer,
                                   spec.bias_constraint);
    }

    /// The same layer with what follows it taken in: an activation in place of none, in inference a normalization.
    void set_activation(Activation activation) { activation_ = activation; }
    void set_fold(const NormalizationFold<T>& fold) { fold_ = fold; }

    Activation activation() const { return activation_.activation(); }
    Index multiply_adds() const { return geometry_.rows(1) * geometry_.inputs * geometry_.units; }

    Index prepared_bytes(bool training) const {
        return Arena::bytes<T>(packed_forward()) + fold_.bytes() + (training ? Arena::bytes<T>(packed_backward()) : 0);
    }
    void prepare(std::span<const T> values, Arena prepared, bool training) const {
        const Index inputs = geometry_.inputs;
        const Index outputs = geometry_.units;
        const T* const kernel = kernel_.in(values).data();
        T* const forward = prepared.take<T>(packed_forward());
        if (fold_) {
            const Tensor<T> folded = fold_.kernel(values, kernel_);
            ops::pack_panels(folded.data(), outputs, Index{1}, inputs, outputs, forward);
            fold_.bias(values, bias_, prepared.take<T>(outputs));
        } else {
            ops::pack_panels(kernel, outputs, Index{1}, inputs, outputs, forward);
        }
        if (training) ops::pack_panels(kernel, Index{1}, outputs, outputs, inputs, prepared.take<T>(packed_backward()));
    }

    Index kept_bytes(Index batch) const { return activation_.kept_bytes(geometry_.rows(batch) * geometry_.units); }
    Index scratch_bytes(Index batch) const { return geometry_.scratch<T>(batch); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        const Packed weights = packed(pass);
        ops::dense_forward<T>(geometry_, x, weights.forward, weights.bias, activation_.is_in_kernel(), y, pass.scratch);
        activation_.forward(y, pass);
    }

    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        activation_.backward(y, dy, pass);
        if (const View<T> dkernel = pass.gradient(kernel_); !dkernel.empty()) {
            ops::dense_backward_kernel<T>(geometry_, x, dy, dkernel, pass.scratch);
            ops::bias_gradient<T>(dy, pass.gradient(bias_));
        }
        if (!dx.empty()) ops::dense_backward_input<T>(geometry_, packed(pass).backward, dy, dx, pass.scratch);
    }

private:
    struct Packed {
        const T* forward;
        ConstView<T> bias;
        const T* backward; ///< in training only
    };

    Index packed_forward() const { return ops::packed_size<T>(geometry_.inputs, geometry_.units); }
    Index packed_backward() const { return ops::packed_size<T>(geometry_.units, geometry_.inputs); }

    Packed packed(const Pass<T>& pass) const {
        Arena prepared = pass.prepared;
        const T* const forward = prepared.take<T>(packed_forward());
        const ConstView<T> bias =
            fold_ ? ConstView<T>(prepared.take<T>(geometry_.units), {geometry_.units}) : pass.value(bias_);
        return {forward, bias, pass.training ? prepared.take<T>(packed_backward()) : nullptr};
    }

    ops::DenseGeometry geometry_;
    OutputActivation<T> activation_;
    Parameter kernel_;
    Parameter bias_;
    NormalizationFold<T> fold_;
};

static_assert(LayerSpec<Dense>);

} // namespace fovea
