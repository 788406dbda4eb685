#pragma once
#include <string>
#include <utility>
#include <vector>

#include <fovea/layers/all.hpp>
#include <fovea/onnx/import_activations.hpp>

/// ONNX nodes that put several tensors together, or a tensor and a constant, as layers.
namespace fovea::onnx {

namespace detail {

/// A constant that meets all samples alike, its axes in fovea's order.
struct Factors {
    Floats values; ///< for each channel, or each element of a sample
    bool by_channel = false;
};

inline Factors factors_of(const Constant& constant, const Floats& given, const Wire& x) {
    const Shape shape = x.node.shape();
    const auto rank = static_cast<std::size_t>(shape.rank());
    Integers dims = constant.dims;
    if (dims.size() == rank + 1 && dims[0] == 1) dims.erase(dims.begin());
    require<DataError>(dims.size() <= rank, "a constant of ", constant.dims.size(),
                       " axes differs from sample to sample, which is not supported");
    dims.insert(dims.begin(), rank - dims.size(), 1);
    Factors result{given};
    if (x.channels_first)
        result.values = reordered({Shape(std::vector<Index>(dims.begin(), dims.end())), given}, {1, 2, 0}, dims);
    for (std::size_t axis = 0; axis < rank; ++axis) {
        const Index extent = shape[static_cast<Index>(axis)];
        require<DataError>(dims[axis] == 1 || dims[axis] == extent, "a constant of extent ", dims[axis],
                           " does not fit the sample ", shape);
    }
    result.by_channel = std::all_of(dims.begin(), dims.end() - 1, [](std::int64_t extent) { return extent == 1; });
    const Index size = result.by_channel ? shape.last() : shape.size();
    Floats all;
    for (Index i = 0; i < size; ++i) {
        Index rest = i, at = 0, stride = 1;
        for (std::size_t axis = rank; axis-- > 0;) {
            const Index extent = shape[static_cast<Index>(axis)];
            at += dims[axis] == 1 ? 0 : rest % extent * stride;
            rest /= extent;
            stride *= dims[axis];
        }
        all.push_back(result.values[static_cast<std::size_t>(at)]);
    }
    result.values = std::move(all);
    return result;
}

/// x * factor + shift, by a BatchNormalization that is frozen, and does just that.
inline fovea::Node<float> scaled(NodeReader& in, const fovea::Node<float>& x, Floats factor, Floats shift,
                                 const char* suffix = "") {
    constexpr float epsilon = 1.0F / 1024;
    const auto y = in.add(BatchNormalization{.epsilon = epsilon, .trainable = false}, x, suffix);
    const std::size_t channels = factor.size();
    in.set_weight(y, "gamma", std::move(factor));
    in.set_weight(y, "beta", std::move(shift));
    in.set_weight(y, "moving_mean", Floats(channels, 0));
    in.set_weight(y, "moving_variance", Floats(channels, 1 - epsilon));
    return y;
}

/// The same with a factor for each element of a sample.
inline fovea::Node<float> scaled_all(NodeReader& in, const fovea::Node<float>& x, Floats factor, Floats shift) {
    const Shape shape = x.shape();
    if (shape.rank() == 1) return scaled(in, x, std::move(factor), std::move(shift));
    const auto row = scaled(in, in.add(Reshape{{-1}}, x, "row"), std::move(factor), std::move(shift));
    return in.add(Reshape{{shape.begin(), shape.end()}}, row, "back");
}

/// With a constant of several numbers. A normalization in front takes it in where it can.
inline void give_scaled(NodeReader& in, std::size_t place, const Wire& x) {
    Factors factors = factors_of(in.constant(place), in.floats(place), x);
    const std::size_t count = factors.values.size();
    Floats factor(count, 1), shift(count, 0);
    const bool is_sum = in.op() == "Add" || in.op() == "Sum" || in.op() == "Sub";
    for (std::size_t i = 0; i < count; ++i) {
        const float value = factors.values[i];
        if (is_sum) {
            shift[i] = in.op() == "Sub" && place == 1 ? -value : value;
            factor[i] = in.op() == "Sub" && place == 0 ? -1.0F : 1.0F;
        } else {
            require<DataError>(in.op() == "Mul" || (place == 1 && value != 0),
                               "only division by numbers that are not 0 is supported");
            factor[i] = in.op() == "Mul" ? value : 1 / value;
        }
    }
    Wire y{x.node, x.channels_first, false, x.no_axes};
    if (factors.by_channel && in.may_change(1 - place, x.affine, x.node)) {
        Floats& gamma = in.weight(x.affine, "gamma");
        Floats& beta = in.weight(x.affine, "beta");
        for (std::size_t i = 0; i < count; ++i) {
            gamma[i] *= factor[i];
            beta[i] = std::fma(beta[i], factor[i], shift[i]);
        }
        y.affine = x.affine;
    } else if (factors.by_channel) {
        y.node = scaled(in, x.node, std::move(factor), std::move(shift));
        y.affine = y.node.name();
    } else {
        y.node = scaled_all(in, x.node, std::move(factor), std::move(shift));
    }
    in.give(std::move(y));
}

} // namespace detail

/// All elements and a constant.
inline void read_with_constant(NodeReader& in) {
    const std::size_t place = in.is_constant(0) ? 0 : 1;
    const Wire x = in.any(1 - place);
    const std::string& op = in.op();
    const bool one = in.floats(place).size() == 1 && in.constant(place).dims.size() <= in.file_rank(1 - place);
    const bool is_limit = op == "Max" || op == "Min";
    require<DataError>(is_limit || op == "Add" || op == "Sum" || op == "Sub" || op == "Mul" || op == "Div",
                       "a constant among the inputs is not supported");
    if (!one) {
        require<DataError>(!is_limit, "a constant of more than one number is not supported");
        require<DataError>(!x.no_axes, "a constant of several numbers differs from sample to sample");
        return detail::give_scaled(in, place, x);
    }
    const double number = in.floats(place)[0];
    Wire y{x.node, x.channels_first, false, x.no_axes};
    if (is_limit) {
        y.node =
            detail::limited(in, x.node, op == "Max" ? detail::Limits{.least = number} : detail::Limits{.most = number});
        y.non_negative = op == "Max" && number >= 0;
        return in.give(std::move(y));
    }
    Rescaling spec;
    if (op == "Add" || op == "Sum") spec.offset = number;
    if (op == "Sub") {
        spec.offset = place == 1 ? -number : number;
        spec.scale = place == 1 ? 1 : -1;
    }
    if (op == "Mul") spec.scale = number;
    if (op == "Div") {
        require<DataError>(place == 1 && number != 0, "only division by a number that is not 0 is supported");
        spec.scale = 1 / number;
    }
    y.node = in.add(spec, x.node);
    in.give(std::move(y));
}

template <class Merge>
void read_merge(NodeReader& in) {
    constexpr bool concatenates = std::is_same_v<Merge, Concatenate>;
    const bool with_constant = in.inputs() == 2 && (in.is_constant(0) || in.is_constant(1));
    if (with_constant && !concatenates) return read_with_constant(in);
    if (in.inputs() == 1) {
        Wire x = in.any(0);
        return in.give(std::move(x));
    }
    bool first = false, no_axes = !concatenates;
    for (std::size_t i = 0; i < in.inputs(); ++i) {
        first = first || in.any(i).channels_first;
        no_axes = no_axes && in.any(i).no_axes;
    }
    std::vector<fovea::Node<float>> nodes;
    bool non_negative = !std::is_same_v<Merge, Subtract>;
    for (std::size_t i = 0; i < in.inputs(); ++i) {
        const Wire x = no_axes ? in.any(i) : first ? in.first(i) : in.wire(i);
        nodes.push_back(x.node);
        non_negative = non_negative && x.non_negative;
    }
    Merge spec;
    if constexpr (concatenates) {
        const Index rank = nodes[0].shape().rank() + 1;
        const std::int64_t given = in.whole("axis", 1);
        const std::int64_t axis = given < 0 ? given + rank : given;
        require<DataError>(1 <= axis && axis < rank, "axis=", given, " is not supported for samples ",
                           nodes[0].shape());
        spec.axis = static_cast<int>(first ? (axis + 1) % 3 + 1 : axis);
    }
    in.give(Wire{in.merge(spec, nodes), first, non_negative, no_axes});
}

} // namespace fovea::onnx
