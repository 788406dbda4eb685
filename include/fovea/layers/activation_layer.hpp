#pragma once
#include <algorithm>
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/activation.hpp>

namespace fovea {

/// An activation as a layer of its own, Keras's `Activation`. x (batch, ...) -> y (batch, ...), softmax over the last axis.
struct ActivationLayer {
    Activation activation = Activation::linear;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Activation";

    void fields(SpecVisitor& visit) { visit("activation", activation); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return input; }
};

template <class T>
class ActivationLayer::Layer {
public:
    Layer(const ActivationLayer& spec, const Shape&, ParameterRegistry&) : activation_(spec.activation) {}

    Activation activation() const { return activation_; }

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
        std::copy(x.begin(), x.end(), y.begin());
        ops::activation_forward(activation_, y);
    }

    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (dx.empty()) return;
        if (!pass.before_activation) ops::activation_backward(activation_, x, y, dy);
        std::copy(dy.begin(), dy.end(), dx.begin());
    }

private:
    Activation activation_;
};

static_assert(LayerSpec<ActivationLayer>);

} // namespace fovea
