#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/onnx/export_activations.hpp>
#include <fovea/ops/transposed_window.hpp>
#include <fovea/ops/window.hpp>

/// Layers with kernels and windows as ONNX nodes.
namespace fovea::onnx {

/// Padding is written as numbers, for ONNX's SAME_UPPER says nothing of ConvTranspose and pooling in all runtimes alike.
inline Integers explicit_pads(const Window2D& window) {
    const auto behind = [](const WindowAxis& axis) {
        return std::max<Index>((axis.output - 1) * axis.stride + axis.span() - axis.input - axis.before, 0);
    };
    return {window.height.before, window.width.before, behind(window.height), behind(window.width)};
}

inline Window2D window_of(const GraphWriter& graph, const LayerCall& call, const char* size_field) {
    const SpecValues& fields = call.fields;
    const Size2D size = fields.size(size_field);
    return {call.type,
            "window",
            graph.shape(call.from[0]),
            size,
            fields.has("strides") ? fields.size("strides") : size,
            fields.has("dilation_rate") ? fields.size("dilation_rate") : Size2D{1},
            padding_from_name(fields.text("padding"))};
}

namespace detail {

/// One weight of a convolution as a constant, with the axes in this order.
inline std::string kernel(GraphWriter& graph, const LayerCall& call, const char* name,
                          const std::vector<Index>& order) {
    Integers dims;
    Floats values = reordered(call.weights.find(name)->second, order, dims);
    return graph.constant(call.name + '/' + name, dims, std::move(values));
}

/// That of a depthwise convolution: (height, width, channels, multiplier) -> (channels * multiplier, 1, height, width)
inline std::string depthwise_kernel(GraphWriter& graph, const LayerCall& call, const char* name) {
    Integers dims;
    Floats values = reordered(call.weights.find(name)->second, {2, 3, 0, 1}, dims);
    return graph.constant(call.name + '/' + name, {dims[0] * dims[1], 1, dims[2], dims[3]}, std::move(values));
}

inline void add_bias(GraphWriter& graph, const LayerCall& call, std::vector<std::string>& inputs) {
    if (!call.has("bias")) return;
    const Weight& bias = call.weights.find("bias")->second;
    inputs.push_back(graph.constant(call.name + "/bias", {bias.shape.size()}, bias.values));
}

inline void finish(GraphWriter& graph, const LayerCall& call, const std::string& y, bool channels_first) {
    const Activation activation = activation_from_name(call.fields.text("activation"));
    graph.set(call.to, activate(graph, activation, y, channels_first), channels_first);
}

inline std::vector<Attribute> convolution_attributes(const Window2D& window, const Integers& pads, std::int64_t group) {
    return {{"kernel_shape", Integers{window.height.kernel, window.width.kernel}},
            {"strides", Integers{window.height.stride, window.width.stride}},
            {"dilations", Integers{window.height.dilation, window.width.dilation}},
            {"pads", pads},
            {"group", group}};
}

/// Those of the layer's own window.
inline std::vector<Attribute> own_window(const GraphWriter& graph, const LayerCall& call, std::int64_t group) {
    const Window2D window = window_of(graph, call, "kernel_size");
    return convolution_attributes(window, explicit_pads(window), group);
}

} // namespace detail

inline void write_conv2d(GraphWriter& graph, const LayerCall& call) {
    std::vector<std::string> inputs{graph.first(call.from[0]).name,
                                    detail::kernel(graph, call, "kernel", {3, 2, 0, 1})};
    detail::add_bias(graph, call, inputs);
    const auto group = static_cast<std::int64_t>(call.fields.number("groups"));
    detail::finish(graph, call, graph.node("Conv", std::move(inputs), detail::own_window(graph, call, group)), true);
}

inline void write_depthwise_conv2d(GraphWriter& graph, const LayerCall& call) {
    std::vector<std::string> inputs{graph.first(call.from[0]).name, detail::depthwise_kernel(graph, call, "kernel")};
    detail::add_bias(graph, call, inputs);
    const Index group = graph.shape(call.from[0])[2];
    detail::finish(graph, call, graph.node("Conv", std::move(inputs), detail::own_window(graph, call, group)), true);
}

inline void write_separable_conv2d(GraphWriter& graph, const LayerCall& call) {
    const std::string between =
        graph.node("Conv", {graph.first(call.from[0]).name, detail::depthwise_kernel(graph, call, "depthwise_kernel")},
                   detail::own_window(graph, call, graph.shape(call.from[0])[2]));
    std::vector<std::string> inputs{between, detail::kernel(graph, call, "pointwise_kernel", {3, 2, 0, 1})};
    detail::add_bias(graph, call, inputs);
    detail::finish(graph, call, graph.node("Conv", std::move(inputs), {{"kernel_shape", Integers{1, 1}}}), true);
}

/// ONNX gives the output's extent by pads and output_padding: stride * (input - 1) + span - pads + output_padding.
inline void write_conv2d_transpose(GraphWriter& graph, const LayerCall& call) {
    const SpecValues& fields = call.fields;
    OptionalSize2D output_padding;
    if (fields.has("output_padding")) output_padding = OptionalSize2D(fields.size("output_padding"));
    const Window2D window =
        ops::transposed_window(call.type, graph.shape(call.from[0]), fields.size("kernel_size"), fields.size("strides"),
                               fields.size("dilation_rate"), padding_from_name(fields.text("padding")), output_padding);
    const auto extra = [](const WindowAxis& axis) {
        return axis.input - ((axis.output - 1) * axis.stride + axis.span() - axis.before);
    };
    const Integers more{extra(window.height), extra(window.width)};
    const auto behind = [](std::int64_t difference) { return std::max<std::int64_t>(-difference, 0); };
    std::vector<std::string> inputs{graph.first(call.from[0]).name,
                                    detail::kernel(graph, call, "kernel", {3, 2, 0, 1})};
    detail::add_bias(graph, call, inputs);
    const Integers pads{window.height.before, window.width.before, behind(more[0]), behind(more[1])};
    std::vector<Attribute> attributes = detail::convolution_attributes(window, pads, 1);
    attributes.push_back(
        {"output_padding", Integers{std::max<std::int64_t>(more[0], 0), std::max<std::int64_t>(more[1], 0)}});
    detail::finish(graph, call, graph.node("ConvTranspose", std::move(inputs), attributes), true);
}

inline void write_pooling(GraphWriter& graph, const LayerCall& call, const char* op) {
    const Window2D window = window_of(graph, call, "pool_size");
    graph.set(call.to,
              graph.node(op, {graph.first(call.from[0]).name},
                         {{"kernel_shape", Integers{window.height.kernel, window.width.kernel}},
                          {"strides", Integers{window.height.stride, window.width.stride}},
                          {"pads", explicit_pads(window)}}),
              true);
}

inline void write_global_pooling(GraphWriter& graph, const LayerCall& call, const char* op) {
    const std::string y = graph.node(op, {graph.first(call.from[0]).name});
    if (call.fields.number("keepdims") != 0)
        graph.set(call.to, y, true);
    else
        graph.set(call.to, graph.node("Flatten", {y}, {{"axis", std::int64_t{1}}}), false);
}

inline void write_dense(GraphWriter& graph, const LayerCall& call) {
    const std::string x = graph.last(call.from[0]);
    std::vector<std::string> inputs{x, detail::kernel(graph, call, "kernel", {0, 1})};
    const bool one_node = graph.shape(call.from[0]).rank() == 1 && call.has("bias");
    if (one_node) {
        detail::add_bias(graph, call, inputs);
        return detail::finish(graph, call, graph.node("Gemm", std::move(inputs)), false);
    }
    std::vector<std::string> sum{graph.node("MatMul", std::move(inputs))};
    detail::add_bias(graph, call, sum);
    detail::finish(graph, call, sum.size() == 2 ? graph.node("Add", sum) : sum[0], false);
}

} // namespace fovea::onnx
