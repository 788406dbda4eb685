#pragma once
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/onnx/import_convolutions.hpp>
#include <fovea/onnx/import_sizes.hpp>

/// The ONNX nodes that are neither convolution nor pooling as layers, and the table of all.
namespace fovea::onnx {

template <class Spec>
void read_elementwise(NodeReader& in, const Spec& spec, bool non_negative) {
    const Wire& x = in.wire(0);
    in.give(in.add(spec, x.node), x.channels_first, non_negative);
}

inline void read_activation(NodeReader& in, Activation activation, bool non_negative) {
    read_elementwise(in, ActivationLayer{activation}, non_negative);
}

/// What passes on what it gets.
inline void read_identity(NodeReader& in) {
    if (in.is_constant(0)) return in.give(in.constant(0));
    in.give(Wire(in.wire(0)));
}

inline void read_constant_node(NodeReader& in) {
    const Attribute* const value = in.attribute("value");
    const Constant* const constant = value == nullptr ? nullptr : std::get_if<Constant>(&value->value);
    require<DataError>(constant != nullptr, "only a tensor in \"value\" is supported");
    in.give(*constant);
}

/// Before opset 13 it runs over all axes from `axis` on.
inline void read_softmax(NodeReader& in) {
    const Wire& x = in.wire(0);
    const Index rank = x.node.shape().rank() + 1;
    const std::int64_t given = in.whole("axis", in.opset() < 13 ? 1 : -1);
    const std::int64_t axis = given < 0 ? given + rank : given;
    require<DataError>(axis == (x.channels_first ? 1 : rank - 1) && (in.opset() >= 13 || rank == 2 || axis == rank - 1),
                       "axis=", given, " is not supported, only that of the channels");
    read_elementwise(in, Softmax{}, true);
}

/// From 0 to a limit: ReLU6.
inline void read_clip(NodeReader& in) {
    const auto limit = [&](const char* name, std::size_t input, float otherwise) {
        if (in.opset() < 11) return in.real(name, otherwise);
        if (!in.has(input)) return otherwise;
        require<DataError>(in.floats(input).size() == 1, name, " must be one number");
        return in.floats(input)[0];
    };
    const float most = limit("max", 2, std::numeric_limits<float>::max());
    require<DataError>(limit("min", 1, std::numeric_limits<float>::lowest()) == 0, "only min=0 is supported");
    read_elementwise(in, ReLU{.max_value = double{most}}, true);
}

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
    const auto y = in.add(spec, x.node);
    in.set_weight(y, "alpha", std::move(alpha));
    in.give(y, x.channels_first);
}

inline void read_batch_normalization(NodeReader& in) {
    const Wire x = in.first(0);
    require<DataError>(x.channels_first || x.node.shape().rank() == 1, "expected images or vectors, got a sample ",
                       x.node.shape());
    in.require_whole("training_mode", 0);
    in.require_whole("spatial", 1);
    const auto y =
        in.add(BatchNormalization{.momentum = in.real("momentum", 0.9F), .epsilon = in.real("epsilon", 1e-5F)}, x.node);
    std::size_t input = 1;
    for (const char* const name : {"gamma", "beta", "moving_mean", "moving_variance"})
        in.set_weight(y, name, in.floats(input++));
    in.give(y, x.channels_first);
}

inline void read_layer_normalization(NodeReader& in) {
    const Wire x = in.raw(0);
    const Index rank = x.node.shape().rank();
    const std::int64_t axis = in.whole("axis", -1);
    LayerNormalization spec{.axis = {}, .epsilon = in.real("epsilon", 1e-5F), .center = in.has(2)};
    for (Index i = axis < 0 ? axis + rank : axis - 1; 0 <= i && i < rank; ++i) spec.axis.push_back(i + 1);
    const auto y = in.add(spec, x.node);
    in.set_weight(y, "gamma", in.floats(1));
    if (in.has(2)) in.set_weight(y, "beta", in.floats(2));
    in.give(y, false);
}

