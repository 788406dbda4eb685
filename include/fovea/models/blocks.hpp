#pragma once
#include <concepts>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/add.hpp>
#include <fovea/models/graph.hpp>

/// Blocks of layers. They are called as layers are, may stand in a Sequential and in each other, and leave no trace but their layers.
namespace fovea {

/// What may be called on a node: a layer's spec, a block, a function.
template <class B, class T = float>
concept Callable = requires(const B& block, const Node<T>& x) {
    { block(x) } -> std::same_as<Node<T>>;
};

namespace detail {

/// Specs of users' own layers need no operator().
template <class B, class T>
Node<T> call(const B& block, const Node<T>& x) {
    if constexpr (LayerSpec<B>)
        return x.then(block);
    else
        return block(x);
}

} // namespace detail

/// One after another: `Chain{Conv2D{...}, BatchNormalization{}, ActivationLayer{relu}}(x)`.
template <class... Blocks>
struct Chain {
    explicit Chain(Blocks... all) : blocks(std::move(all)...) {}

    template <class T>
    Node<T> operator()(const Node<T>& x) const {
        Node<T> node = x;
        std::apply([&](const auto&... block) { ((node = detail::call(block, node)), ...); }, blocks);
        return node;
    }

    std::tuple<Blocks...> blocks;
};

/// The input as it is.
struct Identity {
    template <class T>
    Node<T> operator()(const Node<T>& x) const {
        return x;
    }
};

/// y = body(x) + shortcut(x) (He et al. 2016): `Residual{Chain{...}}`, or with a projection `Residual{Chain{...}, Conv2D{...}}`
/// where the body changes the shape.
template <class Body, class Shortcut = Identity>
struct Residual {
    explicit Residual(Body around, Shortcut past = {}) : body(std::move(around)), shortcut(std::move(past)) {}

    /// Throws ShapeError, with both shapes, if they cannot be added.
    template <class T>
    Node<T> operator()(const Node<T>& x) const {
        const Node<T> around = detail::call(body, x);
        if constexpr (std::same_as<Shortcut, Identity>) // of which g++ 12 thinks that it is not initialised
            return Add{}(around, x);
        else
            return Add{}(around, detail::call(shortcut, x));
    }

    Body body;
    Shortcut shortcut;
};

/// One around another, and not a copy of it.
template <class Body, class Shortcut>
Residual(Residual<Body, Shortcut>) -> Residual<Residual<Body, Shortcut>>;

/// Something that has its layers, and so its parameters, once, however often it is called:
///
///     const Shared trunk{Chain{Conv2D{...}, Flatten{}, Dense{64}}};
///     auto distance = Subtract{}(trunk(a), trunk(b));
template <class Block>
class Shared {
public:
    explicit Shared(Block block) : block_(std::move(block)), made_(std::make_shared<Made>()) {}

    /// Throws ValueError for a node of another graph than the first one's, ShapeError where parameters do not fit.
    template <class T>
    Node<T> operator()(const Node<T>& x) const {
        Network<T>& network = *x.network();
        if (!made_->graph) {
            const std::size_t first = network.wiring().calls.size();
            const Node<T> y = detail::call(block_, x);
            *made_ = {x.network(), x.wire(), first, network.wiring().calls.size(), y.wire()};
            return y;
        }
        require<ValueError>(made_->graph == x.network(), "Shared: called on nodes of two graphs");
        std::vector<std::size_t> wires(network.wiring().wires.size());
        for (std::size_t wire = 0; wire < wires.size(); ++wire) wires[wire] = wire;
        wires[made_->input] = x.wire();
        for (std::size_t i = made_->first; i < made_->last; ++i) {
            const Call<T> call = network.wiring().calls[i];
            std::vector<std::size_t> inputs;
            for (const std::size_t wire : call.inputs) inputs.push_back(wires[wire]);
            wires[call.output] = network.call(call.of, inputs);
        }
        return {x.network(), wires[made_->output]};
    }

private:
    /// The calls [first, last) that the first use made, between two wires.
    struct Made {
        std::shared_ptr<void> graph = {};
        std::size_t input = 0;
        std::size_t first = 0;
        std::size_t last = 0;
        std::size_t output = 0;
    };

    Block block_;
    std::shared_ptr<Made> made_;
};

} // namespace fovea
