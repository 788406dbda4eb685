#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fovea/models/model.hpp>
#include <fovea/onnx/fold_constants.hpp>
#include <fovea/onnx/import_nodes.hpp>
#include <fovea/onnx/join_nodes.hpp>
#include <fovea/onnx/layout.hpp>
#include <fovea/onnx/read.hpp>

/// Models from ONNX files, to be used and trained further. docs/onnx.md has the table of operators. Optional: needs protozero
/// (link fovea::onnx).
namespace fovea {

struct ImportOnnxOptions {
    /// How images lie in the file's inputs. None: as fovea has noted in its own files; else nchw, unless all that reads an input
    /// is a Transpose from nhwc.
    std::optional<OnnxLayout> layout = {};
    double memory_limit = 4.0 * 1024 * 1024 * 1024; ///< bytes that a sample's tensors may need together
};

namespace detail {

/// The versions of operators that have been looked at.
inline constexpr std::int64_t oldest_opset = 6, newest_opset = 28;

/// A quadratic number of steps is taken to put a network together.
inline constexpr std::size_t most_onnx_nodes = 20'000;

inline bool is_nchw(const onnx::ReadGraph& graph, const std::string& input, const ImportOnnxOptions& options) {
    if (options.layout) return *options.layout == OnnxLayout::nchw;
    const auto noted = graph.file.metadata.find("fovea_layout");
    if (noted != graph.file.metadata.end()) return noted->second != "nhwc";
    const auto readers = graph.readers.find(input);
    if (readers == graph.readers.end()) return true;
    return !std::all_of(readers->second.begin(), readers->second.end(), [&](std::size_t number) {
        if (number >= graph.file.nodes.size() || graph.file.nodes[number].op != "Transpose") return false;
        for (const onnx::Attribute& a : graph.file.nodes[number].attributes)
            if (a.value == decltype(a.value)(onnx::Integers{0, 3, 1, 2})) return true;
        return false;
    });
}

inline void read_inputs(onnx::ReadGraph& graph, const ImportOnnxOptions& options, std::vector<Node<float>>& inputs) {
    for (const onnx::Value& value : graph.file.inputs) {
        if (graph.constants.contains(value.name)) continue; // with its default value, as older files have them
        const std::string where = "the input \"" + value.name + '"';
        require<DataError>(value.type == 1, where, " is of type ", value.type, ", only 1 (float) is supported");
        require<DataError>(!value.dims.empty() && value.dims.size() <= Shape::max_rank, where, " has ",
                           value.dims.size(), " axes, 1 to ", Shape::max_rank, " are possible");
        for (std::size_t i = 1; i < value.dims.size(); ++i)
            require<DataError>(value.dims[i] > 0, where, ": axis ", i, " has no fixed extent");
        std::vector<Index> extents(value.dims.begin() + 1, value.dims.end());
        const bool no_axes = extents.empty();
        if (no_axes) extents.push_back(1);
        const bool nchw = extents.size() == 3 && is_nchw(graph, value.name, options);
        if (nchw) std::rotate(extents.begin(), extents.begin() + 1, extents.end());
        require<DataError>(!graph.wires.contains(value.name), where, " is there twice");
        const Shape shape{std::span<const Index>(extents)};
        graph.take(static_cast<double>(shape.size()));
        if (inputs.empty()) graph.batch = value.dims[0];
        graph.names.insert(value.name);
        inputs.push_back(graph.graph.input(shape, value.name));
        graph.wires.emplace(value.name, onnx::Wire{inputs.back(), nchw, false, no_axes});
    }
}

inline Model<float> read_onnx(onnx::File file, const ImportOnnxOptions& options) {
    require<DataError>(oldest_opset <= file.opset && file.opset <= newest_opset, "is of opset ", file.opset,
                       "; known are ", oldest_opset, " to ", newest_opset);
    require<DataError>(file.nodes.size() <= most_onnx_nodes, "has ", file.nodes.size(), " nodes, at most ",
                       most_onnx_nodes, " are read");
    onnx::ReadGraph graph(std::move(file), options.memory_limit);
    std::vector<Node<float>> inputs, outputs;
    read_inputs(graph, options, inputs);
    onnx::NodeJoiner(graph).join();
    for (std::size_t i = 0; i < graph.file.nodes.size(); ++i) {
        if (graph.done.contains(i)) continue;
        const onnx::Node& node = graph.file.nodes[i];
        if (node.op == "Constant" && node.outputs.size() == 1 && graph.constants.contains(node.outputs[0])) continue;
        const std::string where = text("node ", i, " (", node.op, " \"", node.name, "\"): ");
        require<DataError>(node.domain.empty() || node.domain == "ai.onnx", where, "the operator is not supported");
        require<DataError>(!node.outputs.empty(), where, "has no output");
        const auto found = onnx::node_readers().find(node.op);
        try {
            onnx::NodeReader in(graph, i);
            if (onnx::fold_constants(in)) continue;
            require<DataError>(found != onnx::node_readers().end(), "the operator is not supported");
            found->second(in);
        } catch (const Error& error) {
            throw DataError(where + error.what());
        }
    }
    for (const onnx::Value& value : graph.file.outputs) {
        const auto found = graph.wires.find(value.name);
        require<DataError>(found != graph.wires.end(), "nothing writes the output \"", value.name, '"');
        require<DataError>(found->second.groups == 0, "the output \"", value.name, "\" is cut into groups");
        Node<float> node = found->second.node;
        if (found->second.line) {
            const Shape shape = node.shape();
            const auto name = [&](const char* suffix) { return onnx::free_name(graph.names, value.name + suffix); };
            node = Reshape{.target_shape = {shape[1], shape[2]}, .name = name("_rows")}(node);
            node = Permute{.dims = {2, 1}, .name = name("_back")}(node);
        }
        const auto is_it = [&](const Node<float>& other) { return other.wire() == node.wire(); };
        // What only passes on an input, or is given twice, gets a wire of its own.
        if (std::any_of(inputs.begin(), inputs.end(), is_it) || std::any_of(outputs.begin(), outputs.end(), is_it))
            node = ActivationLayer{.activation = Activation::linear,
                                   .name = onnx::free_name(graph.names, value.name)}(node);
        outputs.push_back(std::move(node));
    }
    const std::string name = graph.file.name.empty() ? "onnx" : graph.file.name;
    Model<float> model(name, network_between(inputs, outputs));
    std::vector<Tensor<float>> weights = model.get_weights();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto found = graph.weights.find(model.network().parameters()[i].name);
        if (found != graph.weights.end()) std::copy(found->second.begin(), found->second.end(), weights[i].begin());
    }
    model.set_weights(weights);
    return model;
}

inline std::string read_onnx_bytes(const std::filesystem::path& path) {
    std::error_code error;
    require<DataError>(std::filesystem::is_regular_file(path, error), "there is no such file");
    const std::uint64_t size = std::filesystem::file_size(path, error);
    require<DataError>(!error && size < (std::uint64_t{1} << 31), "an ONNX file has less than 2 GiB");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::ifstream in(path, std::ios::binary);
    require<DataError>(in.read(bytes.data(), static_cast<std::streamsize>(size)).good(), "cannot be read");
    return bytes;
}

} // namespace detail

/// The network of an ONNX file of opsets 6 to 28, with its weights; it is not compiled, and can be trained. Images are (height,
/// width, channels), whatever the file has; layers have the names of nodes, with _ in place of slashes. Throws DataError for a
/// file that is missing or damaged, and for an operator that fovea does not have, which it names with its node.
///
///     auto model = import_onnx("from_pytorch.onnx");
inline Model<float> import_onnx(const std::filesystem::path& path, const ImportOnnxOptions& options = {}) {
    try {
        return detail::read_onnx(onnx::from_bytes(detail::read_onnx_bytes(path)), options);
    } catch (const std::bad_alloc&) {
        throw DataError(path.string() + ": does not fit in memory");
    } catch (const Error& error) {
        throw DataError(path.string() + ": " + error.what());
    }
}

} // namespace fovea
