#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/layers/all.hpp>
#include <fovea/onnx/node_reader.hpp>

/// ONNX nodes that add to images, or take from them, as layers.
namespace fovea::onnx {

namespace detail {

/// Rows and columns around an image that are those at its edge again.
inline fovea::Node<float> padded_by_edge(NodeReader& in, fovea::Node<float> x, const Edges2D& edges) {
    for (const int axis : {1, 2}) {
        const EdgePair& pair = axis == 1 ? edges.height : edges.width;
        if (pair.before + pair.behind == 0) continue;
        const Index rest = x.shape()[axis - 1] - 1;
        const auto edge = [&](const EdgePair& cut, const char* name) {
            return in.add(Cropping2D{axis == 1 ? Edges2D{cut, {}} : Edges2D{{}, cut}}, x, name);
        };
        require<DataError>(pair.before + pair.behind <= 256, "so much padding by the edge is not supported");
        std::vector<fovea::Node<float>> parts;
        if (pair.before > 0) parts.assign(static_cast<std::size_t>(pair.before), edge({0, rest}, "before"));
        parts.push_back(x);
        if (pair.behind > 0)
            parts.insert(parts.end(), static_cast<std::size_t>(pair.behind), edge({rest, 0}, "behind"));
        x = in.merge(Concatenate{.axis = axis}, parts);
    }
    return x;
}

} // namespace detail

/// Around height and width. Others than zeros are taken off first, and put back.
inline void read_pad(NodeReader& in) {
    const Wire x = in.image(0);
    const bool older = in.opset() < 11;
    const Integers given = older ? in.wholes("pads", {}) : in.integers(1);
    const Integers axes = !older && in.has(3) ? in.integers(3) : Integers{0, 1, 2, 3};
    const bool has_value = !older && in.has(2) && !in.floats(2).empty();
    const double value = older ? double{in.real("value", 0)} : has_value ? double{in.floats(2)[0]} : 0;
    const std::string mode = in.word("mode", "constant");
    require<DataError>(mode == "constant" || mode == "edge", "mode=", mode,
                       " is not supported, only constant and edge");
    require<DataError>(given.size() == 2 * axes.size(), "pads must be two numbers for each axis, got ", given.size());
    Integers pads(8);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t axis = axes[i] < 0 ? axes[i] + 4 : axes[i];
        require<DataError>(0 <= axis && axis < 4, "there is no axis ", axes[i]);
        pads[static_cast<std::size_t>(axis)] = given[i];
        pads[static_cast<std::size_t>(axis) + 4] = given[axes.size() + i];
    }
    require<DataError>(pads[0] == 0 && pads[1] == 0 && pads[4] == 0 && pads[5] == 0,
                       "pads must be 0 for batch and channels");
    const Edges2D edges{{pads[2], pads[6]}, {pads[3], pads[7]}};
    edges.require_valid(in.op(), "pads");
    if (mode == "edge") return in.give(detail::padded_by_edge(in, x.node, edges), true, x.non_negative);
    if (value == 0) return in.give(in.add(ZeroPadding2D{edges}, x.node), true, x.non_negative);
    const auto padded = in.add(ZeroPadding2D{edges}, in.add(Rescaling{1, -value}, x.node, "shift"));
    in.give(in.add(Rescaling{1, value}, padded, "back"), true);
}

