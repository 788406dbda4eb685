#pragma once
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fovea/models/graph.hpp>
#include <fovea/onnx/file.hpp>

namespace fovea::onnx {

/// A tensor of an ONNX graph as a wire of fovea's. Images lie there as (height, width, channels), whatever the file has.
struct Wire {
    fovea::Node<float> node;
    bool channels_first = false; ///< in the file it is (batch, channels, height, width)
    bool non_negative = false;   ///< no element is below 0
    bool no_axes = false;        ///< in the file it has no axis but the batch; here one of extent 1
    Index groups = 0;            ///< not 0: in the file it is (batch, groups, all else), which has not been done yet
    bool line = false;           ///< in the file it is (batch, channels, width): an image of one row
    std::string affine = {};     ///< the layer whose gamma and beta, by channels, are the last that was done
};

/// In a shape that nodes compute with: that of the batch.
inline constexpr std::int64_t batch_extent = std::numeric_limits<std::int64_t>::min();

/// The network that is being read, and the names of tensors in it.
struct ReadGraph {
    explicit ReadGraph(File f, double limit) : file(std::move(f)), most_elements(limit / sizeof(float)) {
        for (const Constant& constant : file.constants) constants.emplace(constant.name, constant);
        for (const Node& node : file.nodes)
            if (node.op == "Constant" && node.outputs.size() == 1) add_constant(node);
        for (std::size_t i = 0; i < file.nodes.size(); ++i)
            for (const std::string& name : file.nodes[i].inputs) readers[name].push_back(i);
        for (const Value& value : file.outputs) readers[value.name].push_back(file.nodes.size());
    }

    /// Those that are nodes; of others than tensors, numbers and rows of them nothing is known.
    void add_constant(const Node& node) {
        for (const Attribute& a : node.attributes) {
            Constant constant;
            if (const auto* const tensor = std::get_if<Constant>(&a.value))
                constant = *tensor;
            else if (const auto* const real = std::get_if<float>(&a.value))
                constant.elements = Floats{*real};
            else if (const auto* const whole = std::get_if<std::int64_t>(&a.value))
                constant.elements = Integers{*whole};
            else if (const auto* const reals = std::get_if<Floats>(&a.value))
                constant = {{}, {static_cast<std::int64_t>(reals->size())}, *reals};
            else if (const auto* const wholes = std::get_if<Integers>(&a.value))
                constant = {{}, {static_cast<std::int64_t>(wholes->size())}, *wholes};
            else
                continue;
            constants.emplace(node.outputs[0], std::move(constant));
        }
    }

    /// Counts what is going to be allocated.
    void take(double count) {
        elements += count;
        require<DataError>(elements <= most_elements, "needs more memory than the memory_limit");
    }

    File file;
    std::int64_t batch = -1; ///< extent that the file gives it; -1: any
    double most_elements;
    double elements = 0; ///< of all wires
    Graph<float> graph;
    std::map<std::string, Wire> wires;
    std::map<std::string, Constant> constants;
    std::map<std::string, std::vector<std::size_t>> readers; ///< numbers of nodes; behind the last: an output
    std::set<std::size_t> done;                              ///< nodes that one in front of them has taken in
    std::map<std::string, Floats> weights;                   ///< by the names of fovea's parameters
    std::set<std::string> names;                             ///< of layers and inputs
    std::map<std::string, std::size_t> shared;               ///< layers by what their nodes say, by number
};

/// A name for a layer that none has yet, without slashes, which in fovea stand between layer and parameter.
inline std::string free_name(std::set<std::string>& taken, std::string base) {
    base.erase(0, base.find_first_not_of('/'));
    std::replace(base.begin(), base.end(), '/', '_');
    std::string name = base;
    for (int i = 1; !taken.insert(name).second; ++i) name = text(base, '_', i);
    return name;
}

} // namespace fovea::onnx
