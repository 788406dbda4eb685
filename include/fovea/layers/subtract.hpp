#pragma once
#include <string>

#include <fovea/layers/merge.hpp>

namespace fovea {

/// y = x[0] - x[1], element by element.
///
///     x[k] (batch, ...) -> y (batch, ...)
///
/// An input whose extent along an axis is 1 is repeated there.
struct Subtract {
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Subtract";

    void fields(SpecVisitor&) {}

    template <class T>
    class Layer;

    template <class Node, class... Nodes>
    Node operator()(const Node& first, const Nodes&... others) const {
        return Node::merge(*this, {first, others...});
    }
    /// The same; layers that are called within the braces are made from left to right.
    template <class Node>
    Node operator()(std::initializer_list<Node> nodes) const {
        return Node::merge(*this, nodes);
    }

    /// Throws ValueError for any other number of inputs than two, ShapeError for shapes that do not fit each other.
    Shape output_shape(std::span<const Shape> inputs) const {
        require<ValueError>(inputs.size() == 2, type, ": takes two inputs, got ", inputs.size());
        return detail::merged_shape(type, inputs);
    }
};

template <class T>
class Subtract::Layer {
public:
    Layer(const Subtract& spec, std::span<const Shape> inputs, ParameterRegistry&)
        : merge_(inputs, spec.output_shape(inputs)) {}

    void forward(std::span<const ConstView<T>> x, View<T> y, Pass<T>&) const {
        merge_.assign(x[0], y);
        for (std::size_t k = 1; k < x.size(); ++k) merge_.combine(k, x[k], y, [](T a, T b) { return a - b; });
    }

    void backward(std::span<const ConstView<T>>, ConstView<T>, View<T> dy, std::span<const View<T>> dx,
                  Pass<T>&) const {
        merge_.reduce(0, dx[0], dy.size(), [&](Index i, Index) { return dy[i]; });
        merge_.reduce(1, dx[1], dy.size(), [&](Index i, Index) { return -dy[i]; });
    }

private:
    detail::ElementwiseMerge merge_;
};

static_assert(MergeSpec<Subtract>);

} // namespace fovea