namespace detail {

/// A sample as an image (what lies in front of some axes, these, what lies behind).
inline fovea::Node<float> apart(NodeReader& in, const fovea::Node<float>& x, Index first, Index last) {
    const Shape shape = x.shape();
    Index before = 1, along = 1, behind = 1;
    for (Index axis = 0; axis < shape.rank(); ++axis)
        (axis < first ? before : axis <= last ? along : behind) *= shape[axis];
    return shape == Shape{before, along, behind} ? x : in.add(Reshape{{before, along, behind}}, x, "apart");
}

inline fovea::Node<float> shaped(NodeReader& in, const fovea::Node<float>& x, const std::vector<Index>& extents) {
    return x.shape() == Shape(std::span<const Index>(extents)) ? x : in.add(Reshape{extents}, x, "together");
}

/// The axis of a sample's shape that a file counts so.
inline Index sample_axis(const Wire& x, std::int64_t axis) {
    const Index rank = x.node.shape().rank();
    const std::int64_t number = axis < 0 ? axis + rank + 1 : axis;
    require<DataError>(1 <= number && number <= rank, "axis ", axis, " is not supported, only those of a sample");
    return x.channels_first ? (number + 1) % 3 : number - 1;
}

/// Without what lies in front of and behind a part of an axis.
inline fovea::Node<float> cut_out(NodeReader& in, const fovea::Node<float>& x, Index axis, EdgePair edges) {
    const Shape shape = x.shape();
    if (shape.rank() == 3 && axis < 2)
        return in.add(Cropping2D{axis == 0 ? Edges2D{edges, {}} : Edges2D{{}, edges}}, x);
    std::vector<Index> extents(shape.begin(), shape.end());
    extents[static_cast<std::size_t>(axis)] -= edges.before + edges.behind;
    return shaped(in, in.add(Cropping2D{{{}, edges}}, apart(in, x, axis, axis)), extents);
}

} // namespace detail

/// A part of any axis but the batch.
inline void read_slice(NodeReader& in) {
    const Wire x = in.wire(0);
    const auto [starts, ends, axes, steps] = slices_of(in);
    const bool fits = starts.size() == axes.size() && ends.size() == axes.size() && steps == Integers(axes.size(), 1);
    require<DataError>(fits, "starts, ends and axes must be of one length, with steps of 1");
    std::vector<EdgePair> cuts(static_cast<std::size_t>(x.node.shape().rank()));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const Index axis = detail::sample_axis(x, axes[i]);
        const std::int64_t extent = x.node.shape()[axis];
        const auto place = [&](std::int64_t at) {
            return std::clamp<std::int64_t>(at < 0 ? std::max(at, -extent) + extent : at, 0, extent);
        };
        cuts[static_cast<std::size_t>(axis)] = {place(starts[i]), extent - place(ends[i])};
    }
    fovea::Node<float> y = x.node;
    if (cuts.size() == 3 && cuts[2] == EdgePair{}) {
        y = in.add(Cropping2D{{cuts[0], cuts[1]}}, y);
    } else {
        for (std::size_t axis = 0; axis < cuts.size(); ++axis)
            if (cuts[axis] != EdgePair{}) y = detail::cut_out(in, y, static_cast<Index>(axis), cuts[axis]);
    }
    in.give(y, x.channels_first, x.non_negative);
}

/// Parts of an axis, one behind the other: of given extents, or equal ones of which the last may be shorter.
inline void read_split(NodeReader& in) {
    const Wire x = in.wire(0);
    const Index axis = detail::sample_axis(x, in.whole("axis", 0));
    const Index extent = x.node.shape()[axis];
    const auto count = static_cast<Index>(in.outputs());
    Integers parts = in.opset() < 13 ? in.wholes("split", {}) : in.has(1) ? in.integers(1) : Integers{};
    const Index each = (extent + count - 1) / count;
    for (Index i = 0; parts.size() < in.outputs() && i < count; ++i)
        parts.push_back(std::clamp<Index>(extent - i * each, 0, each));
    require<DataError>(parts.size() == in.outputs(), "split has ", parts.size(), " numbers for ", count, " outputs");
    Index at = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        require<DataError>(1 <= parts[i] && parts[i] <= extent - at, "a part would have an extent of ", parts[i]);
        const auto y = detail::cut_out(in, x.node, axis, {at, extent - at - parts[i]});
        at += parts[i];
        in.give_one(i, Wire{y, x.channels_first, x.non_negative});
    }
    require<DataError>(at == extent, "the parts have ", at, " elements together, the axis ", extent);
}

} // namespace fovea::onnx
