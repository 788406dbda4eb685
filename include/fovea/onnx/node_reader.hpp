#pragma once
#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/layers/permute.hpp>
#include <fovea/layers/reshape.hpp>
#include <fovea/onnx/read_graph.hpp>
#include <fovea/onnx/spec_values.hpp>

namespace fovea::onnx {

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
        Integers values = wholes(name, {otherwise.height, otherwise.width});
        if (line_ && values.size() == 1) values.insert(values.begin(), name == "output_padding" ? 0 : 1);
        require<DataError>(values.size() == 2, name, " has ", values.size(), " numbers, expected those of images, 2");
        return {values[0], values[1]};
    }
    /// In front of height and width, and behind.
    Integers pads() const {
        Integers values = wholes("pads", Integers(4));
        if (line_ && values.size() == 2) values = {0, values[0], 0, values[1]};
        require<DataError>(values.size() == 4, "pads has ", values.size(), " numbers, expected those of images, 4");
        return values;
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

    /// Axes to leave out or to put in, or to go over: an attribute in older files.
    Integers axes(std::size_t input, std::int64_t since = 13) const {
        if (opset() < since || !has(input)) return wholes("axes", {});
        return integers(input);
    }
    /// The dims of a tensor in the file.
    Integers file_dims(std::size_t i) const {
        const Wire& x = found(i);
        const Shape shape = x.node.shape();
        if (x.groups > 0) return {batch_extent, x.groups, shape.size() / x.groups};
        Integers dims{batch_extent};
        if (!x.no_axes) dims.insert(dims.end(), shape.begin(), shape.end());
        if (x.channels_first) std::rotate(dims.begin() + 1, dims.end() - 1, dims.end());
        if (x.line) dims.erase(dims.begin() + 2);
        return dims;
    }
    /// The number of axes in the file, with the batch.
    std::size_t file_rank(std::size_t i) const { return file_dims(i).size(); }
    /// Whether nobody else reads an input.
    bool is_only_reader(std::size_t i) const {
        const auto readers = graph_.readers.find(node_->inputs[i]);
        return readers != graph_.readers.end() && readers->second.size() == 1;
    }
    /// The only node that reads the output; null if there are others.
    const Node* only_reader() const {
        const auto readers = graph_.readers.find(node_->outputs[0]);
        const bool one = readers != graph_.readers.end() && readers->second.size() == 1;
        return one && readers->second[0] < graph_.file.nodes.size() ? &graph_.file.nodes[readers->second[0]] : nullptr;
    }
    std::int64_t batch() const { return graph_.batch; }
    void take(std::int64_t count) { graph_.take(static_cast<double>(count)); }

    /// An input as it is, if need be without axes, or a line.
    Wire as_is(std::size_t i) {
        const Wire& x = found(i);
        return x.groups > 0 ? any(i) : x;
    }
    /// The same with all axes of the file.
    Wire any(std::size_t i) {
        Wire x = found(i);
        if (x.groups > 0) {
            x.groups = 0;
            const Wire from = raw(x);
            x = {add(Reshape{{found(i).groups, -1}}, from.node, "groups"), false, x.non_negative};
        } else if (x.line) {
            const Shape shape = x.node.shape();
            const auto rows = add(Reshape{{shape[1], shape[2]}}, x.node, "rows");
            x = {add(Permute{{2, 1}}, rows, "back"), false, x.non_negative};
        } else {
            return x;
        }
        graph_.wires.insert_or_assign(node_->inputs[i], x);
        return x;
    }
    Wire wire(std::size_t i) {
        Wire x = any(i);
        require<DataError>(!x.no_axes, "reads \"", node_->inputs[i], "\", which has no axis but that of the batch");
        return x;
    }
    /// The groups of an input that is cut into them, or nothing of it.
    Wire grouped(std::size_t i) const {
        const Wire& x = found(i);
        return x.groups > 0 ? x : Wire{x.node};
    }
    /// As an image with channels first in the file, or a sample of other rank.
    Wire first(std::size_t i) {
        const Wire x = wire(i);
        if (x.node.shape().rank() != 3 || x.channels_first) return x;
        return {add(Permute{{2, 3, 1}}, x.node, "nhwc"), true, x.non_negative};
    }
    Wire image(std::size_t i) {
        Wire x = first(i);
        require<DataError>(x.channels_first, "expected an image of 4 axes with the batch, got a sample ",
                           x.node.shape());
        return x;
    }
    /// The same, or (batch, channels, width) as an image of one row; the result then is one, too.
    Wire image_or_line(std::size_t i) {
        const Wire& x = found(i);
        if (!x.line && file_rank(i) != 3) return image(i);
        line_ = true;
        if (x.line) return x;
        const Wire given = any(i);
        const Shape shape = given.node.shape();
        const auto rows = add(Permute{{2, 1}}, given.node, "last");
        return {add(Reshape{{1, shape[1], shape[0]}}, rows, "line"), true, given.non_negative};
    }
    bool is_line() const { return line_; }
    /// The dims of a kernel, as those of images.
    Integers kernel_dims(std::size_t i) const {
        Integers dims = constant(i).dims;
        if (line_ && dims.size() == 3) dims.insert(dims.begin() + 2, 1);
        require<DataError>(dims.size() == 4, "the kernel has ", dims.size(), " axes, expected those of images, 4");
        return dims;
    }
    /// With its axes in the file's order.
    Wire raw(std::size_t i) { return raw(wire(i)); }
    Wire raw(const Wire& x) {
        if (!x.channels_first) return x;
        return {add(Permute{{3, 1, 2}}, x.node, "nchw"), false, x.non_negative};
    }
    /// With its elements in the file's order, whatever their axes.
    Wire in_order(std::size_t i) {
        const Wire x = wire(i);
        const Shape shape = x.node.shape();
        const bool is_same = x.channels_first && (shape[2] == 1 || shape[0] * shape[1] == 1);
        return is_same ? Wire{x.node, false, x.non_negative} : raw(x);
    }
    /// With its axes in this order, counted from 1, the batch.
    fovea::Node<float> permuted(const fovea::Node<float>& x, const std::vector<Index>& order, const char* suffix) {
        return std::is_sorted(order.begin(), order.end()) ? x : add(Permute{order}, x, suffix);
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

    /// The same for a layer with weights. The one that a node with the same weights has made already is called again, unless each of
    /// these is one number over and over, as in layers that have not been trained.
    template <class S>
    fovea::Node<float> add_shared(S spec, const fovea::Node<float>& x) {
        std::string key(S::type);
        for (const Attribute& a : graph_.file.nodes[number_].attributes) {
            const auto* const real = std::get_if<float>(&a.value);
            const auto* const whole = std::get_if<std::int64_t>(&a.value);
            if (real != nullptr) key += text(' ', a.name, '=', *real);
            if (whole != nullptr) key += text(' ', a.name, '=', *whole);
        }
        bool differs = false;
        const std::vector<std::string>& names = graph_.file.nodes[number_].inputs;
        for (std::size_t i = 1; i <= names.size(); ++i) {
            const std::string& name = i < names.size() ? names[i] : taken_in_;
            key += '\n';
            key += name;
            const auto known = graph_.constants.find(name);
            if (known == graph_.constants.end()) continue;
            if (const Floats* const values = std::get_if<Floats>(&known->second.elements))
                differs = differs ||
                          std::adjacent_find(values->begin(), values->end(), std::not_equal_to<>()) != values->end();
        }
        Network<float>& network = *x.network();
        const auto made = graph_.shared.find(key);
        if (differs && made != graph_.shared.end()) {
            SpecValues before, now;
            network.layers()[made->second].layer.visit_fields(before);
            spec.fields(now);
            if (before == now) {
                check(spec.output_shape(x.shape()));
                const std::size_t wire = x.wire();
                return {x.network(), network.call(made->second, std::span(&wire, 1))};
            }
        }
        const auto y = add(std::move(spec), x);
        graph_.shared.insert_or_assign(key, network.layers().size() - 1);
        return y;
    }
    /// Whether the gamma and beta of `affine` may take in what this node does. Nodes with the same weights are then others.
    bool may_change(std::size_t input, const std::string& affine, const fovea::Node<float>& x) {
        if (affine.empty() || !is_only_reader(input)) return false;
        const Network<float>& network = *x.network();
        const auto is_it = [&](std::size_t layer) { return network.layers()[layer].name == affine; };
        const auto& calls = network.wiring().calls;
        if (std::count_if(calls.begin(), calls.end(), [&](const auto& call) { return is_it(call.of); }) != 1)
            return false;
        std::erase_if(graph_.shared, [&](const auto& entry) { return is_it(entry.second); });
        return true;
    }
    /// Values of a parameter, to be changed.
    Floats& weight(const std::string& layer, const char* parameter) {
        return graph_.weights.at(layer + '/' + parameter);
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
        result.line = result.line || line_;
        give(node_->outputs[0], std::move(result));
        for (std::size_t i = 1; i < node_->outputs.size(); ++i)
            require<DataError>(node_->outputs[i].empty() || !graph_.readers.contains(node_->outputs[i]), "output ", i,
                               " is read, which is not supported");
    }
    /// One of several outputs.
    std::size_t outputs() const { return node_->outputs.size(); }
    void give_one(std::size_t output, Wire result) {
        if (!node_->outputs[output].empty()) give(node_->outputs[output], std::move(result));
    }
    void give(const fovea::Node<float>& node, bool channels_first, bool non_negative = false) {
        give(Wire{node, channels_first, non_negative});
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
        taken_in_ = other->first;
        node_ = &next;
        return &bias;
    }

private:
    void give(const std::string& name, Wire result) {
        require<DataError>(!graph_.wires.contains(name), "writes \"", name, "\", which is there already");
        graph_.wires.emplace(name, std::move(result));
    }

    const Wire& found(std::size_t i) const {
        require<DataError>(has(i), "input ", i, " is missing");
        const auto found = graph_.wires.find(node_->inputs[i]);
        require<DataError>(found != graph_.wires.end(), "reads \"", node_->inputs[i],
                           is_constant(i) ? "\", which is a constant" : "\", which nothing in front of it writes");
        return found->second;
    }

    void check(const Shape& output) { take(output.size()); }

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
    bool line_ = false;
    std::string taken_in_; ///< the constant of a bias
};

/// What a Slice takes along which axes. Nothing is checked yet.
struct Slices {
    Integers starts, ends, axes, steps;
};

inline Slices slices_of(const NodeReader& in) {
    Slices s;
    if (in.opset() < 10)
        s = {in.wholes("starts", {}), in.wholes("ends", {}), in.wholes("axes", {}), {}};
    else
        s = {in.integers(1), in.integers(2), in.has(3) ? in.integers(3) : Integers{}, {}};
    if (s.axes.empty())
        for (std::size_t i = 0; i < s.starts.size(); ++i) s.axes.push_back(static_cast<std::int64_t>(i));
    s.steps = in.opset() >= 10 && in.has(4) ? in.integers(4) : Integers(s.axes.size(), 1);
    return s;
}

} // namespace fovea::onnx
