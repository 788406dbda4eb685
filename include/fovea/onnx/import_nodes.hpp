#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/onnx/import_convolutions.hpp>
#include <fovea/onnx/import_merges.hpp>
#include <fovea/onnx/import_normalizations.hpp>
#include <fovea/onnx/import_pooling.hpp>
#include <fovea/onnx/import_resize.hpp>
#include <fovea/onnx/import_sizes.hpp>

/// The ONNX nodes that change shapes or nothing as layers, and the table of all.
namespace fovea::onnx {

/// What passes on what it gets.
inline void read_identity(NodeReader& in) {
    if (in.is_constant(0)) return in.give(in.constant(0));
    Wire x = in.as_is(0);
    if (!in.is_only_reader(0)) x.affine.clear();
    in.give(std::move(x));
}

inline void read_dropout(NodeReader& in) {
    const bool has_input = in.opset() >= 12 && in.has(1);
    if (has_input) require<DataError>(in.floats(1).size() == 1, "the ratio must be one number");
    const float ratio = in.opset() >= 12 ? has_input ? in.floats(1)[0] : 0.5F : in.real("ratio", 0.5F);
    const bool trains = in.opset() >= 12 && in.has(2) && in.integers(2) != Integers{0};
    require<DataError>(!trains || ratio == 0, "training_mode is not supported: a file is one of inference");
    read_elementwise(in, Dropout{ratio}, in.any(0).non_negative);
}

/// The batch stays, all else becomes one axis.
inline void read_flatten(NodeReader& in) {
    const std::int64_t given = in.whole("axis", 1);
    const auto rank = static_cast<std::int64_t>(in.file_rank(0));
    require<DataError>(given == 1 || given == 1 - rank, "axis=", given, " is not supported, only 1");
    const Wire x = in.in_order(0);
    in.give(in.add(Flatten{}, x.node), false, x.non_negative);
}

namespace detail {

/// A tensor with these axes behind the batch; -1: what is left.
inline void give_reshaped(NodeReader& in, const std::vector<Index>& target) {
    const Wire x = in.raw(0);
    const bool flat = target.size() == 1 && (target[0] == -1 || target[0] == x.node.shape().size());
    in.give(flat ? in.add(Flatten{}, x.node) : in.add(Reshape{target}, x.node), false, x.non_negative);
}

} // namespace detail

/// The first extent must leave the batch as it is.
inline void read_reshape(NodeReader& in) {
    Integers target = in.opset() < 5 ? in.wholes("shape", {}) : in.integers(1);
    const Integers now = in.file_dims(0);
    require<DataError>(target.size() >= 2 && target.size() <= Shape::max_rank, "a target of ", target.size(),
                       " axes is not supported");
    const bool copies = in.whole("allowzero", 0) == 0;
    std::int64_t known = 1;
    for (std::size_t i = 1; i < target.size(); ++i) {
        require<DataError>(target[i] != batch_extent, "axis ", i, " would be the batch");
        if (target[i] == 0 && copies && i < now.size()) target[i] = now[i];
        require<DataError>(-1 <= target[i] && target[i] != 0, "an extent would be ", target[i]);
        if (target[i] > 0 && known > 0) known = target[i] <= most_of_size / known ? known * target[i] : -1;
    }
    // A file for batches of one says 1; with -1 in front, all others must be the sample's.
    const std::int64_t batch = target[0];
    const bool keeps =
        batch == -1 || batch == 1 || batch == in.batch() || batch == batch_extent || (batch == 0 && copies);
    require<DataError>(keeps, "the batch would be ", batch);
    const bool open = std::find(target.begin() + 1, target.end(), -1) != target.end();
    require<DataError>(!(open && batch == -1), "two extents are -1");
    const Wire groups = in.grouped(0);
    if (groups.groups > 0) { // that were cut apart, and are put together again
        Wire whole = groups;
        whole.groups = 0;
        const Shape shape = whole.node.shape();
        Integers dims(shape.begin(), shape.end());
        if (whole.channels_first) std::rotate(dims.begin(), dims.end() - 1, dims.end());
        if (open) *std::find(target.begin() + 1, target.end(), -1) = known > 0 ? shape.size() / known : -1;
        if (!in.is_only_reader(0)) whole.affine.clear();
        if (std::equal(target.begin() + 1, target.end(), dims.begin(), dims.end())) return in.give(std::move(whole));
    }
    const Node* const reader = in.only_reader();
    if (target.size() == 3 && target[1] > 0 && reader != nullptr && reader->op == "InstanceNormalization") {
        Wire x = in.first(0);
        const bool cuts = x.groups == 0 && (x.channels_first || x.node.shape().rank() == 1) &&
                          x.node.shape().last() % target[1] == 0 && (open || known == x.node.shape().size());
        x.groups = target[1];
        if (cuts) return in.give(std::move(x));
    }
    detail::give_reshaped(in, {target.begin() + 1, target.end()});
}

/// Axes of one element come or go.
inline void read_squeeze(NodeReader& in) {
    const Integers dims = in.file_dims(0), axes = in.axes(1);
    const auto rank = static_cast<std::int64_t>(dims.size());
    std::vector<Index> target;
    for (std::int64_t i = 1; i < rank; ++i) {
        const bool named = std::find(axes.begin(), axes.end(), i) != axes.end() ||
                           std::find(axes.begin(), axes.end(), i - rank) != axes.end();
        require<DataError>(!named || dims[static_cast<std::size_t>(i)] == 1, "axis ", i, " has more than one element");
        if (axes.empty() ? dims[static_cast<std::size_t>(i)] != 1 : !named)
            target.push_back(dims[static_cast<std::size_t>(i)]);
    }
    require<DataError>(std::find(axes.begin(), axes.end(), 0) == axes.end() &&
                           std::find(axes.begin(), axes.end(), -rank) == axes.end(),
                       "the batch must stay");
    require<DataError>(!target.empty(), "nothing but the batch would be left");
    detail::give_reshaped(in, target);
}

inline void read_unsqueeze(NodeReader& in) {
    Integers dims = in.file_dims(0), axes = in.axes(1);
    const auto rank = static_cast<std::int64_t>(dims.size() + axes.size());
    for (std::int64_t& axis : axes) axis += axis < 0 ? rank : 0;
    std::sort(axes.begin(), axes.end());
    for (const std::int64_t axis : axes) {
        require<DataError>(1 <= axis && axis <= static_cast<std::int64_t>(dims.size()), "axis ", axis,
                           " is not supported, only those of a sample");
        dims.insert(dims.begin() + axis, 1);
    }
    require<DataError>(dims.size() <= Shape::max_rank, "there would be ", dims.size(), " axes");
    detail::give_reshaped(in, {dims.begin() + 1, dims.end()});
}

/// To the shape that it has.
inline void read_expand(NodeReader& in) {
    const Integers now = in.file_dims(0);
    Integers target = in.integers(1);
    if (target.size() < now.size()) target.insert(target.begin(), now.size() - target.size(), 1);
    bool keeps = target.size() == now.size();
    for (std::size_t i = 0; keeps && i < now.size(); ++i)
        keeps = target[i] == 1 || target[i] == now[i] || (i == 0 && target[i] == in.batch());
    require<DataError>(keeps, "only to the shape that a tensor has is supported");
    read_identity(in);
}

/// One between the two orders of images is only another way to read the same wire.
inline void read_transpose(NodeReader& in) {
    const Wire x = in.wire(0);
    const Index rank = x.node.shape().rank();
    Integers perm = in.wholes("perm", {});
    require<DataError>(std::cmp_equal(perm.size(), rank + 1) && perm[0] == 0, "perm must leave the batch of a sample ",
                       x.node.shape(), " in front");
    if (rank == 3 && perm == (x.channels_first ? Integers{0, 2, 3, 1} : Integers{0, 3, 1, 2}))
        return in.give(x.node, !x.channels_first, x.non_negative);
    const Wire from = in.raw(x);
    perm.erase(perm.begin());
    in.give(in.add(Permute{{perm.begin(), perm.end()}}, from.node), false, from.non_negative);
}

inline void read_quotient(NodeReader& in) {
    require<DataError>(in.is_constant(0) || in.is_constant(1), "only division by constants is supported");
    read_with_constant(in);
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
        {"Conv", read_conv},
        {"ConvTranspose", read_conv_transpose},
        {"Div", read_quotient},
        {"Dropout", read_dropout},
        {"Elu", [](NodeReader& in) { read_elementwise(in, ELU{in.real("alpha", 1)}, false); }},
        {"Expand", read_expand},
        {"Flatten", read_flatten},
        {"Gelu", read_gelu},
        {"Gemm", read_dense},
        {"GlobalAveragePool", read_global_pooling<GlobalAveragePooling2D>},
        {"GlobalMaxPool", read_global_pooling<GlobalMaxPooling2D>},
        {"GroupNormalization", read_group_normalization},
        {"HardSigmoid", read_hard_sigmoid},
        {"HardSwish", read_hard_swish},
        {"Identity", read_identity},
        {"InstanceNormalization", read_instance_normalization},
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
        {"ReduceMax", read_reduction<GlobalMaxPooling2D, MaxPooling2D>},
        {"ReduceMean", read_reduction<GlobalAveragePooling2D, AveragePooling2D>},
        {"Relu", [](NodeReader& in) { read_activation(in, Activation::relu, true); }},
        {"Reshape", read_reshape},
        {"Resize", read_resize},
        {"Selu", read_selu},
        {"Sigmoid", [](NodeReader& in) { read_activation(in, Activation::sigmoid, true); }},
        {"Slice", read_slice},
        {"Softmax", read_softmax},
        {"Split", read_split},
        {"Squeeze", read_squeeze},
        {"Sub", read_merge<Subtract>},
        {"Sum", read_merge<Add>},
        {"Swish", read_swish},
        {"Tanh", [](NodeReader& in) { read_activation(in, Activation::tanh, false); }},
        {"Transpose", read_transpose},
        {"Unsqueeze", read_unsqueeze},
        {"Upsample", read_resize},
        {"fovea:LayerNormalization", read_joined_layer_normalization},
        {"fovea:ReLU", read_relu_layer},
        {"fovea:UnitNormalization", read_unit_normalization}};
    return readers;
}

} // namespace fovea::onnx
