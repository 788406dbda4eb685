#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fovea/layers/input.hpp>
#include <fovea/models/network.hpp>

namespace fovea {

/// What comes out of a layer of a graph, or goes into it: something to call layers on.
///
///     auto h = Conv2D{.filters = 32, .kernel_size = 3}(x);
///     auto y = Add{}(h, x);
///
/// Nodes belong to their graph and keep it alive.
template <class T>
class Node {
public:
    Node(std::shared_ptr<Network<T>> network, std::size_t wire) : network_(std::move(network)), wire_(wire) {}

    /// The same as spec(node), for specs that cannot be called.
    template <LayerSpec S>
    Node then(const S& spec) const {
        return {network_, network_->add(spec, std::span(&wire_, 1))};
    }

    /// The same as spec(nodes...). Throws ValueError for nodes of two graphs.
    template <MergeSpec S>
    static Node merge(const S& spec, const std::vector<Node>& nodes) {
        require<ValueError>(!nodes.empty(), S::type, ": has no inputs");
        std::vector<std::size_t> wires;
        for (const Node& node : nodes) {
            require<ValueError>(node.network_ == nodes.front().network_, S::type, ": the inputs are of two graphs");
            wires.push_back(node.wire_);
        }
        return {nodes.front().network_, nodes.front().network_->add(spec, wires)};
    }

    /// Shape of one sample.
    Shape shape() const { return network_->wiring().wires[wire_]; }
    /// That of the layer that it comes from, or of the input that it is.
    std::string name() const { return network_->name_of_wire(wire_); }

    const std::shared_ptr<Network<T>>& network() const { return network_; }
    std::size_t wire() const { return wire_; }

private:
    std::shared_ptr<Network<T>> network_;
    std::size_t wire_;
};

/// Layers that branch and meet, put together by calling them:
///
///     Graph graph;
///     auto x = graph.input({32, 32, 3});
///     auto h = Conv2D{.filters = 16, .kernel_size = 3, .padding = Padding::same}(x);
///     auto y = Dense{10, Activation::softmax}(GlobalAveragePooling2D{}(Add{}(h, Conv2D{16, 1}(x))));
///     Model model{{x}, {y}};
///
/// Layers are built when they are called, so what does not fit is said there. The order of the calls numbers names, parameters and
/// their initial values. C++ leaves it to the compiler for arguments in parentheses, so where several of them call layers,
/// put them in braces: `Add{}({Dense{8}(a), Dense{8}(b)})`.
template <class T = float>
class Graph {
public:
    Graph() : network_(std::make_shared<Network<T>>()) {}
    explicit Graph(std::uint64_t seed) : network_(std::make_shared<Network<T>>(seed)) {}
    /// Goes on where a network ends, with copies of its parameters.
    explicit Graph(const Network<T>& network) : network_(std::make_shared<Network<T>>(network)) {}

    /// Throws ShapeError as Input does, ValueError for a name that is taken.
    Node<T> input(const Shape& shape, std::string name = {}) {
        const Input checked(shape, std::move(name));
        return {network_, network_->add_input(checked.shape, checked.name)};
    }

    /// The first result of a layer, or an input. Throws ValueError for a name that is not there, and lists those that are.
    Node<T> operator[](std::string_view name) const {
        for (std::size_t i = 0; i < network_->inputs(); ++i)
            if (network_->input_names()[i] == name) return {network_, network_->wiring().inputs[i]};
        const auto layer = static_cast<std::size_t>(&network_->layer(name) - network_->layers().data());
        for (const Call<T>& call : network_->wiring().calls)
            if (call.of == layer) return {network_, call.output};
        return {network_, 0};
    }

    /// Of the network that it was made from.
    std::vector<Node<T>> inputs() const { return nodes(network_->wiring().inputs); }
    std::vector<Node<T>> outputs() const { return nodes(network_->wiring().outputs); }

private:
    std::vector<Node<T>> nodes(const std::vector<std::size_t>& wires) const {
        std::vector<Node<T>> result;
        for (const std::size_t wire : wires) result.emplace_back(network_, wire);
        return result;
    }

    std::shared_ptr<Network<T>> network_;
};

/// A network of what lies between nodes of one graph, with copies of the parameters. Throws ValueError if an output needs an input that is
/// not among the inputs, or one of these is not needed.
template <class T>
Network<T> network_between(const std::vector<Node<T>>& inputs, const std::vector<Node<T>>& outputs) {
    require<ValueError>(!inputs.empty(), "Model: needs at least one input and one output, got no input");
    const auto& graph = inputs.front().network();
    const auto wires = [&](const std::vector<Node<T>>& nodes) {
        std::vector<std::size_t> result;
        for (const Node<T>& node : nodes) {
            require<ValueError>(node.network() == graph, "Model: inputs and outputs are of two graphs");
            result.push_back(node.wire());
        }
        return result;
    };
    return graph->part(wires(inputs), wires(outputs));
}

} // namespace fovea
