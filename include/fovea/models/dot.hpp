#pragma once
#include <string>

#include <fovea/models/summary.hpp>

namespace fovea::detail {

/// A network in the language of Graphviz: a box for each input and each call of a layer.
template <class T>
std::string to_dot(const Network<T>& network, const std::string& title) {
    const auto quoted = [](const std::string& raw) {
        std::string result = "\"";
        for (const char c : raw) {
            if (c == '"' || c == '\\') result += '\\';
            result += c == '\n' ? std::string("\\n") : std::string(1, c);
        }
        return result + "\"";
    };
    const Wiring<T>& wiring = network.wiring();
    const auto box = [&](std::size_t wire, const std::string& name, std::string_view type) {
        const std::string label = quoted(text(name, '\n', type, '\n', batched(wiring.wires[wire])));
        return text("    w", wire, " [label=", label, "];\n");
    };
    std::string result = "digraph " + quoted(title) + " {\n    node [shape=box];\n";
    for (std::size_t i = 0; i < network.inputs(); ++i)
        result += box(wiring.inputs[i], network.input_names()[i], "InputLayer");
    for (const Call<T>& call : wiring.calls) {
        result += box(call.output, network.layers()[call.of].name, call.layer.type());
        for (const std::size_t wire : call.inputs) result += text("    w", wire, " -> w", call.output, ";\n");
    }
    return result + "}\n";
}

} // namespace fovea::detail
