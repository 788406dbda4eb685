#pragma once
#include <string>

#include <fovea/layers/activation_layer.hpp>

namespace fovea {

/// Softmax over the last axis, as a layer of its own. x (batch, ...) -> y (batch, ...).
struct Softmax {
    Index axis = -1; ///< the last one; counted from the end, or from the batch axis, which is 0
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Softmax";

    void fields(SpecVisitor& visit) { visit("axis", axis); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for an axis that is not the last one, ShapeError for an input without axes.
    Shape output_shape(const Shape& input) const {
        require<ShapeError>(input.rank() > 0, type, ": expected an input of at least 1 axis, got ", input);
        require<ValueError>(axis == -1 || axis == input.rank(), type, ": axis must be the last one, -1 or ",
                            input.rank(), " for the input ", input, ", got ", axis);
        return input;
    }
};

template <class T>
class Softmax::Layer : public ActivationLayer::Layer<T> {
public:
    Layer(const Softmax& spec, const Shape& input, ParameterRegistry& parameters)
        : ActivationLayer::Layer<T>({Activation::softmax}, spec.output_shape(input), parameters) {}
};

static_assert(LayerSpec<Softmax>);

} // namespace fovea
