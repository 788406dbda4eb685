#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// x (batch, ...) -> y (batch, target_shape...): the same elements in the same (row-major) order. One extent may be -1 and is
/// worked out: `Reshape{{7, 7, -1}}`.
struct Reshape {
    std::vector<Index> target_shape = {}; ///< without the batch axis
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Reshape";

    void fields(SpecVisitor& visit) { visit("target_shape", target_shape); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for extents that are not positive (but one -1), ShapeError if the elements cannot be laid out so.
    Shape output_shape(const Shape& input) const {
        std::string list;
        for (const Index extent : target_shape) list += text(list.empty() ? "(" : ", ", extent);
        list += list.empty() ? "()" : ")";
        require<ValueError>(!target_shape.empty() && target_shape.size() < Shape::max_rank,
                            "Reshape: target_shape must have 1 to ", Shape::max_rank - 1, " extents, got ", list);
        const auto unknowns = std::count(target_shape.begin(), target_shape.end(), -1);
        require<ValueError>(unknowns <= 1, "Reshape: only one extent of target_shape may be -1, got ", list);
        std::vector<Index> extents = target_shape;
        const auto unknown = std::find(extents.begin(), extents.end(), -1);
        if (unknown != extents.end()) *unknown = 1;
        require<ValueError>(*std::min_element(extents.begin(), extents.end()) > 0,
                            "Reshape: extents of target_shape must be positive or -1, got ", list);
        const Index known = Shape(extents).size();
        const bool fits = unknown != extents.end() ? input.size() % known == 0 : input.size() == known;
        require<ShapeError>(fits, "Reshape: the ", input.size(), " elements of input ", input,
                            " do not fit target_shape ", list);
        if (unknown != extents.end()) *unknown = input.size() / known;
        return Shape(extents);
    }
};

template <class T>
class Reshape::Layer {
public:
    /// Throws as output_shape does.
    Layer(const Reshape& spec, const Shape& input, ParameterRegistry&) { spec.output_shape(input); }

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const { std::copy(x.begin(), x.end(), y.begin()); }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        if (!dx.empty()) std::copy(dy.begin(), dy.end(), dx.begin());
    }
};

static_assert(LayerSpec<Reshape>);

} // namespace fovea
