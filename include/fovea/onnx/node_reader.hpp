#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fovea/layers/permute.hpp>
#include <fovea/models/graph.hpp>
#include <fovea/onnx/file.hpp>

namespace fovea::onnx {

/// A tensor of an ONNX graph as a wire of fovea's. Images lie there as (height, width, channels), whatever the file has.
struct Wire {
    fovea::Node<float> node;
    bool channels_first = false; ///< in the file it is (batch, channels, height, width)
    bool non_negative = false;   ///< no element is below 0
};

/// The network that is being read, and the names of tensors in it.
struct ReadGraph {
    explicit ReadGraph(File f, double limit) : file(std::move(f)), most_elements(limit / sizeof(float)) {
        for (const Constant& constant : file.constants) constants.emplace(constant.name, constant);
        for (std::size_t i = 0; i < file.nodes.size(); ++i)
            for (const std::string& name : file.nodes[i].inputs) readers[name].push_back(i);
        for (const Value& value : file.outputs) readers[value.name].push_back(file.nodes.size());
    }

    File file;
    double most_elements;
    double elements = 0; ///< of all wires
    Graph<float> graph;
    std::map<std::string, Wire> wires;
    std::map<std::string, Constant> constants;
    std::map<std::string, std::vector<std::size_t>> readers; ///< numbers of nodes; behind the last: an output
    std::set<std::size_t> done;                              ///< nodes that one in front of them has taken in
    std::map<std::string, Floats> weights;                   ///< by the names of fovea's parameters
    std::set<std::string> names;                             ///< of layers and inputs
};

/// A name for a layer that none has yet, without slashes, which in fovea stand between layer and parameter.
inline std::string free_name(std::set<std::string>& taken, std::string base) {
    base.erase(0, base.find_first_not_of('/'));
    std::replace(base.begin(), base.end(), '/', '_');
    std::string name = base;
    for (int i = 1; !taken.insert(name).second; ++i) name = text(base, '_', i);
    return name;
}

/// One node while it is being read. Its attributes and inputs throw DataError where they are not what a layer needs.
class NodeReader {
public:
    NodeReader(ReadGraph& graph, std::size_t number)
        : graph_(graph), number_(number), node_(&graph.file.nodes[number]) {}

    const std::string& op() const { return node_->op; }
    std::int64_t opset() const { return graph_.file.opset; }

    const Attribute* attribute(std::string_view name) const {
        for (const Attribute& a : node_->attributes)
            if (a.name == name) return &a;
        return nullptr;
    }
    template <class V>
    V value_or(std::string_view name, V otherwise) const {
        const Attribute* const found = attribute(name);
        if (found == nullptr) return otherwise;
        const V* const value = std::get_if<V>(&found->value);
        require<DataError>(value != nullptr, "the attribute ", name, " has the wrong type");
        return *value;
    }
    std::int64_t whole(std::string_view name, std::int64_t otherwise) const { return value_or(name, otherwise); }
    float real(std::string_view name, float otherwise) const { return value_or(name, otherwise); }
    std::string word(std::string_view name, std::string otherwise) const {
        return value_or(name, std::move(otherwise));
    }
    Integers wholes(std::string_view name, Integers otherwise) const { return value_or(name, std::move(otherwise)); }
    /// Two numbers, of height and width.
    Size2D pair(std::string_view name, Size2D otherwise) const {
        const Integers values = wholes(name, {otherwise.height, otherwise.width});
        require<DataError>(values.size() == 2, name, " has ", values.size(), " numbers, expected those of images, 2");
        return {values[0], values[1]};
    }
    /// Throws unless an attribute has this value, or is not there.
    void require_whole(std::string_view name, std::int64_t value) const {
        const std::int64_t got = whole(name, value);
        require<DataError>(got == value, name, "=", got, " is not supported, only ", value);
    }

    std::size_t inputs() const { return node_->inputs.size(); }
    bool has(std::size_t i) const { return i < inputs() && !node_->inputs[i].empty(); }
    bool is_constant(std::size_t i) const { return has(i) && graph_.constants.contains(node_->inputs[i]); }
    const Constant& constant(std::size_t i) const {
        require<DataError>(is_constant(i), "input ", i, " must be a constant");
        return graph_.constants.find(node_->inputs[i])->second;
    }
    const Floats& floats(std::size_t i) const {
        const Floats* const values = std::get_if<Floats>(&constant(i).elements);
        require<DataError>(values != nullptr, "input ", i, " must have real numbers");
        return *values;
    }
    const Integers& integers(std::size_t i) const {
        const Integers* const values = std::get_if<Integers>(&constant(i).elements);
        require<DataError>(values != nullptr, "input ", i, " must have whole numbers");
        return *values;
    }

