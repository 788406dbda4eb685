#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/edges.hpp>

namespace fovea {

/// x (batch, height, width, channels) -> y (batch, top + height + bottom, left + width + right, channels): zeros around each image.
struct ZeroPadding2D {
    Edges2D padding = 1; ///< `{{top, bottom}, {left, right}}`, `{rows, columns}`, or one number for all
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "ZeroPadding2D";

    void fields(SpecVisitor& visit) { visit("padding", padding); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a negative padding, ShapeError for an input that is no image.
    Shape output_shape(const Shape& input) const {
        padding.require_valid(type, "padding");
        require_image(type, input);
        return {input[0] + padding.rows(), input[1] + padding.columns(), input[2]};
    }
};

template <class T>
class ZeroPadding2D::Layer {
public:
    /// Throws as output_shape does.
    Layer(const ZeroPadding2D& spec, const Shape& input, ParameterRegistry&) : padding_(spec.padding) {
        spec.output_shape(input);
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const { ops::add_edges(padding_, x, y); }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        if (!dx.empty()) ops::remove_edges(padding_, dy, dx);
    }

private:
    Edges2D padding_;
};

static_assert(LayerSpec<ZeroPadding2D>);

} // namespace fovea
