#pragma once
#include <string>

#include <fovea/layers/merge.hpp>

namespace fovea {

/// y = min(x[0], x[1], ...), element by element.
///
///     x[k] (batch, ...) -> y (batch, ...)
///
/// The gradient goes to the first of those that are smallest. An input whose extent along an axis is 1 is repeated there.
struct Minimum {
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Minimum";

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
class Minimum::Layer : public detail::ExtremumMerge<T, std::less<>> {
public:
    using detail::ExtremumMerge<T, std::less<>>::ExtremumMerge;
};

static_assert(MergeSpec<Minimum>);

} // namespace fovea
