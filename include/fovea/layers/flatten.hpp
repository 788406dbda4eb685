#pragma once
#include <algorithm>
#include <string>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// x (batch, ...) -> y (batch, elements of a sample): the same elements in the same (row-major) order.
struct Flatten {
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Flatten";

    void fields(SpecVisitor&) {}

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return {input.size()}; }
};

template <class T>
class Flatten::Layer {
public:
    Layer(const Flatten&, const Shape&, ParameterRegistry&) {}

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const { std::copy(x.begin(), x.end(), y.begin()); }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        if (!dx.empty()) std::copy(dy.begin(), dy.end(), dx.begin());
    }
};

static_assert(LayerSpec<Flatten>);

} // namespace fovea
