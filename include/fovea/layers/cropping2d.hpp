#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/edges.hpp>

namespace fovea {

/// x (batch, height, width, channels) -> y (batch, height - top - bottom, width - left - right, channels): images without their edges.
struct Cropping2D {
    Edges2D cropping = 0; ///< `{{top, bottom}, {left, right}}`, `{rows, columns}`, or one number for all
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Cropping2D";

    void fields(SpecVisitor& visit) { visit("cropping", cropping); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a negative cropping, ShapeError for an input that is no image or of which nothing is left.
    Shape output_shape(const Shape& input) const {
        cropping.require_valid(type, "cropping");
        require_image(type, input);
        require<ShapeError>(cropping.rows() < input[0] && cropping.columns() < input[1], type, ": cropping ", cropping,
                            " leaves nothing of input ", input);
        return {input[0] - cropping.rows(), input[1] - cropping.columns(), input[2]};
    }
};

template <class T>
class Cropping2D::Layer {
public:
    /// Throws as output_shape does.
    Layer(const Cropping2D& spec, const Shape& input, ParameterRegistry&) : cropping_(spec.cropping) {
        spec.output_shape(input);
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const { ops::remove_edges(cropping_, x, y); }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        if (!dx.empty()) ops::add_edges(cropping_, dy, dx);
    }

private:
    Edges2D cropping_;
};

static_assert(LayerSpec<Cropping2D>);

} // namespace fovea
