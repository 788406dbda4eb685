#pragma once
#include <numeric>
#include <string>
#include <vector>

#include <fovea/layers/layer.hpp>
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
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Dense";

    template <class T>
    class Layer;

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
        kernel_ = parameters.add("kernel", {input.last(), spec.units}, spec.kernel_initializer, fans);
        if (spec.use_bias) bias_ = parameters.add("bias", {spec.units}, spec.bias_initializer, fans);
    }

    Activation activation() const { return activation_; }
    Index kept_bytes(Index batch) const {
        return ops::needs_input(activation_) ? Arena::bytes<T>(geometry_.rows(batch) * geometry_.units) : 0;
    }
    Index scratch_bytes(Index batch) const { return geometry_.scratch<T>(batch); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        ops::dense_forward<T>(geometry_, x, pass.value(kernel_), y, pass.scratch);
        ops::bias_activation_forward<T>(y, pass.value(bias_), activation_, before_activation(y, pass).data());
    }

    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (!pass.before_activation) ops::activation_backward<T>(activation_, before_activation(y, pass), y, dy);
        if (const View<T> dkernel = pass.gradient(kernel_); !dkernel.empty()) {
            ops::dense_backward_kernel<T>(geometry_, x, dy, dkernel, pass.scratch);
            ops::bias_gradient<T>(dy, pass.gradient(bias_));
        }
        if (!dx.empty()) ops::dense_backward_input<T>(geometry_, pass.value(kernel_), dy, dx, pass.scratch);
    }

private:
    /// The values that go into the activation, kept in training if its gradient needs them.
    View<T> before_activation(ConstView<T> y, const Pass<T>& pass) const {
        if (!pass.training || !ops::needs_input(activation_)) return {};
        Arena kept = pass.kept;
        return {kept.take<T>(y.size()), y.shape()};
    }

    ops::DenseGeometry geometry_;
    Activation activation_;
    Parameter kernel_;
    Parameter bias_;
};

static_assert(LayerSpec<Dense>);

} // namespace fovea
