#pragma once
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fovea/io/atomic_file.hpp>
#include <fovea/models/model.hpp>
#include <fovea/onnx/export_layers.hpp>
#include <fovea/onnx/layout.hpp>
#include <fovea/onnx/write.hpp>

/// Models as ONNX files, for inference elsewhere. docs/onnx.md has the table of layers and operators. Optional: needs protozero
/// (link fovea::onnx).
///
///     export_onnx(model, "mnist.onnx");
namespace fovea {

struct ExportOnnxOptions {
    OnnxLayout layout = OnnxLayout::nhwc;
    /// Takes each BatchNormalization into the Conv2D or Dense in front of it, where these have no activation and nobody else
    /// reads them. The file then has no layer of that name.
    bool fold_batch_normalization = false;
};

namespace detail {

/// Weight * factor and bias * factor + shift, by channels, which are the last axis of a kernel.
inline void fold_into(onnx::LayerCall& layer, const onnx::LayerCall& normalization) {
    onnx::Weight& kernel = layer.weights.at("kernel");
    const onnx::Floats& mean = normalization.weights.at("moving_mean").values;
    const onnx::Floats& variance = normalization.weights.at("moving_variance").values;
    const std::size_t channels = mean.size();
    const onnx::Floats gamma = onnx::detail::weight_or(normalization, "gamma", channels, 1);
    const onnx::Floats beta = onnx::detail::weight_or(normalization, "beta", channels, 0);
    const double epsilon = normalization.fields.number("epsilon");
    onnx::Weight bias{Shape{static_cast<Index>(channels)}, onnx::detail::weight_or(layer, "bias", channels, 0)};
    std::vector<double> factor(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        factor[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
        bias.values[c] = static_cast<float>(std::fma(double{bias.values[c]} - mean[c], factor[c], beta[c]));
    }
    for (std::size_t i = 0; i < kernel.values.size(); ++i)
        kernel.values[i] = static_cast<float>(kernel.values[i] * factor[i % channels]);
    layer.weights.insert_or_assign("bias", std::move(bias));
}

/// The calls of a network with their fields and weights.
template <class T>
std::vector<onnx::LayerCall> layer_calls(const Network<T>& network) {
    std::vector<onnx::LayerCall> calls;
    for (const Call<T>& call : network.wiring().calls) {
        const NamedLayer<T>& layer = network.layers()[call.of];
        onnx::LayerCall& written = calls.emplace_back();
        written.type = layer.layer.type();
        written.name = layer.name;
        written.from = call.inputs;
        written.to = call.output;
        written.idle = call.layer.idle_in_inference();
        if (onnx::layer_writers().contains(written.type)) call.layer.visit_fields(written.fields);
        for (std::size_t i = layer.first; i < layer.last; ++i) {
            const NamedParameter& p = network.parameters()[i];
            const ConstView<T> from = network.value(p);
            onnx::Floats values;
            for (const T value : from) values.push_back(static_cast<float>(value));
            written.weights.emplace(p.name.substr(layer.name.size() + 1), onnx::Weight{p.place.shape, values});
        }
    }
    return calls;
}

/// Takes out the normalizations that the layers in front of them can do as well.
template <class T>
void fold_normalizations(const Network<T>& network, std::vector<onnx::LayerCall>& calls) {
    const Wiring<T>& wiring = network.wiring();
    const auto readers = [&](std::size_t wire) {
        auto count = std::count(wiring.outputs.begin(), wiring.outputs.end(), wire);
        for (const Call<T>& call : wiring.calls) count += std::count(call.inputs.begin(), call.inputs.end(), wire);
        return count;
    };
    const auto uses = [&](const std::string& name) {
        return std::count_if(calls.begin(), calls.end(), [&](const auto& call) { return call.name == name; });
    };
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (calls[i].type != "BatchNormalization") continue;
        const std::size_t between = calls[i].from[0];
        const auto in_front =
            std::find_if(calls.begin(), calls.end(), [&](const auto& call) { return call.to == between; });
        if (in_front == calls.end() || (in_front->type != "Conv2D" && in_front->type != "Dense")) continue;
        if (in_front->fields.text("activation") != "linear" || readers(between) != 1 || uses(in_front->name) != 1)
            continue;
        fold_into(*in_front, calls[i]);
        in_front->to = calls[i].to;
        calls.erase(calls.begin() + static_cast<std::ptrdiff_t>(i--));
    }
}

/// Writes these calls between the inputs and outputs of a network.
template <class T>
onnx::File onnx_file(const Model<T>& model, const ExportOnnxOptions& options) {
    const Network<T>& network = model.network();
    network.require_complete("export_onnx");
    const Wiring<T>& wiring = network.wiring();
    std::vector<onnx::LayerCall> calls = layer_calls(network);
    if (options.fold_batch_normalization) fold_normalizations(network, calls);

    onnx::GraphWriter graph(wiring.wires);
    graph.file().name = model.name();
    graph.file().metadata["fovea_layout"] = options.layout == OnnxLayout::nchw ? "nchw" : "nhwc";
    const auto is_first = [&](std::size_t wire) {
        return options.layout == OnnxLayout::nchw && wiring.wires[wire].rank() == 3;
    };
    for (const NamedParameter& p : network.parameters()) graph.reserve(p.name);
    for (std::size_t i = 0; i < network.outputs(); ++i) graph.reserve(network.output_name(i));
    for (std::size_t i = 0; i < network.inputs(); ++i) {
        const std::size_t wire = wiring.inputs[i];
        const std::string& name = network.input_names()[i];
        graph.reserve(name);
        graph.set(wire, name, is_first(wire));
        graph.file().inputs.push_back({name, graph.dims(wire, is_first(wire))});
    }
    for (const onnx::LayerCall& call : calls) {
        const auto found = onnx::layer_writers().find(call.type);
        const bool known = found != onnx::layer_writers().end();
        require<ValueError>(known || call.idle, "export_onnx: ", call.name, ": ONNX has no ", call.type);
        graph.begin_layer(call.name);
        try {
            known ? found->second(graph, call) : onnx::write_identity(graph, call);
        } catch (const Error& error) {
            throw ValueError(text("export_onnx: ", call.name, ": ", error.what()));
        }
    }
    for (std::size_t i = 0; i < network.outputs(); ++i) {
        const std::size_t wire = wiring.outputs[i];
        const std::string name = network.output_name(i);
        const std::string from = is_first(wire) ? graph.first(wire).name : graph.last(wire);
        graph.file().nodes.push_back({"Identity", name + "/output", {from}, {name}, {}});
        graph.file().outputs.push_back({name, graph.dims(wire, is_first(wire))});
    }
    return std::move(graph.file());
}

} // namespace detail

/// Writes the network for inference, with opset 17: nodes have the names of layers, constants those of parameters, inputs and
/// outputs those that they have in the model, and batches any size. Numbers of a double model are rounded to float.
/// Complete or not at all. Throws ValueError that names the layer for one that ONNX does not have, StateError for a model without
/// layers, DataError if the file cannot be written.
template <class T>
void export_onnx(const Model<T>& model, const std::filesystem::path& path, const ExportOnnxOptions& options = {}) {
    write_atomically(path, onnx::to_bytes(detail::onnx_file(model, options)));
}

} // namespace fovea
