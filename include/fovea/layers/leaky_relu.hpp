#pragma once
#include <string>

#include <fovea/layers/relu.hpp>

namespace fovea {

/// x (batch, ...) -> y (batch, ...): y = x from 0 on, negative_slope * x below. `Activation::leaky_relu` is the one of slope 0.2.
struct LeakyReLU {
    double negative_slope = 0.3;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "LeakyReLU";

    void fields(SpecVisitor& visit) { visit("negative_slope", negative_slope); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a slope that is negative or not finite.
    Shape output_shape(const Shape& input) const {
        require<ValueError>(std::isfinite(negative_slope) && negative_slope >= 0, type,
                            ": negative_slope must be a finite number >= 0, got ", negative_slope);
        return input;
    }
};

template <class T>
class LeakyReLU::Layer : public ReLU::Layer<T> {
public:
    Layer(const LeakyReLU& spec, const Shape& input, ParameterRegistry& parameters)
        : ReLU::Layer<T>({.negative_slope = spec.negative_slope}, spec.output_shape(input), parameters) {}
};

static_assert(LayerSpec<LeakyReLU>);

} // namespace fovea