inline void read_dropout(NodeReader& in) {
    const bool has_input = in.opset() >= 12 && in.has(1);
    if (has_input) require<DataError>(in.floats(1).size() == 1, "the ratio must be one number");
    const float ratio = in.opset() >= 12 ? has_input ? in.floats(1)[0] : 0.5F : in.real("ratio", 0.5F);
    read_elementwise(in, Dropout{ratio}, in.wire(0).non_negative);
}

inline void read_flatten(NodeReader& in) {
    in.require_whole("axis", 1);
    const Wire x = in.in_order(0);
    in.give(in.add(Flatten{}, x.node), false, x.non_negative);
}

/// The first extent must leave the batch as it is.
inline void read_reshape(NodeReader& in) {
    const Wire x = in.raw(0);
    const Shape shape = x.node.shape();
    const Integers target = in.opset() < 5 ? in.wholes("shape", {}) : in.integers(1);
    require<DataError>(target.size() >= 2 && target.size() <= Shape::max_rank, "a target of ", target.size(),
                       " axes is not supported");
    Reshape spec;
    for (std::size_t i = 1; i < target.size(); ++i) {
        const bool copied = target[i] == 0 && std::cmp_less_equal(i, shape.rank());
        spec.target_shape.push_back(copied ? shape[static_cast<Index>(i) - 1] : target[i]);
    }
    // A file for batches of one says 1; with -1 in front, all others must be the sample's.
    require<DataError>(-1 <= target[0] && target[0] <= 1, "the batch would be ", target[0]);
    const bool open = std::find(target.begin() + 1, target.end(), -1) != target.end();
    require<DataError>(!(open && target[0] == -1), "two extents are -1");
    in.give(target.size() == 2 && (open || spec.target_shape[0] == shape.size()) ? in.add(Flatten{}, x.node)
                                                                                 : in.add(spec, x.node),
            false, x.non_negative);
}

/// One between the two orders of images is only another way to read the same wire.
inline void read_transpose(NodeReader& in) {
    const Wire& x = in.wire(0);
    const Index rank = x.node.shape().rank();
    Integers perm = in.wholes("perm", {});
    require<DataError>(std::cmp_equal(perm.size(), rank + 1) && perm[0] == 0, "perm must leave the batch of a sample ",
                       x.node.shape(), " in front");
    if (rank == 3 && perm == (x.channels_first ? Integers{0, 2, 3, 1} : Integers{0, 3, 1, 2}))
        return in.give({x.node, !x.channels_first, x.non_negative});
    const Wire from = in.raw(0);
    perm.erase(perm.begin());
    in.give(in.add(Permute{{perm.begin(), perm.end()}}, from.node), false, from.non_negative);
}

