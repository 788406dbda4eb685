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
};

inline ReadPadding read_padding(const NodeReader& in, const Shape& image, Size2D kernel, Size2D strides,
                                Size2D dilation) {
    const std::string automatic = in.word("auto_pad", "NOTSET");
    if (automatic == "SAME_UPPER") return {Padding::same, 0};
    require<DataError>(automatic == "NOTSET" || automatic == "VALID" || automatic.empty(), "auto_pad=", automatic,
                       " is not supported");
    const Integers pads = automatic == "VALID" ? Integers(4) : in.wholes("pads", Integers(4));
    require<DataError>(pads.size() == 4, "pads has ", pads.size(), " numbers, expected those of images, 4");
    const Edges2D edges{{pads[0], pads[2]}, {pads[1], pads[3]}};
    edges.require_valid(in.op(), "pads");
    if (pads == Integers(4)) return {};
    const Window2D same(in.op(), "kernel", image, kernel, strides, dilation, Padding::same);
    if (explicit_pads(same) == pads) return {Padding::same, 0};
    return {Padding::valid, edges};
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
    const Wire x = in.image(0);
    const Constant& kernel = in.constant(1);
    require<DataError>(kernel.dims.size() == 4, "the kernel has ", kernel.dims.size(),
                       " axes, expected those of images, 4");
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
        const auto y = in.add(DepthwiseConv2D{.kernel_size = size,
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
    const auto y = in.add(Conv2D{.filters = filters,
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

/// Keras's padding gives the output's place where it can; else a part of the whole output is cut out.
inline void read_conv_transpose(NodeReader& in) {
    const Wire x = in.image(0);
    const Constant& kernel = in.constant(1);
    const Shape shape = x.node.shape();
    require<DataError>(kernel.dims.size() == 4 && kernel.dims[0] == shape[2], "the kernel does not fit the image ",
                       shape);
    in.require_whole("group", 1);
    const std::string automatic = in.word("auto_pad", "NOTSET");
    require<DataError>(automatic == "NOTSET" && in.attribute("output_shape") == nullptr,
                       "auto_pad and output_shape are not supported, only pads");
    const Integers pads = in.wholes("pads", Integers(4));
    require<DataError>(pads.size() == 4, "pads has ", pads.size(), " numbers, expected those of images, 4");
    const Edges2D edges{{pads[0], pads[2]}, {pads[1], pads[3]}};
    edges.require_valid(in.op(), "pads");
    const Size2D more = in.pair("output_padding", 0);
    Conv2DTranspose spec{.filters = kernel.dims[1],
                         .kernel_size = {kernel.dims[2], kernel.dims[3]},
                         .strides = in.pair("strides", 1),
                         .dilation_rate = in.pair("dilations", 1),
                         .use_bias = in.has(2)};
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
    const auto y = in.add(spec, x.node);
    Integers dims;
    in.set_weight(y, "kernel", reordered(detail::weight_of(kernel, in.floats(1)), {2, 3, 1, 0}, dims));
    if (in.has(2)) in.set_weight(y, "bias", in.floats(2));
    in.give(cut.rows() + cut.columns() > 0 ? in.add(Cropping2D{cut}, y, "cropping") : y, true);
}

/// Zeros around the image are not what ONNX pads with, but for the mean over all of a window, and for maxima of what is not negative.
template <class Pooling>
void read_pooling(NodeReader& in) {
    constexpr bool is_max = std::is_same_v<Pooling, MaxPooling2D>;
    const Wire x = in.image(0);
    const Size2D size = in.pair("kernel_shape", 0), strides = in.pair("strides", 1);
    in.require_whole("ceil_mode", 0);
    require<DataError>(in.pair("dilations", 1) == Size2D(1), "dilations are not supported");
    detail::ReadPadding padding = detail::read_padding(in, x.node.shape(), size, strides, 1);
    if (!is_max && in.whole("count_include_pad", 0) != 0) {
        require<DataError>(in.word("auto_pad", "NOTSET") == "NOTSET",
                           "count_include_pad with auto_pad is not supported");
        const Integers pads = in.wholes("pads", Integers(4));
        padding = {Padding::valid, {{pads[0], pads[2]}, {pads[1], pads[3]}}};
    } else if (padding.has_edges()) {
        require<DataError>(is_max && x.non_negative,
                           "pads are not those of Keras's padding=\"same\", which is supported only for a mean with "
                           "count_include_pad, or the maximum of what a ReLU gives");
    }
    const auto from = detail::padded(in, padding, x.node);
    in.give(in.add(Pooling{.pool_size = size,
                           .strides = OptionalSize2D(strides.height, strides.width),
                           .padding = padding.padding},
                   from),
            true, x.non_negative);
}

template <class Pooling>
void read_global_pooling(NodeReader& in) {
    const Wire x = in.image(0);
    in.give(in.add(Pooling{.keepdims = true}, x.node), true, x.non_negative);
}

/// x kernel + bias, with alpha and beta taken into the two.
inline void read_dense(NodeReader& in) {
    const bool is_gemm = in.op() == "Gemm";
    const Wire x = in.raw(0);
    const Shape shape = x.node.shape();
    const Constant& kernel = in.constant(1);
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
    const Floats* const given = detail::bias_of(in, 2, static_cast<std::size_t>(units));
    const auto y = in.add(Dense{.units = units, .use_bias = given != nullptr}, x.node);
    in.set_weight(y, "kernel", std::move(values));
    if (given != nullptr) {
        Floats bias = *given;
        if (bias.size() == 1) bias.resize(static_cast<std::size_t>(units), bias[0]);
        for (float& value : bias) value *= beta;
        in.set_weight(y, "bias", std::move(bias));
    }
    in.give(y, false);
}

} // namespace fovea::onnx
