#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/models/network.hpp>
#include <fovea/ops/permutation.hpp>

namespace fovea {

/// How weights lie in a file, and by which names.
///
/// keras: as in the model, `conv2d/kernel` (height, width, in, out).
///
/// pytorch: as a torch.nn.Module for images (batch, channels, height, width) has them, `0.weight` (out, in, height, width). Layers
/// one after another are numbered as in a torch.nn.Sequential in which each activation is a module of its own; those of a graph
/// keep their names, `conv2d.weight`. SeparableConv2D is two modules in one, `3.0.weight` and `3.1.weight`. A Dense behind a
/// Flatten has its inputs in the order in which PyTorch flattens.
enum class WeightsLayout { keras, pytorch };

namespace detail {

/// Where a parameter is in a file: its elements as `axes` of `from`, in this order, are those of `shape`. Without axes as they are.
struct FilePlace {
    std::string name;
    Shape shape;
    Shape from = {};
    std::vector<Index> axes = {};

    bool is_same() const { return axes.empty(); }

    /// y (shape) from x (the parameter's shape), or back.
    template <class T>
    void write(ConstView<T> x, View<T> y) const {
        ops::Permutation(from, axes).each(from.size(), [&](Index i, Index j) { y[j] = x[i]; });
    }
    template <class T>
    void read(ConstView<T> y, View<T> x) const {
        ops::Permutation(from, axes).each(from.size(), [&](Index i, Index j) { x[i] = y[j]; });
    }
};

/// Goes through a network to find the names and layouts that its parameters have in PyTorch. Throws ValueError for a
/// layer that PyTorch does not have so.
template <class T>
class PytorchPlaces {
public:
    explicit PytorchPlaces(const Network<T>& network)
        : network_(&network), places_(network.parameters().size()), flattened_(network.wiring().wires.size()) {
        const bool straight = network.wiring().is_straight();
        std::vector<bool> seen(network.layers().size(), false);
        Index module = 0;
        for (const Call<T>& call : network.wiring().calls) {
            const NamedLayer<T>& layer = network.layers()[call.of];
            follow(call, layer, seen[call.of], straight ? text(module) : layer.name);
            seen[call.of] = true;
            const bool has_activation = layer.first < layer.last && layer.layer.activation() != Activation::linear;
            module += has_activation ? 2 : 1;
        }
    }

    std::vector<FilePlace> places() && { return std::move(places_); }

private:
    /// The images (height, width, channels) that a flat wire has one after another, if it has.
    using Flattened = std::optional<Shape>;

    void follow(const Call<T>& call, const NamedLayer<T>& layer, bool seen, const std::string& module) {
        const std::vector<Shape> inputs = network_->wiring().shapes(call.inputs);
        const Flattened& before = flattened_[call.inputs.front()];
        Flattened& after = flattened_[call.output];
        const bool keeps = std::all_of(inputs.begin(), inputs.end(), [&](const Shape& input) {
            return input == network_->wiring().wires[call.output];
        });
        for (const std::size_t wire : call.inputs)
            require<ValueError>(flattened_[wire] == before && (!before || keeps || layer.first < layer.last),
                                "PyTorch: ", layer.name, " (", layer.layer.type(),
                                ") mixes flattened images with other numbers, whose order is another in PyTorch");
        if (inputs[0].rank() == 3 && network_->wiring().wires[call.output].rank() == 1 && is_flat(layer))
            after = inputs[0];
        else if (keeps)
            after = before;
        for (std::size_t i = layer.first; i < layer.last; ++i) {
            FilePlace place = place_of(network_->parameters()[i], layer, inputs[0], before, module);
            require<ValueError>(!seen || (place.from == places_[i].from && place.axes == places_[i].axes),
                                "PyTorch: ", layer.name, " is shared between inputs whose orders differ in PyTorch");
            if (!seen) places_[i] = std::move(place);
        }
    }

    static bool is_flat(const NamedLayer<T>& layer) {
        return layer.layer.type() == "Flatten" || layer.layer.type() == "Reshape";
    }

    FilePlace place_of(const NamedParameter& parameter, const NamedLayer<T>& layer, const Shape& input,
                       const Flattened& flattened, const std::string& module) const {
        const std::string_view type = layer.layer.type();
        const std::string name = parameter.name.substr(layer.name.size() + 1);
        const Shape& s = parameter.place.shape;
        const auto as_is = [&](const char* torch) { return FilePlace{module + torch, s}; };
        if (name == "bias") return as_is(type == "SeparableConv2D" ? ".1.bias" : ".bias");
        if (type == "Conv2D" || type == "Conv2DTranspose") // (height, width, in, out), and (height, width, out, in)
            return {module + ".weight", {s[3], s[2], s[0], s[1]}, s, {3, 2, 0, 1}};
        if (type == "DepthwiseConv2D" || name == "depthwise_kernel") // (height, width, channels, multiplier)
            return {module + (type == "DepthwiseConv2D" ? ".weight" : ".0.weight"),
                    {s[2] * s[3], 1, s[0], s[1]},
                    s,
                    {2, 3, 0, 1}};
        if (name == "pointwise_kernel") return {module + ".1.weight", {s[3], s[2], s[0], s[1]}, s, {3, 2, 0, 1}};
        if (type == "Dense" && input.rank() == 1) {
            if (!flattened) return {module + ".weight", {s[1], s[0]}, s, {1, 0}};
            const Shape& image = *flattened;
            return {module + ".weight", {s[1], s[0]}, {image[0], image[1], image[2], s[1]}, {3, 2, 0, 1}};
        }
        constexpr std::array<std::pair<std::string_view, const char*>, 5> names{{{"gamma", ".weight"},
                                                                                 {"beta", ".bias"},
                                                                                 {"moving_mean", ".running_mean"},
                                                                                 {"moving_variance", ".running_var"},
                                                                                 {"alpha", ".weight"}}};
        const auto known =
            std::find_if(names.begin(), names.end(), [&](const auto& pair) { return pair.first == name; });
        const bool normalizes = type == "BatchNormalization" || type == "LayerNormalization" || type == "PReLU" ||
                                (type == "GroupNormalization" && !flattened);
        const bool one_a_channel = s.rank() == 1 || s.size() == s.last();
        require<ValueError>(known != names.end() && normalizes && (one_a_channel || type != "PReLU"),
                            "PyTorch: ", parameter.name, ' ', s, " of ", type, " on an input of ", input,
                            " has no counterpart");
        if (flattened) return {module + known->second, s, *flattened, {2, 0, 1}};
        if (one_a_channel) return {module + known->second, {s.size()}, {s.size()}, {0}};
        if (s.rank() == 2) return {module + known->second, {s[1], s[0]}, s, {1, 0}};
        return {module + known->second, {s[2], s[0], s[1]}, s, {2, 0, 1}};
    }

    const Network<T>* network_;
    std::vector<FilePlace> places_;
    std::vector<Flattened> flattened_;
};

/// One for each parameter.
template <class T>
std::vector<FilePlace> file_places(const Network<T>& network, WeightsLayout layout) {
    if (layout == WeightsLayout::pytorch) return PytorchPlaces<T>(network).places();
    std::vector<FilePlace> places;
    for (const NamedParameter& parameter : network.parameters())
        places.push_back({parameter.name, parameter.place.shape});
    return places;
}

/// What PyTorch counts in a BatchNorm and does not use unless it is asked to.
inline constexpr std::string_view batch_count = ".num_batches_tracked";

} // namespace detail

} // namespace fovea
