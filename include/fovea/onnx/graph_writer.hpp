#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fovea/core/shape.hpp>
#include <fovea/onnx/file.hpp>
#include <fovea/onnx/spec_values.hpp>
#include <fovea/ops/permutation.hpp>

namespace fovea::onnx {

/// A layer's parameter.
struct Weight {
    Shape shape{0};
    Floats values;
};

/// A weight whose axes are in another order: `order[i]` is the axis of the old one that becomes axis i.
inline Floats reordered(const Weight& weight, const std::vector<Index>& order, Integers& dims) {
    const ops::Permutation permutation(weight.shape, order);
    dims.assign(permutation.output().begin(), permutation.output().end());
    Floats result(weight.values.size());
    permutation.each(weight.shape.size(), [&](Index from, Index to) {
        result[static_cast<std::size_t>(to)] = weight.values[static_cast<std::size_t>(from)];
    });
    return result;
}

/// A layer at work, without the type of its numbers.
struct LayerCall {
    std::string type;
    std::string name;
    SpecValues fields;
    std::vector<std::size_t> from; ///< wires
    std::size_t to = 0;            ///< wire
    bool idle = false;             ///< in inference it passes on what it gets
    std::map<std::string, Weight, std::less<>> weights;

    bool has(std::string_view weight) const { return weights.contains(weight); }
};

/// The tensor that a wire carries. Those of images, of rank 4 with the batch, are (batch, channels, height, width) inside of an ONNX graph.
struct Carried {
    std::string name;
    bool channels_first = false;
};

/// Puts nodes together and gives tensors their names. A wire's tensor may be there in both orders of axes; the one that a node
/// asks for is made where it is missing.
class GraphWriter {
public:
    explicit GraphWriter(std::vector<Shape> shapes) : shapes_(std::move(shapes)), wires_(shapes_.size()) {
        file_.opset = 17;
    }

    File& file() { return file_; }
    const Shape& shape(std::size_t wire) const { return shapes_[wire]; }

    /// Keeps a name from being given to something else.
    void reserve(const std::string& name) { names_.insert(name); }

    /// A name like `base` that nothing has.
    std::string fresh(const std::string& base) {
        std::string name = base;
        for (int i = 1; !names_.insert(name).second; ++i) name = text(base, '_', i);
        return name;
    }

    /// Nodes made from here on are of this layer: the first has its name, others have their operator behind it.
    void begin_layer(const std::string& name) {
        layer_ = name;
        first_node_ = true;
    }

    /// Adds a node of one output; returns the name of its tensor.
    std::string node(const std::string& op, std::vector<std::string> inputs, std::vector<Attribute> attributes = {}) {
        std::string name = std::exchange(first_node_, false) ? layer_ : layer_ + '/' + op;
        const std::string base = name;
        for (int i = 1; !node_names_.insert(name).second; ++i) name = text(base, '_', i);
        const std::string output = fresh(name + ":0");
        file_.nodes.push_back({op, std::move(name), std::move(inputs), {output}, std::move(attributes)});
        return output;
    }

    /// A constant; a layer that is called twice asks for it twice.
    std::string constant(const std::string& name, Integers dims, std::variant<Floats, Integers> elements) {
        if (constants_.insert(name).second) file_.constants.push_back({name, std::move(dims), std::move(elements)});
        return name;
    }
    std::string constant(const std::string& what, float value) {
        return constant(layer_ + '/' + what, {}, Floats{value});
    }
    std::string constant(const std::string& what, const Integers& values) {
        return constant(layer_ + '/' + what, {static_cast<std::int64_t>(values.size())}, values);
    }
    /// One number a channel, for all places of an image with channels first.
    std::string channels(const std::string& what, const Floats& values, bool channels_first) {
        const auto count = static_cast<std::int64_t>(values.size());
        return constant(layer_ + '/' + what, channels_first ? Integers{count, 1, 1} : Integers{count}, values);
    }

    /// Names the tensor that a wire carries.
    void set(std::size_t wire, const std::string& name, bool channels_first) {
        (channels_first ? wires_[wire].first : wires_[wire].last) = name;
    }

    /// With channels first if it is an image.
    Carried first(std::size_t wire) {
        if (shapes_[wire].rank() != 3) return {last(wire), false};
        Names& names = wires_[wire];
        if (names.first.empty()) names.first = transpose(names.last, {0, 3, 1, 2}, "nchw");
        return {names.first, true};
    }
    std::string last(std::size_t wire) {
        Names& names = wires_[wire];
        if (names.last.empty()) names.last = transpose(names.first, {0, 2, 3, 1}, "nhwc");
        return names.last;
    }
    /// As it is; channels first if both are there.
    Carried any(std::size_t wire) {
        return wires_[wire].first.empty() ? Carried{wires_[wire].last, false} : Carried{wires_[wire].first, true};
    }

    /// The shape of a batch of these samples.
    Integers dims(std::size_t wire, bool channels_first) const {
        Integers dims{-1};
        dims.insert(dims.end(), shapes_[wire].begin(), shapes_[wire].end());
        if (channels_first) std::rotate(dims.begin() + 1, dims.end() - 1, dims.end());
        return dims;
    }

private:
    struct Names {
        std::string first;
        std::string last;
    };

    std::string transpose(const std::string& from, const Integers& perm, const std::string& to) {
        const std::string output = fresh(from + '/' + to);
        file_.nodes.push_back({"Transpose", output, {from}, {output}, {{"perm", perm}}});
        return output;
    }

    std::vector<Shape> shapes_;
    std::vector<Names> wires_;
    File file_;
    std::string layer_;
    bool first_node_ = true;
    std::set<std::string> names_;
    std::set<std::string> node_names_;
    std::set<std::string> constants_;
};

} // namespace fovea::onnx
