#pragma once
#include <string>
#include <utility>
#include <vector>

#include <fovea/layers/all.hpp>
#include <fovea/onnx/node_reader.hpp>

/// ONNX's normalizations as layers.
namespace fovea::onnx {

namespace detail {

/// An input whose channels are the first axis of a sample in the file, as the last one; and how to undo that.
struct ChannelsLast {
    fovea::Node<float> node;
    std::vector<Index> back = {};
    bool channels_first = false;
};

inline ChannelsLast channels_last(NodeReader& in) {
    const Wire given = in.as_is(0);
    if (given.line) return {in.image_or_line(0).node, {}, true};
    const Wire x = in.first(0);
    const Index rank = x.node.shape().rank();
    if (x.channels_first || rank == 1) return {x.node, {}, x.channels_first};
    std::vector<Index> order, back{rank};
    for (Index i = 2; i <= rank; ++i) order.push_back(i), back.push_back(i - 1);
    order.push_back(1);
    return {in.permuted(x.node, order, "last"), back, false};
}

inline void give(NodeReader& in, const ChannelsLast& x, const fovea::Node<float>& y) {
    Wire result{x.back.empty() ? y : in.permuted(y, x.back, "back"), x.channels_first};
    if (x.back.empty() && !in.is_line()) result.affine = y.name();
    in.give(std::move(result));
}

/// One number for each group, once for each of its channels.
inline Floats spread(const Floats& values, std::size_t channels) {
    if (values.empty() || values.size() >= channels || channels % values.size() != 0) return values;
    Floats all;
    for (const float value : values) all.insert(all.end(), channels / values.size(), value);
    return all;
}

inline void normalize_groups(NodeReader& in, const ChannelsLast& x, Index groups) {
    const auto channels = static_cast<std::size_t>(x.node.shape().last());
    const auto y = in.add_shared(GroupNormalization{.groups = groups, .epsilon = in.real("epsilon", 1e-5F)}, x.node);
    in.set_weight(y, "gamma", spread(in.floats(1), channels));
    in.set_weight(y, "beta", spread(in.floats(2), channels));
    give(in, x, y);
}

} // namespace detail

inline void read_batch_normalization(NodeReader& in) {
    in.require_whole("training_mode", 0);
    in.require_whole("spatial", 1);
    const detail::ChannelsLast x = detail::channels_last(in);
    const auto y = in.add_shared(
        BatchNormalization{.momentum = in.real("momentum", 0.9F), .epsilon = in.real("epsilon", 1e-5F)}, x.node);
    std::size_t input = 1;
    for (const char* const name : {"gamma", "beta", "moving_mean", "moving_variance"})
        in.set_weight(y, name, in.floats(input++));
    detail::give(in, x, y);
}

inline void read_layer_normalization(NodeReader& in) {
    const Wire x = in.raw(0);
    const Index rank = x.node.shape().rank();
    const std::int64_t given = in.whole("axis", -1);
    const std::int64_t axis = given < 0 ? given + rank + 1 : given;
    require<DataError>(1 <= axis && axis <= rank, "axis=", given, " is not supported, only axes of a sample");
    LayerNormalization spec{.axis = {}, .epsilon = in.real("epsilon", 1e-5F)};
    for (Index i = axis; i <= rank; ++i) spec.axis.push_back(i);
    const auto y = in.add_shared(spec, x.node);
    in.set_weight(y, "gamma", in.floats(1));
    in.set_weight(y, "beta", in.has(2) ? in.floats(2) : Floats(in.floats(1).size()));
    Wire result{y};
    if (axis == rank) result.affine = y.name();
    in.give(std::move(result));
}

/// Put together by join_nodes.hpp; gamma and beta may follow.
inline void read_joined_layer_normalization(NodeReader& in) {
    const Wire given = in.wire(0);
    const Index rank = given.node.shape().rank();
    const auto from_front = [&](const char* name) {
        const std::int64_t axis = in.whole(name, -1);
        return axis < 0 ? axis + rank + 1 : axis;
    };
    const std::int64_t first = from_front("axis"), last = from_front("last");
    const bool of_channels = given.channels_first && first == 1 && last == 1;
    const Wire x = of_channels ? given : in.raw(given);
    require<DataError>(of_channels || (1 <= first && first <= last && last == rank),
                       "only the last axes, or the channels, are supported");
    LayerNormalization spec{.axis = {}, .epsilon = in.real("epsilon", 1e-5F)};
    for (Index i = of_channels ? rank : first; i <= rank; ++i) spec.axis.push_back(i);
    const auto y = in.add(spec, x.node);
    const auto count = static_cast<std::size_t>(spec.features(x.node.shape()).size());
    in.set_weight(y, "gamma", Floats(count, 1));
    in.set_weight(y, "beta", Floats(count, 0));
    Wire result{y, x.channels_first};
    if (spec.axis.size() == 1) result.affine = y.name();
    in.give(std::move(result));
}

/// Opset 18 has its weights by groups, 21 by channels.
inline void read_group_normalization(NodeReader& in) {
    detail::normalize_groups(in, detail::channels_last(in), in.whole("num_groups", 0));
}

/// Behind a Reshape to (batch, groups, -1) it is GroupNormalization, and a Reshape back to the image follows.
inline void read_instance_normalization(NodeReader& in) {
    const Wire x = in.grouped(0);
    if (x.groups == 0) return detail::normalize_groups(in, detail::channels_last(in), -1);
    const auto channels = static_cast<std::size_t>(x.node.shape().last());
    const auto y = in.add(GroupNormalization{.groups = x.groups, .epsilon = in.real("epsilon", 1e-5F)}, x.node);
    in.set_weight(y, "gamma", detail::spread(in.floats(1), channels));
    in.set_weight(y, "beta", detail::spread(in.floats(2), channels));
    Wire result{y, x.channels_first};
    result.groups = x.groups;
    result.affine = y.name();
    in.give(std::move(result));
}

/// Rows of length 1; put together by join_nodes.hpp.
inline void read_unit_normalization(NodeReader& in) {
    const std::int64_t given = in.whole("axis", -1);
    const Wire x = in.wire(0);
    const Index rank = x.node.shape().rank();
    const std::int64_t axis = given < 0 ? given + rank + 1 : given;
    const bool fits = axis == (x.channels_first ? 1 : rank);
    const Wire from = fits ? x : axis == rank ? in.raw(x) : in.first(0);
    require<DataError>(axis == (from.channels_first ? 1 : rank), "axis=", given,
                       " is not supported, only that of the channels");
    in.give(in.add(UnitNormalization{}, from.node), from.channels_first);
}

} // namespace fovea::onnx
