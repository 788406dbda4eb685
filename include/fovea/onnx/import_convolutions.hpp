#pragma once
#include <string>
#include <vector>

#include <fovea/layers/all.hpp>
#include <fovea/onnx/export_convolutions.hpp>
#include <fovea/onnx/node_reader.hpp>

/// ONNX nodes with kernels and windows as layers.
namespace fovea::onnx {

namespace detail {

/// How a window is to be padded: as Keras does it, or by so many numbers around the image first.
struct ReadPadding {
    Padding padding = Padding::valid;
    Edges2D edges = 0;

    bool has_edges() const { return edges.rows() + edges.columns() > 0; }
    /// By numbers, as ONNX has them.
    void set(const Integers& pads) {
        padding = Padding::valid;
        edges = {{pads[0], pads[2]}, {pads[1], pads[3]}};
    }
};

inline ReadPadding read_padding(const NodeReader& in, const Shape& image, Size2D kernel, Size2D strides,
                                Size2D dilation) {
    const std::string automatic = in.word("auto_pad", "NOTSET");
    if (automatic == "SAME_UPPER") return {Padding::same, 0};
    const Window2D same(in.op(), "kernel", image, kernel, strides, dilation, Padding::same);
    Integers pads = Integers(4);
    if (automatic == "SAME_LOWER") { // an odd number has its larger half in front
        pads = explicit_pads(same);
        if (pads[0] < pads[2]) std::swap(pads[0], pads[2]);
        if (pads[1] < pads[3]) std::swap(pads[1], pads[3]);
    } else if (automatic != "VALID") {
        require<DataError>(automatic == "NOTSET" || automatic.empty(), "auto_pad=", automatic, " is not supported");
        pads = in.pads();
    }
    ReadPadding result;
    if (pads == Integers(4)) return result;
    result.set(pads);
    result.edges.require_valid(in.op(), "pads");
    return explicit_pads(same) == pads ? ReadPadding{Padding::same, 0} : result;
}

inline Weight weight_of(const Constant& constant, const Floats& values) {
    return {Shape(std::vector<Index>(constant.dims.begin(), constant.dims.end())), values};
}

/// Behind an image, zeros around it, where padding asks for them.
inline fovea::Node<float> padded(NodeReader& in, const ReadPadding& padding, const fovea::Node<float>& x) {
    return padding.has_edges() ? in.add(ZeroPadding2D{padding.edges}, x, "padding") : x;
}

inline const Floats* bias_of(NodeReader& in, std::size_t input, std::size_t count) {
    if (in.has(input)) return &in.floats(input);
    const Constant* const added = in.op() == "Conv" || count == 0 ? nullptr : in.taken_in_bias(count);
    return added == nullptr ? nullptr : &std::get<Floats>(added->elements);
}

} // namespace detail

inline void read_conv(NodeReader& in) {
    const Wire x = in.image_or_line(0);
    const Constant kernel{{}, in.kernel_dims(1), {}};
    const Shape shape = x.node.shape();
    const Size2D size{kernel.dims[2], kernel.dims[3]};
    const Size2D strides = in.pair("strides", 1), dilation = in.pair("dilations", 1);
    const detail::ReadPadding padding = detail::read_padding(in, shape, size, strides, dilation);
    const std::int64_t group = in.whole("group", 1);
    const std::int64_t filters = kernel.dims[0];
    require<DataError>(group >= 1 && shape[2] % group == 0 && kernel.dims[1] == shape[2] / group, "a kernel for ",
                       kernel.dims[1], " channels in each of ", group, " groups does not fit the image ", shape);
    const Floats* const bias = detail::bias_of(in, 2, static_cast<std::size_t>(filters));
    const auto from = detail::padded(in, padding, x.node);
    const Weight weight = detail::weight_of(kernel, in.floats(1));
    Integers dims;
    if (group == shape[2] && group > 1 && filters % group == 0) {
        const auto y = in.add_shared(DepthwiseConv2D{.kernel_size = size,
                                                     .strides = strides,
                                                     .padding = padding.padding,
                                                     .depth_multiplier = filters / group,
                                                     .dilation_rate = dilation,
                                                     .use_bias = bias != nullptr},
                                     from);
        in.set_weight(y, "kernel", reordered(weight, {2, 3, 0, 1}, dims));
        if (bias != nullptr) in.set_weight(y, "bias", *bias);
        return in.give(y, true);
    }
    const auto y = in.add_shared(Conv2D{.filters = filters,
                                        .kernel_size = size,
                                        .strides = strides,
                                        .padding = padding.padding,
                                        .dilation_rate = dilation,
                                        .groups = group,
                                        .use_bias = bias != nullptr},
                                 from);
    in.set_weight(y, "kernel", reordered(weight, {2, 3, 1, 0}, dims));
    if (bias != nullptr) in.set_weight(y, "bias", *bias);
    in.give(y, true);
}

namespace detail {

/// Kernels of groups (channels, filters / groups, height, width) as one for all channels, with zeros between the groups.
inline Constant ungrouped(NodeReader& in, const Constant& kernel, const Floats& values, std::int64_t groups) {
    const Integers& dims = kernel.dims;
    Constant all{{}, {dims[0], dims[1] * groups, dims[2], dims[3]}, {}};
    const std::int64_t row = dims[1] * dims[2] * dims[3], channels = dims[0] / groups;
    in.take(dims[0] * groups * row);
    Floats spread(static_cast<std::size_t>(dims[0] * groups * row));
    for (std::int64_t c = 0; c < dims[0]; ++c)
        std::copy_n(values.begin() + c * row, row, spread.begin() + (c * groups + c / channels) * row);
    all.elements = std::move(spread);
    return all;
}

/// Padding and extra rows and columns of an output, by pads, or by the extents that it is to have.
struct TransposedSizes {
    Integers pads;
    Size2D more;
};

inline TransposedSizes transposed_sizes(const NodeReader& in, const Shape& image, const Conv2DTranspose& spec) {
    TransposedSizes sizes{in.pads(), in.pair("output_padding", 0)};
    const std::string automatic = in.word("auto_pad", "NOTSET");
    const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
    require<DataError>(same || automatic == "NOTSET" || automatic == "VALID" || automatic.empty(),
                       "auto_pad=", automatic, " is not supported");
    if (automatic == "VALID") sizes.pads = Integers(4);
    if (same || in.attribute("output_shape") != nullptr) {
        Integers extents = in.wholes("output_shape", {});
        if (in.is_line() && extents.size() == 1) extents.insert(extents.begin(), 1);
        require<DataError>(extents.size() == 2 || extents.size() == 4 || (same && extents.empty()), "output_shape has ",
                           extents.size(), " numbers, expected those of images, 2");
        sizes.pads = Integers(4);
        for (const std::size_t axis : {0U, 1U}) {
            const auto of = [&](const Size2D& size) { return axis == 0 ? size.height : size.width; };
            const Index stride = of(spec.strides), input = image[static_cast<Index>(axis)];
            const Index extent = extents.empty() ? input * stride : extents[extents.size() - 2 + axis];
            const Index span = (of(spec.kernel_size) - 1) * of(spec.dilation_rate) + 1;
            require<DataError>(0 < extent && extent <= most_of_size, "output_shape ", extent, " is not supported");
            Index& more = axis == 0 ? sizes.more.height : sizes.more.width;
            Index total = stride * (input - 1) + more + span - extent;
            if (total < 0) more -= std::exchange(total, 0);
            const Index half = total / 2, rest = total - half;
            sizes.pads[axis] = automatic == "SAME_UPPER" ? half : rest;
            sizes.pads[axis + 2] = automatic == "SAME_UPPER" ? rest : half;
        }
    }
    return sizes;
}

} // namespace detail

/// Keras's padding gives the output's place where it can; else a part of the whole output is cut out.
inline void read_conv_transpose(NodeReader& in) {
    const Wire x = in.image_or_line(0);
    const Constant given{{}, in.kernel_dims(1), {}};
    const Shape shape = x.node.shape();
    const std::int64_t groups = in.whole("group", 1);
    require<DataError>(given.dims[0] == shape[2] && groups >= 1 && shape[2] % groups == 0,
                       "the kernel does not fit the image ", shape);
    const Constant kernel = groups == 1 ? given : detail::ungrouped(in, given, in.floats(1), groups);
    Conv2DTranspose spec{.filters = kernel.dims[1],
                         .kernel_size = {kernel.dims[2], kernel.dims[3]},
                         .strides = in.pair("strides", 1),
                         .dilation_rate = in.pair("dilations", 1),
                         .use_bias = in.has(2)};
    spec.output_shape(shape);
    const auto [pads, more] = detail::transposed_sizes(in, shape, spec);
    const Edges2D edges{{pads[0], pads[2]}, {pads[1], pads[3]}};
    edges.require_valid(in.op(), "pads");
    spec.output_padding = OptionalSize2D(more.height, more.width);
    const Window2D all = spec.window(shape); // without pads
    Edges2D cut = edges;
    for (const OptionalSize2D& output_padding : {OptionalSize2D{}, OptionalSize2D{0, 0}, OptionalSize2D{1, 1}}) {
        Conv2DTranspose same = spec;
        same.padding = Padding::same;
        same.output_padding = output_padding;
        if (output_padding && std::min(spec.strides.height, spec.strides.width) <= output_padding->height) continue;
        const Window2D window = same.window(shape);
        if (window.height.before == pads[0] && window.width.before == pads[1] && edges.rows() + edges.columns() > 0 &&
            window.height.input == all.height.input - edges.rows() &&
            window.width.input == all.width.input - edges.columns()) {
            spec = same;
            cut = 0;
            break;
        }
    }
    const auto y = in.add_shared(spec, x.node);
    Integers dims;
    const Weight weight = detail::weight_of(kernel, groups == 1 ? in.floats(1) : std::get<Floats>(kernel.elements));
    in.set_weight(y, "kernel", reordered(weight, {2, 3, 1, 0}, dims));
    if (in.has(2)) in.set_weight(y, "bias", in.floats(2));
    in.give(cut.rows() + cut.columns() > 0 ? in.add(Cropping2D{cut}, y, "cropping") : y, true);
}

/// x kernel + bias, with alpha and beta taken into the two.
inline void read_dense(NodeReader& in) {
    const bool is_gemm = in.op() == "Gemm";
    const Wire x = in.raw(0);
    const Shape shape = x.node.shape();
    Constant kernel{{}, in.constant(1).dims, {}};
    const bool is_vector = !is_gemm && kernel.dims.size() == 1 && shape.rank() > 1; // the last axis goes
    if (is_vector) kernel.dims.push_back(1);
    require<DataError>(kernel.dims.size() == 2, "the kernel has ", kernel.dims.size(), " axes, expected 2");
    if (is_gemm) in.require_whole("transA", 0);
    const bool transposed = is_gemm && in.whole("transB", 0) != 0;
    const std::int64_t units = kernel.dims[transposed ? 0 : 1];
    require<DataError>(kernel.dims[transposed ? 1 : 0] == shape.last(), "a kernel for ",
                       kernel.dims[transposed ? 1 : 0], " inputs does not fit the sample ", shape);
    Integers dims;
    const Weight weight = detail::weight_of(kernel, in.floats(1));
    Floats values = transposed ? reordered(weight, {1, 0}, dims) : weight.values;
    for (float& value : values) value *= is_gemm ? in.real("alpha", 1) : 1;
    const float beta = is_gemm ? in.real("beta", 1) : 1;
    const Floats* const given = is_vector ? nullptr : detail::bias_of(in, 2, static_cast<std::size_t>(units));
    const auto y = in.add_shared(Dense{.units = units, .use_bias = given != nullptr}, x.node);
    in.set_weight(y, "kernel", std::move(values));
    if (given != nullptr) {
        Floats bias = *given;
        if (bias.size() == 1) bias.resize(static_cast<std::size_t>(units), bias[0]);
        for (float& value : bias) value *= beta;
        in.set_weight(y, "bias", std::move(bias));
    }
    in.give(is_vector ? in.add(Reshape{{shape.begin(), shape.end() - 1}}, y, "vector") : y, false);
}

} // namespace fovea::onnx
