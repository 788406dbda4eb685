#pragma once
#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/onnx/import_convolutions.hpp>
#include <fovea/onnx/import_merges.hpp>
#include <fovea/onnx/import_sizes.hpp>

/// ONNX's pooling as layers.
namespace fovea::onnx {

namespace detail {

/// One axis of windows, padding with as much more behind as ceil_mode asks for.
struct PooledAxis {
    Index input = 0, size = 0, stride = 0, dilation = 1;
    EdgePair edges = {};
    Index behind_in_file = 0; ///< what of that the file says

    Index span() const { return (size - 1) * dilation + 1; }
    Index output() const { return (input + edges.before + edges.behind - span()) / stride + 1; }

    /// A window that would begin behind image and padding is none.
    void round_up() {
        const Index room = input + edges.before + edges.behind;
        if (room < span()) return;
        Index count = (room - span() + stride - 1) / stride + 1;
        if ((count - 1) * stride >= input + edges.before) --count;
        edges.behind = std::max(edges.behind, (count - 1) * stride + span() - input - edges.before);
    }

    /// How many places of a window count: those of the image, or of the padding that the file asks for, too.
    Index counted(Index window, bool with_padding) const {
        Index count = 0;
        for (Index i = 0; i < size; ++i) {
            const Index at = window * stride + i * dilation - edges.before;
            count += with_padding ? at < input + behind_in_file : 0 <= at && at < input;
        }
        return count;
    }
};

/// Maxima do not change if the padding repeats what is at the edge.
inline fovea::Node<float> pooled_maximum(NodeReader& in, const Wire& x, const PooledAxis& height,
                                         const PooledAxis& width, const MaxPooling2D& spec) {
    require<DataError>(height.dilation == 1 && width.dilation == 1, "dilations are not supported");
    for (const PooledAxis& axis : {height, width})
        require<DataError>(std::max(axis.edges.before, axis.edges.behind) < axis.size,
                           "a window would lie outside of the image");
    const Edges2D edges{height.edges, width.edges};
    const bool none = edges.rows() + edges.columns() == 0;
    const auto from = none             ? x.node
                      : x.non_negative ? in.add(ZeroPadding2D{edges}, x.node, "padding")
                                       : padded_by_edge(in, x.node, edges);
    return in.add(spec, from);
}

/// Means of windows with zeros around the image, which are scaled where less than the whole window counts.
inline fovea::Node<float> pooled_mean(NodeReader& in, const Wire& x, const PooledAxis& height, const PooledAxis& width,
                                      const AveragePooling2D& spec, bool with_padding) {
    const Edges2D edges{height.edges, width.edges};
    const bool none = edges.rows() + edges.columns() == 0;
    const auto from = none ? x.node : in.add(ZeroPadding2D{edges}, x.node, "padding");
    const Index channels = x.node.shape()[2], window = height.size * width.size;
    fovea::Node<float> y = from;
    if (height.dilation == 1 && width.dilation == 1) {
        y = in.add(spec, from);
    } else { // a convolution with a kernel of equal numbers
        y = in.add(DepthwiseConv2D{.kernel_size = spec.pool_size,
                                   .strides = {height.stride, width.stride},
                                   .dilation_rate = {height.dilation, width.dilation},
                                   .use_bias = false,
                                   .trainable = false},
                   from);
        in.set_weight(y, "kernel", Floats(static_cast<std::size_t>(window * channels), 1 / static_cast<float>(window)));
    }
    Floats factors;
    bool all = true;
    for (Index i = 0; i < height.output(); ++i)
        for (Index j = 0; j < width.output(); ++j) {
            const Index count = height.counted(i, with_padding) * width.counted(j, with_padding);
            require<DataError>(count > 0, "a window would lie outside of the image");
            all = all && count == window;
            factors.insert(factors.end(), static_cast<std::size_t>(channels),
                           static_cast<float>(window) / static_cast<float>(count));
        }
    if (all) return y;
    const std::size_t count = factors.size();
    return scaled_all(in, y, std::move(factors), Floats(count));
}

} // namespace detail

template <class Pooling>
void read_pooling(NodeReader& in) {
    constexpr bool is_max = std::is_same_v<Pooling, MaxPooling2D>;
    const Wire x = in.image_or_line(0);
    const Shape shape = x.node.shape();
    const Size2D size = in.pair("kernel_shape", 0), strides = in.pair("strides", 1), dilation = in.pair("dilations", 1);
    detail::ReadPadding padding = detail::read_padding(in, shape, size, strides, dilation);
    Pooling spec{.pool_size = size, .strides = OptionalSize2D(strides.height, strides.width)};
    const bool with_padding = !is_max && in.whole("count_include_pad", 0) != 0;
    const bool rounds_up = in.whole("ceil_mode", 0) != 0;
    const Window2D same(in.op(), "kernel", shape, size, strides, dilation, Padding::same);
    if (padding.padding == Padding::same && (rounds_up || with_padding)) padding.set(explicit_pads(same));
    detail::PooledAxis height{shape[0],        size.height,          strides.height,
                              dilation.height, padding.edges.height, padding.edges.height.behind};
    detail::PooledAxis width{shape[1],       size.width,          strides.width,
                             dilation.width, padding.edges.width, padding.edges.width.behind};
    if (rounds_up) {
        height.round_up();
        width.round_up();
    }
    const Integers pads{height.edges.before, width.edges.before, height.edges.behind, width.edges.behind};
    const bool is_keras = padding.padding == Padding::same || (pads != Integers(4) && pads == explicit_pads(same));
    fovea::Node<float> y = x.node;
    if (is_keras && !with_padding && dilation == Size2D(1)) {
        spec.padding = Padding::same;
        y = in.add(spec, x.node);
    } else {
        require<DataError>(height.input + height.edges.before + height.edges.behind >= height.span() &&
                               width.input + width.edges.before + width.edges.behind >= width.span(),
                           "the window ", size, " does not fit the image ", shape);
        if constexpr (is_max)
            y = detail::pooled_maximum(in, x, height, width, spec);
        else
            y = detail::pooled_mean(in, x, height, width, spec, with_padding);
    }
    in.give(y, true, x.non_negative);
}

template <class Pooling>
void read_global_pooling(NodeReader& in) {
    const Wire x = in.image_or_line(0);
    in.give(in.add(Pooling{.keepdims = true}, x.node), true, x.non_negative);
}

/// Over height and width, or any axes side by side, as pooling whose window is all of them.
template <class Global, class Pooling>
void read_reduction(NodeReader& in) {
    const bool keeps = in.whole("keepdims", 1) != 0;
    const Wire given = in.wire(0);
    const Integers axes = in.axes(1, 18);
    require<DataError>(!axes.empty(), "all axes, with that of the batch, are not supported");
    const auto places = [&](const Wire& x) {
        std::vector<Index> result;
        for (const std::int64_t axis : axes) result.push_back(detail::sample_axis(x, axis));
        std::sort(result.begin(), result.end());
        return result;
    };
    if (given.channels_first && places(given) == std::vector<Index>{0, 1})
        return in.give(in.add(Global{.keepdims = keeps}, given.node), keeps, given.non_negative);
    const Wire x = keeps ? given : in.raw(given);
    const std::vector<Index> over = places(x);
    const bool side_by_side = over.back() - over.front() + 1 == static_cast<Index>(over.size()) &&
                              std::adjacent_find(over.begin(), over.end()) == over.end();
    require<DataError>(side_by_side, "only axes that lie side by side are supported");
    const Shape shape = x.node.shape();
    std::vector<Index> extents(shape.begin(), shape.end());
    for (std::size_t i = over.size(); i-- > 0;) {
        if (keeps)
            extents[static_cast<std::size_t>(over[i])] = 1;
        else
            extents.erase(extents.begin() + over[i]);
    }
    const bool no_axes = extents.empty();
    if (no_axes) extents.push_back(1);
    const auto image = detail::apart(in, x.node, over.front(), over.back());
    const Size2D window{1, image.shape()[1]};
    const auto y = detail::shaped(in, in.add(Pooling{.pool_size = window}, image), extents);
    in.give(Wire{y, x.channels_first, x.non_negative, no_axes});
}

} // namespace fovea::onnx
