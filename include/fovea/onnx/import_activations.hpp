#pragma once
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fovea/layers/all.hpp>
#include <fovea/onnx/export_convolutions.hpp>
#include <fovea/onnx/node_reader.hpp>

/// ONNX's functions of each element, and Softmax, as layers. Those that fovea does not have are put together of some that it has.
namespace fovea::onnx {

template <class Spec>
void read_elementwise(NodeReader& in, const Spec& spec, bool non_negative) {
    Wire x = in.as_is(0);
    x.node = in.add(spec, x.node);
    x.non_negative = non_negative;
    x.affine.clear();
    in.give(std::move(x));
}

inline void read_activation(NodeReader& in, Activation activation, bool non_negative) {
    read_elementwise(in, ActivationLayer{activation}, non_negative);
}

/// Gives what some layers behind the input make of it.
inline void give_elementwise(NodeReader& in, const fovea::Node<float>& y, bool non_negative = false) {
    Wire x = in.any(0);
    in.give(Wire{y, x.channels_first, non_negative, x.no_axes});
}

namespace detail {

/// The limits of a Clip; none: infinite.
struct Limits {
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
};

/// x within limits, for ReLU's limits are from 0 on.
inline fovea::Node<float> limited(NodeReader& in, const fovea::Node<float>& x, const Limits& to) {
    constexpr double largest = std::numeric_limits<float>::max();
    require<DataError>(!std::isnan(to.least) && !std::isnan(to.most), "a limit is no number");
    const bool has_least = to.least > -largest, has_most = to.most < largest;
    if (!has_least && !has_most) return in.add(ActivationLayer{Activation::linear}, x);
    if (has_least && has_most && to.least >= to.most) return in.add(Rescaling{0, to.most}, x);
    if (!has_least) { // most - max(most - x, 0)
        const auto below = in.add(ReLU{}, in.add(Rescaling{-1, to.most}, x, "shift"));
        return in.add(Rescaling{-1, to.most}, below, "back");
    }
    ReLU spec;
    if (has_most) spec.max_value = to.most - to.least;
    if (to.least == 0) return has_most ? in.add(spec, x) : in.add(ActivationLayer{Activation::relu}, x);
    return in.add(Rescaling{1, to.least}, in.add(spec, in.add(Rescaling{1, -to.least}, x, "shift")), "back");
}

inline fovea::Node<float> hard_sigmoid(NodeReader& in, const fovea::Node<float>& x, double alpha, double beta) {
    return in.add(ReLU{.max_value = 1.0}, in.add(Rescaling{alpha, beta}, x, "line"));
}

} // namespace detail

inline void read_clip(NodeReader& in) {
    const auto limit = [&](const char* name, std::size_t input, double otherwise) {
        if (in.opset() < 11) return in.attribute(name) == nullptr ? otherwise : double{in.real(name, 0)};
        if (!in.has(input)) return otherwise;
        require<DataError>(in.floats(input).size() == 1, name, " must be one number");
        return double{in.floats(input)[0]};
    };
    detail::Limits limits;
    limits.least = limit("min", 1, limits.least);
    limits.most = limit("max", 2, limits.most);
    give_elementwise(in, detail::limited(in, in.any(0).node, limits), limits.least >= 0 && limits.most >= 0);
}

inline void read_selu(NodeReader& in) {
    const float alpha = in.real("alpha", 1.67326319217681884765625F),
                gamma = in.real("gamma", 1.05070102214813232421875F);
    give_elementwise(in, in.add(Rescaling{gamma, 0}, in.add(ELU{alpha}, in.any(0).node, "elu")));
}

inline void read_hard_sigmoid(NodeReader& in) {
    give_elementwise(in, detail::hard_sigmoid(in, in.any(0).node, in.real("alpha", 0.2F), in.real("beta", 0.5F)), true);
}

inline void read_hard_swish(NodeReader& in) {
    const auto x = in.any(0).node;
    give_elementwise(in, in.merge(Multiply{}, {x, detail::hard_sigmoid(in, x, 1.0 / 6, 0.5)}));
}

/// x sigmoid(alpha x)
inline void read_swish(NodeReader& in) {
    const float alpha = in.real("alpha", 1);
    if (alpha == 1) return read_activation(in, Activation::silu, false);
    const auto x = in.any(0).node;
    const auto gate = in.add(ActivationLayer{Activation::sigmoid}, in.add(Rescaling{alpha, 0}, x, "scale"), "gate");
    give_elementwise(in, in.merge(Multiply{}, {x, gate}));
}

/// The approximate one: x (1 + tanh(c x + 0.044715 c x^3)) / 2 with c = sqrt(2 / pi), and (1 + tanh z) / 2 is sigmoid(2 z).
inline void read_gelu(NodeReader& in) {
    const std::string approximate = in.word("approximate", "none");
    if (approximate == "none") return read_activation(in, Activation::gelu, false);
    require<DataError>(approximate == "tanh", "approximate=", approximate, " is not supported");
    constexpr double twice = 2 * 0.797884560802865355;
    const auto x = in.any(0).node;
    const auto square = in.merge(Multiply{}, {x, x});
    const auto inner = in.merge(Multiply{}, {x, in.add(Rescaling{0.044715 * twice, twice}, square, "line")});
    give_elementwise(in, in.merge(Multiply{}, {x, in.add(ActivationLayer{Activation::sigmoid}, inner, "gate")}));
}

/// What export writes of ReLU with its slope, limit and threshold; put together by join_nodes.hpp.
inline void read_relu_layer(NodeReader& in) {
    ReLU spec{.negative_slope = in.real("negative_slope", 0), .threshold = in.real("threshold", 0)};
    if (in.attribute("max_value") != nullptr) spec.max_value = in.real("max_value", 0);
    read_elementwise(in, spec, spec.negative_slope == 0);
}

/// Over one axis; before opset 13 over all from `axis` on.
inline void read_softmax(NodeReader& in) {
    const Wire x = in.wire(0);
    const Index rank = x.node.shape().rank();
    const std::int64_t given = in.whole("axis", in.opset() < 13 ? 1 : -1);
    const std::int64_t in_file = given < 0 ? given + rank + 1 : given;
    require<DataError>(1 <= in_file && in_file <= rank && (in.opset() >= 13 || in_file == rank), "axis=", given,
                       " is not supported, only one axis of a sample");
    const Index axis = x.channels_first ? (in_file + 1) % 3 + 1 : in_file;
    std::vector<Index> order;
    for (Index i = 1; i <= rank; ++i) order.push_back(i);
    std::swap(order[static_cast<std::size_t>(axis - 1)], order.back());
    const auto y = in.add(Softmax{}, in.permuted(x.node, order, "last"));
    in.give(in.permuted(y, order, "back"), x.channels_first, true);
}

/// A slope for each element of a sample, or for all places along an axis.
inline void read_prelu(NodeReader& in) {
    const Wire x = in.first(0);
    const Shape shape = x.node.shape();
    const auto rank = static_cast<std::size_t>(shape.rank());
    Integers dims = in.constant(1).dims;
    const Floats& slope = in.floats(1);
    if (in.opset() < 7 && dims.size() == 1) dims = {dims[0], 1, 1};
    if (dims.size() == rank + 1 && dims[0] == 1) dims.erase(dims.begin());
    require<DataError>(dims.size() <= rank, "a slope of ", dims.size(), " axes does not fit the sample ", shape);
    dims.insert(dims.begin(), rank - dims.size(), 1);
    Weight weight{Shape(std::vector<Index>(dims.begin(), dims.end())), slope};
    Floats alpha = slope;
    if (x.channels_first) alpha = reordered(weight, {1, 2, 0}, dims);
    PReLU spec;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        const Index extent = shape[static_cast<Index>(axis)];
        require<DataError>(dims[axis] == 1 || dims[axis] == extent, "a slope of ", weight.shape,
                           " does not fit the sample ", shape);
        if (dims[axis] == 1 && extent != 1) spec.shared_axes.push_back(static_cast<Index>(axis) + 1);
    }
    const auto y = in.add_shared(spec, x.node);
    in.set_weight(y, "alpha", std::move(alpha));
    in.give(y, x.channels_first);
}

} // namespace fovea::onnx