/// Over height and width.
inline void read_reduce_mean(NodeReader& in) {
    const Wire x = in.image(0);
    Integers axes = in.opset() < 18 ? in.wholes("axes", {}) : in.integers(1);
    for (std::int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
    std::sort(axes.begin(), axes.end());
    require<DataError>(axes == Integers{2, 3}, "only the mean over height and width, axes 2 and 3, is supported");
    const bool keeps = in.whole("keepdims", 1) != 0;
    in.give(in.add(GlobalAveragePooling2D{.keepdims = keeps}, x.node), keeps, x.non_negative);
}

inline void read_gelu(NodeReader& in) {
    require<DataError>(in.word("approximate", "none") == "none", "only approximate=none is supported");
    read_activation(in, Activation::gelu, false);
}

/// A number with all elements: their sum, difference, product or quotient.
inline void read_with_number(NodeReader& in) {
    const std::size_t place = in.is_constant(0) ? 0 : 1;
    const Wire& x = in.wire(1 - place);
    require<DataError>(in.floats(place).size() == 1 && in.constant(place).dims.size() <= 1,
                       "a constant of more than one number is supported only behind a product, as its bias");
    const double number = in.floats(place)[0];
    Rescaling spec;
    if (in.op() == "Add" || in.op() == "Sum") spec.offset = number;
    if (in.op() == "Sub") {
        spec.offset = place == 1 ? -number : number;
        spec.scale = place == 1 ? 1 : -1;
    }
    if (in.op() == "Mul") spec.scale = number;
    if (in.op() == "Div") {
        require<DataError>(place == 1 && number != 0, "only division by a number that is not 0 is supported");
        spec.scale = 1 / number;
    }
    in.give(in.add(spec, x.node), x.channels_first);
}

template <class Merge>
void read_merge(NodeReader& in) {
    constexpr bool takes_number =
        std::is_same_v<Merge, Add> || std::is_same_v<Merge, Subtract> || std::is_same_v<Merge, Multiply>;
    if (takes_number && in.inputs() == 2 && (in.is_constant(0) || in.is_constant(1))) return read_with_number(in);
    if (in.inputs() == 1) return read_identity(in);
    bool first = false;
    for (std::size_t i = 0; i < in.inputs(); ++i) first = first || in.wire(i).channels_first;
    std::vector<fovea::Node<float>> nodes;
    bool non_negative = !std::is_same_v<Merge, Subtract>;
    for (std::size_t i = 0; i < in.inputs(); ++i) {
        const Wire x = first ? in.first(i) : in.wire(i);
        nodes.push_back(x.node);
        non_negative = non_negative && x.non_negative;
    }
    Merge spec;
    if constexpr (std::is_same_v<Merge, Concatenate>) {
        const Index rank = nodes[0].shape().rank() + 1;
        const std::int64_t given = in.whole("axis", 1);
        const std::int64_t axis = given < 0 ? given + rank : given;
        require<DataError>(1 <= axis && axis < rank, "axis=", given, " is not supported for samples ",
                           nodes[0].shape());
        spec.axis = static_cast<int>(first ? (axis + 1) % 3 + 1 : axis);
    }
    in.give(in.merge(spec, nodes), first, non_negative);
}

using ReadNode = void (*)(NodeReader&);

/// How each operator is read.
inline const std::map<std::string_view, ReadNode>& node_readers() {
    static const std::map<std::string_view, ReadNode> readers{
        {"Add", read_merge<Add>},
        {"AveragePool", read_pooling<AveragePooling2D>},
        {"BatchNormalization", read_batch_normalization},
        {"Clip", read_clip},
        {"Concat", read_merge<Concatenate>},
        {"Constant", read_constant_node},
        {"Conv", read_conv},
        {"ConvTranspose", read_conv_transpose},
        {"Div", read_with_number},
        {"Dropout", read_dropout},
        {"Elu", [](NodeReader& in) { read_elementwise(in, ELU{in.real("alpha", 1)}, false); }},
        {"Flatten", read_flatten},
        {"Gelu", read_gelu},
        {"Gemm", read_dense},
        {"GlobalAveragePool", read_global_pooling<GlobalAveragePooling2D>},
        {"GlobalMaxPool", read_global_pooling<GlobalMaxPooling2D>},
        {"Identity", read_identity},
        {"LayerNormalization", read_layer_normalization},
        {"LeakyRelu", [](NodeReader& in) { read_elementwise(in, LeakyReLU{in.real("alpha", 0.01F)}, false); }},
        {"MatMul", read_dense},
        {"Max", read_merge<Maximum>},
        {"MaxPool", read_pooling<MaxPooling2D>},
        {"Mean", read_merge<Average>},
        {"Min", read_merge<Minimum>},
        {"Mul", read_merge<Multiply>},
        {"PRelu", read_prelu},
        {"Pad", read_pad},
        {"ReduceMean", read_reduce_mean},
        {"Relu", [](NodeReader& in) { read_activation(in, Activation::relu, true); }},
        {"Reshape", read_reshape},
        {"Resize", read_resize},
        {"Sigmoid", [](NodeReader& in) { read_activation(in, Activation::sigmoid, true); }},
        {"Slice", read_slice},
        {"Softmax", read_softmax},
        {"Sub", read_merge<Subtract>},
        {"Sum", read_merge<Add>},
        {"Tanh", [](NodeReader& in) { read_activation(in, Activation::tanh, false); }},
        {"Transpose", read_transpose},
        {"Upsample", read_resize}};
    return readers;
}

} // namespace fovea::onnx
