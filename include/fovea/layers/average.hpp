#pragma once
#include <string>

#include <fovea/layers/merge.hpp>

namespace fovea {

/// y = (x[0] + x[1] + ...) / number of inputs, element by element.
///
///     x[k] (batch, ...) -> y (batch, ...)
///
/// An input whose extent along an axis is 1 is repeated there.
struct Average {
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Average";

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

    /// Throws ValueError for fewer than two inputs, ShapeError for shapes that do not fit each other.
    Shape output_shape(std::span<const Shape> inputs) const { return detail::merged_shape(type, inputs); }
};

template <class T>
class Average::Layer {
public:
    Layer(const Average& spec, std::span<const Shape> inputs, ParameterRegistry&)
        : merge_(inputs, spec.output_shape(inputs)) {}

    void forward(std::span<const ConstView<T>> x, View<T> y, Pass<T>&) const {
        merge_.assign(x[0], y);
        for (std::size_t k = 1; k < x.size(); ++k) merge_.combine(k, x[k], y, [](T a, T b) { return a + b; });
        for (T& value : y) value /= static_cast<T>(x.size());
    }

    void backward(std::span<const ConstView<T>>, ConstView<T>, View<T> dy, std::span<const View<T>> dx,
                  Pass<T>&) const {
        for (std::size_t k = 0; k < dx.size(); ++k)
            merge_.reduce(k, dx[k], dy.size(), [&](Index i, Index) { return dy[i] / static_cast<T>(dx.size()); });
    }

private:
    detail::ElementwiseMerge merge_;
};

static_assert(MergeSpec<Average>);

} // namespace fovea
