#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/onnx/export_convolutions.hpp>

/// The layers that are neither convolution nor activation as ONNX nodes, and the table of all.
namespace fovea::onnx {

namespace detail {

/// A weight of a normalization, or what stands for one that it does not have.
inline Floats weight_or(const LayerCall& call, std::string_view name, std::size_t count, float otherwise) {
    return call.has(name) ? call.weights.find(name)->second.values : Floats(count, otherwise);
}

inline Index channels_of(const GraphWriter& graph, const LayerCall& call) { return graph.shape(call.from[0]).last(); }

} // namespace detail

/// As it is in inference. Where ONNX has no such node (samples that are neither vectors nor images) a factor and a shift.
inline void write_batch_normalization(GraphWriter& graph, const LayerCall& call) {
    const auto count = static_cast<std::size_t>(detail::channels_of(graph, call));
    const Floats gamma = detail::weight_or(call, "gamma", count, 1);
    const Floats beta = detail::weight_or(call, "beta", count, 0);
    const Floats& mean = call.weights.at("moving_mean").values;
    const Floats& variance = call.weights.at("moving_variance").values;
    const auto epsilon = static_cast<float>(call.fields.number("epsilon"));
    const Index rank = graph.shape(call.from[0]).rank();
    if (rank == 1 || rank == 3) {
        const Carried x = graph.first(call.from[0]);
        const std::string y =
            graph.node("BatchNormalization",
                       {x.name, graph.channels("gamma", gamma, false), graph.channels("beta", beta, false),
                        graph.channels("moving_mean", mean, false), graph.channels("moving_variance", variance, false)},
                       {{"epsilon", epsilon}, {"momentum", static_cast<float>(call.fields.number("momentum"))}});
        return graph.set(call.to, y, x.channels_first);
    }
    Floats factor(count), shift(count);
    for (std::size_t c = 0; c < count; ++c) {
        factor[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
        shift[c] = std::fma(-mean[c], factor[c], beta[c]);
    }
    const std::string scaled = graph.node("Mul", {graph.last(call.from[0]), graph.channels("factor", factor, false)});
    graph.set(call.to, graph.node("Add", {scaled, graph.channels("shift", shift, false)}), false);
}

inline void write_layer_normalization(GraphWriter& graph, const LayerCall& call) {
    const Shape& shape = graph.shape(call.from[0]);
    const auto axes = static_cast<Index>(call.fields.numbers("axis").size());
    const Integers dims(shape.end() - axes, shape.end());
    std::size_t count = 1;
    for (const std::int64_t extent : dims) count *= static_cast<std::size_t>(extent);
    const std::string gamma = graph.constant(call.name + "/gamma", dims, detail::weight_or(call, "gamma", count, 1));
    const std::string beta = graph.constant(call.name + "/beta", dims, detail::weight_or(call, "beta", count, 0));
    const std::vector<Attribute> attributes{{"axis", std::int64_t{-axes}},
                                            {"epsilon", static_cast<float>(call.fields.number("epsilon"))}};
    graph.set(call.to, graph.node("LayerNormalization", {graph.last(call.from[0]), gamma, beta}, attributes), false);
}

/// This opset has no such node: a group becomes a channel of InstanceNormalization.
inline void write_group_normalization(GraphWriter& graph, const LayerCall& call) {
    const Index rank = graph.shape(call.from[0]).rank();
    require<ValueError>(rank == 1 || rank == 3, "ONNX has no GroupNormalization of samples of ", rank, " axes");
    const Index channels = detail::channels_of(graph, call);
    const auto given = static_cast<Index>(call.fields.number("groups"));
    const Index groups = given == -1 ? channels : given;
    const auto count = static_cast<std::size_t>(groups);
    const Carried x = graph.first(call.from[0]);
    const std::string apart = graph.node("Reshape", {x.name, graph.constant("groups", Integers{0, groups, -1})});
    const std::string normal = graph.node(
        "InstanceNormalization",
        {apart, graph.channels("ones", Floats(count, 1), false), graph.channels("zeros", Floats(count, 0), false)},
        {{"epsilon", static_cast<float>(call.fields.number("epsilon"))}});
    Integers dims = graph.dims(call.from[0], x.channels_first);
    dims.front() = 0;
    std::string y = graph.node("Reshape", {normal, graph.constant("shape", dims)});
    for (const auto& [name, op] : {std::pair{"gamma", "Mul"}, std::pair{"beta", "Add"}})
        if (call.has(name))
            y = graph.node(op, {y, graph.channels(name, call.weights.find(name)->second.values, x.channels_first)});
    graph.set(call.to, y, x.channels_first);
}

inline void write_unit_normalization(GraphWriter& graph, const LayerCall& call) {
    const Carried x = graph.any(call.from[0]);
    const std::string length = graph.node(
        "ReduceL2", {x.name}, {{"axes", Integers{x.channels_first ? 1 : -1}}, {"keepdims", std::int64_t{1}}});
    const std::string limited = graph.node("Max", {length, graph.constant("shortest", 1e-6F)});
    graph.set(call.to, graph.node("Div", {x.name, limited}), x.channels_first);
}

inline void write_rescaling(GraphWriter& graph, const LayerCall& call) {
    const Carried x = graph.any(call.from[0]);
    const auto number = [&](const char* field) {
        return graph.constant(field, static_cast<float>(call.fields.number(field)));
    };
    graph.set(call.to, graph.node("Add", {graph.node("Mul", {x.name, number("scale")}), number("offset")}),
              x.channels_first);
}

/// What does nothing in inference.
inline void write_identity(GraphWriter& graph, const LayerCall& call) {
    const Carried x = graph.any(call.from[0]);
    graph.set(call.to, graph.node("Identity", {x.name}), x.channels_first);
}

/// Kept as one, so that what is read back can be trained.
inline void write_dropout(GraphWriter& graph, const LayerCall& call) {
    const Carried x = graph.any(call.from[0]);
    const std::string rate = graph.constant("rate", static_cast<float>(call.fields.number("rate")));
    graph.set(call.to, graph.node("Dropout", {x.name, rate}), x.channels_first);
}

inline void write_flatten(GraphWriter& graph, const LayerCall& call) {
    graph.set(call.to, graph.node("Flatten", {graph.last(call.from[0])}, {{"axis", std::int64_t{1}}}), false);
}

inline void write_reshape(GraphWriter& graph, const LayerCall& call) {
    Integers dims = graph.dims(call.to, false);
    dims.front() = 0;
    graph.set(call.to, graph.node("Reshape", {graph.last(call.from[0]), graph.constant("shape", dims)}), false);
}

inline void write_permute(GraphWriter& graph, const LayerCall& call) {
    Integers perm{0};
    for (const double axis : call.fields.numbers("dims")) perm.push_back(static_cast<std::int64_t>(axis));
    graph.set(call.to, graph.node("Transpose", {graph.last(call.from[0])}, {{"perm", perm}}), false);
}

inline void write_cropping2d(GraphWriter& graph, const LayerCall& call) {
    const std::vector<double>& edges = call.fields.numbers("cropping");
    const Shape& shape = graph.shape(call.from[0]);
    const auto edge = [&](std::size_t i) { return static_cast<std::int64_t>(edges[i]); };
    graph.set(call.to,
              graph.node("Slice", {graph.first(call.from[0]).name, graph.constant("starts", Integers{edge(0), edge(2)}),
                                   graph.constant("ends", Integers{shape[0] - edge(1), shape[1] - edge(3)}),
                                   graph.constant("axes", Integers{2, 3})}),
              true);
}

inline void write_zero_padding2d(GraphWriter& graph, const LayerCall& call) {
    const std::vector<double>& edges = call.fields.numbers("padding");
    const auto edge = [&](std::size_t i) { return static_cast<std::int64_t>(edges[i]); };
    const std::string pads = graph.constant("pads", Integers{0, 0, edge(0), edge(2), 0, 0, edge(1), edge(3)});
    graph.set(call.to, graph.node("Pad", {graph.first(call.from[0]).name, pads}), true);
}

inline void write_up_sampling2d(GraphWriter& graph, const LayerCall& call) {
    const Size2D size = call.fields.size("size");
    const std::string scales = graph.constant(
        call.name + "/scales", {4}, Floats{1, 1, static_cast<float>(size.height), static_cast<float>(size.width)});
    const bool nearest = call.fields.text("interpolation") == "nearest";
    const auto word = [](const char* text) { return std::string(text); };
    const std::vector<Attribute> attributes{
        {"mode", word(nearest ? "nearest" : "linear")},
        {"coordinate_transformation_mode", word(nearest ? "asymmetric" : "half_pixel")},
        {"nearest_mode", word("floor")}};
    graph.set(call.to, graph.node("Resize", {graph.first(call.from[0]).name, "", scales}, attributes), true);
}

/// Inputs in the same order of axes: channels first where any of them is so.
inline void write_merge(GraphWriter& graph, const LayerCall& call, const char* op) {
    const bool first = std::any_of(call.from.begin(), call.from.end(),
                                   [&](std::size_t wire) { return graph.any(wire).channels_first; });
    std::vector<std::string> inputs;
    for (const std::size_t wire : call.from) inputs.push_back(first ? graph.first(wire).name : graph.last(wire));
    std::vector<Attribute> attributes;
    if (call.type == "Concatenate") {
        const auto rank = static_cast<std::int64_t>(graph.shape(call.to).rank());
        const auto given = static_cast<std::int64_t>(call.fields.number("axis"));
        const std::int64_t axis = given < 0 ? given + rank + 1 : given;
        attributes.push_back({"axis", first ? axis % 3 + 1 : axis});
    }
    // Mul has two inputs.
    if (std::string_view(op) == "Mul") {
        std::string y = inputs[0];
        for (std::size_t i = 1; i < inputs.size(); ++i) y = graph.node(op, {y, inputs[i]});
        return graph.set(call.to, y, first);
    }
    graph.set(call.to, graph.node(op, std::move(inputs), attributes), first);
}

using WriteLayer = std::function<void(GraphWriter&, const LayerCall&)>;

/// How each layer is written, by its type; those that are idle in inference need no line.
inline const std::map<std::string_view, WriteLayer>& layer_writers() {
    const auto pooling = [](const char* op) {
        return [op](GraphWriter& graph, const LayerCall& call) { write_pooling(graph, call, op); };
    };
    const auto global = [](const char* op) {
        return [op](GraphWriter& graph, const LayerCall& call) { write_global_pooling(graph, call, op); };
    };
    const auto merge = [](const char* op) {
        return [op](GraphWriter& graph, const LayerCall& call) { write_merge(graph, call, op); };
    };
    static const std::map<std::string_view, WriteLayer> writers{
        {"Activation",
         [](GraphWriter& graph, const LayerCall& call) {
             write_activation(graph, call, activation_from_name(call.fields.text("activation")));
         }},
        {"Add", merge("Sum")},
        {"Average", merge("Mean")},
        {"AveragePooling2D", pooling("AveragePool")},
        {"BatchNormalization", write_batch_normalization},
        {"Concatenate", merge("Concat")},
        {"Conv2D", write_conv2d},
        {"Conv2DTranspose", write_conv2d_transpose},
        {"Cropping2D", write_cropping2d},
        {"Dense", write_dense},
        {"DepthwiseConv2D", write_depthwise_conv2d},
        {"Dropout", write_dropout},
        {"ELU",
         [](GraphWriter& graph, const LayerCall& call) {
             const Carried x = graph.any(call.from[0]);
             const auto alpha = static_cast<float>(call.fields.number("alpha"));
             graph.set(call.to, graph.node("Elu", {x.name}, {{"alpha", alpha}}), x.channels_first);
         }},
        {"Flatten", write_flatten},
        {"GlobalAveragePooling2D", global("GlobalAveragePool")},
        {"GlobalMaxPooling2D", global("GlobalMaxPool")},
        {"GroupNormalization", write_group_normalization},
        {"LayerNormalization", write_layer_normalization},
        {"LeakyReLU", write_relu},
        {"MaxPooling2D", pooling("MaxPool")},
        {"Maximum", merge("Max")},
        {"Minimum", merge("Min")},
        {"Multiply", merge("Mul")},
        {"Permute", write_permute},
        {"PReLU", write_prelu},
        {"ReLU", write_relu},
        {"Rescaling", write_rescaling},
        {"Reshape", write_reshape},
        {"SeparableConv2D", write_separable_conv2d},
        {"Softmax",
         [](GraphWriter& graph, const LayerCall& call) { write_activation(graph, call, Activation::softmax); }},
        {"Subtract", merge("Sub")},
        {"UnitNormalization", write_unit_normalization},
        {"UpSampling2D", write_up_sampling2d},
        {"ZeroPadding2D", write_zero_padding2d}};
    return writers;
}

} // namespace fovea::onnx
