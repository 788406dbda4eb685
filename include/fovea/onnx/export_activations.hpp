#pragma once
#include <optional>
#include <string>

#include <fovea/onnx/graph_writer.hpp>
#include <fovea/ops/activation_kind.hpp>

/// Activations as ONNX nodes of opset 17.
namespace fovea::onnx {

/// x behind the activation. GELU and SiLU, which this opset does not have, are put together from others.
inline std::string activate(GraphWriter& graph, Activation activation, const std::string& x, bool channels_first) {
    using A = Activation;
    switch (activation) {
    case A::linear:
        return x;
    case A::relu:
        return graph.node("Relu", {x});
    case A::sigmoid:
        return graph.node("Sigmoid", {x});
    case A::tanh:
        return graph.node("Tanh", {x});
    case A::softmax:
        return graph.node("Softmax", {x}, {{"axis", std::int64_t{channels_first ? 1 : -1}}});
    case A::leaky_relu:
        return graph.node("LeakyRelu", {x}, {{"alpha", 0.2F}});
    case A::elu:
        return graph.node("Elu", {x}, {{"alpha", 1.0F}});
    case A::silu:
        return graph.node("Mul", {x, graph.node("Sigmoid", {x})});
    case A::gelu: {
        const std::string erf =
            graph.node("Erf", {graph.node("Mul", {x, graph.constant("sqrt_half", 0.70710678118654752F)})});
        const std::string both = graph.node("Add", {erf, graph.constant("one", 1.0F)});
        return graph.node("Mul", {graph.node("Mul", {x, graph.constant("half", 0.5F)}), both});
    }
    }
    throw ValueError(text("export_onnx: unknown activation ", activation));
}

inline void write_activation(GraphWriter& graph, const LayerCall& call, Activation activation) {
    const Carried x = graph.any(call.from[0]);
    const bool linear = activation == Activation::linear;
    graph.set(call.to,
              linear ? graph.node("Identity", {x.name}) : activate(graph, activation, x.name, x.channels_first),
              x.channels_first);
}

/// ReLU with its slope, limit and threshold.
inline void write_relu(GraphWriter& graph, const LayerCall& call) {
    const auto number = [&](const char* field) { return static_cast<float>(call.fields.number(field)); };
    const Carried x = graph.any(call.from[0]);
    const float slope = call.fields.has("negative_slope") ? number("negative_slope") : 0;
    const float threshold = call.fields.has("threshold") ? number("threshold") : 0;
    const bool limited = call.fields.has("max_value");
    if (limited && threshold == 0 && slope == 0) {
        const std::string least = graph.constant("min_value", 0.0F);
        const std::string most = graph.constant("max_value", number("max_value"));
        return graph.set(call.to, graph.node("Clip", {x.name, least, most}), x.channels_first);
    }
    std::string y;
    if (threshold != 0) {
        const std::string from = graph.constant("threshold", threshold);
        const std::string below =
            graph.node("Mul", {graph.node("Sub", {x.name, from}), graph.constant("negative_slope", slope)});
        y = graph.node("Where", {graph.node("GreaterOrEqual", {x.name, from}), x.name, below});
    } else {
        y = slope != 0 ? graph.node("LeakyRelu", {x.name}, {{"alpha", slope}}) : graph.node("Relu", {x.name});
    }
    if (limited) {
        const std::string most = graph.constant("max_value", number("max_value"));
        y = graph.node("Where", {graph.node("Greater", {x.name, most}), most, y});
    }
    graph.set(call.to, y, x.channels_first);
}

/// alpha has the shape of a sample, with extents of 1.
inline void write_prelu(GraphWriter& graph, const LayerCall& call) {
    const Carried x = graph.first(call.from[0]);
    const Weight& alpha = call.weights.at("alpha");
    Integers dims(alpha.shape.begin(), alpha.shape.end());
    const Floats values = x.channels_first ? reordered(alpha, {2, 0, 1}, dims) : alpha.values;
    const std::string slope = graph.constant(call.name + "/alpha", dims, values);
    graph.set(call.to, graph.node("PRelu", {x.name, slope}), x.channels_first);
}

} // namespace fovea::onnx