    const Wire& wire(std::size_t i) const {
        require<DataError>(has(i), "input ", i, " is missing");
        const auto found = graph_.wires.find(node_->inputs[i]);
        require<DataError>(found != graph_.wires.end(), "reads \"", node_->inputs[i],
                           is_constant(i) ? "\", which is a constant" : "\", which nothing in front of it writes");
        return found->second;
    }
    /// As an image with channels first in the file, or a sample of other rank.
    Wire first(std::size_t i) {
        const Wire& x = wire(i);
        if (x.node.shape().rank() != 3 || x.channels_first) return x;
        return {add(Permute{{2, 3, 1}}, x.node, "nhwc"), true, x.non_negative};
    }
    Wire image(std::size_t i) {
        Wire x = first(i);
        require<DataError>(x.channels_first, "expected an image of 4 axes with the batch, got a sample ",
                           x.node.shape());
        return x;
    }
    /// With its axes in the file's order.
    Wire raw(std::size_t i) {
        const Wire& x = wire(i);
        if (!x.channels_first) return x;
        return {add(Permute{{3, 1, 2}}, x.node, "nchw"), false, x.non_negative};
    }
    /// With its elements in the file's order, whatever their axes.
    Wire in_order(std::size_t i) {
        const Wire& x = wire(i);
        const Shape shape = x.node.shape();
        const bool is_same = x.channels_first && (shape[2] == 1 || shape[0] * shape[1] == 1);
        return is_same ? Wire{x.node, false, x.non_negative} : raw(i);
    }

    /// Calls a layer, named as the node is; `suffix` for what comes beside it.
    template <class S>
    fovea::Node<float> add(S spec, const fovea::Node<float>& x, const std::string& suffix = {}) {
        spec.name = name<S>(suffix);
        check(spec.output_shape(x.shape()));
        return x.then(spec);
    }
    template <class S>
    fovea::Node<float> merge(S spec, const std::vector<fovea::Node<float>>& x) {
        spec.name = name<S>({});
        std::vector<Shape> shapes;
        for (const auto& node : x) shapes.push_back(node.shape());
        check(spec.output_shape(std::span<const Shape>(shapes)));
        return fovea::Node<float>::merge(spec, x);
    }

    /// The values that a layer's parameter is to have.
    void set_weight(const fovea::Node<float>& layer, const char* parameter, Floats values) {
        const std::string name = layer.name() + '/' + parameter;
        const auto& known = layer.network()->parameter(name);
        require<DataError>(std::cmp_equal(known.place.size(), values.size()), parameter, " has ", values.size(),
                           " numbers, ", known.place.shape, " are needed");
        graph_.weights.insert_or_assign(name, std::move(values));
    }

    void give(Wire result) {
        give(node_->outputs[0], std::move(result));
        for (std::size_t i = 1; i < node_->outputs.size(); ++i)
            require<DataError>(node_->outputs[i].empty() || !graph_.readers.contains(node_->outputs[i]), "output ", i,
                               " is read, which is not supported");
    }
    void give(const fovea::Node<float>& node, bool channels_first, bool non_negative = false) {
        give({node, channels_first, non_negative});
    }
    void give(Constant constant) {
        require<DataError>(node_->outputs.size() == 1, "has ", node_->outputs.size(), " outputs, expected 1");
        graph_.constants.insert_or_assign(node_->outputs[0], std::move(constant));
    }

    /// A constant that the only reader of this node adds to it, and that is then part of it: the bias of older files.
    const Constant* taken_in_bias(std::size_t count) {
        const auto readers = graph_.readers.find(node_->outputs[0]);
        if (readers == graph_.readers.end() || readers->second.size() != 1) return nullptr;
        const std::size_t reader = readers->second[0];
        if (reader >= graph_.file.nodes.size() || graph_.file.nodes[reader].op != "Add") return nullptr;
        const Node& next = graph_.file.nodes[reader];
        if (next.inputs.size() != 2 || next.outputs.size() != 1 || reader <= number_) return nullptr;
        const auto other = graph_.constants.find(next.inputs[next.inputs[0] == node_->outputs[0] ? 1 : 0]);
        if (other == graph_.constants.end()) return nullptr;
        const Constant& bias = other->second;
        const Floats* const values = std::get_if<Floats>(&bias.elements);
        const bool fits = values != nullptr && values->size() == count && !bias.dims.empty() &&
                          std::cmp_equal(bias.dims.back(), count) && bias.dims.size() <= 2;
        if (!fits) return nullptr;
        graph_.done.insert(reader);
        node_ = &next;
        return &bias;
    }

private:
    void give(const std::string& name, Wire result) {
        require<DataError>(!graph_.wires.contains(name), "writes \"", name, "\", which is there already");
        graph_.wires.emplace(name, std::move(result));
    }

    void check(const Shape& output) {
        graph_.elements += static_cast<double>(output.size());
        require<DataError>(graph_.elements <= graph_.most_elements, "needs more memory than the memory_limit");
    }

    /// The node's, or one as fovea names its layers.
    template <class S>
    std::string name(const std::string& suffix) {
        std::string base = graph_.file.nodes[number_].name;
        if (base.empty()) base = fovea::detail::snake_case(S::type);
        if (!suffix.empty()) base += '_' + suffix;
        return free_name(graph_.names, base);
    }

    ReadGraph& graph_;
    std::size_t number_;
    const Node* node_;
};

} // namespace fovea::onnx
