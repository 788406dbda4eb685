#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// A layer of a model.
template <class T>
struct NamedLayer {
    std::string name;
    AnyLayer<T> layer;     ///< as built for its first call
    bool trainable = true; ///< false freezes it: its parameters keep their values, and BatchNormalization its averages
    std::size_t first = 0; ///< its parameters are [first, last) of the network's
    std::size_t last = 0;
};

/// A layer at work, between the wires that it reads and the one that it writes. A shared layer has several calls.
template <class T>
struct Call {
    AnyLayer<T> layer;               ///< built for these inputs
    std::size_t of;                  ///< which of the network's layers
    std::vector<std::size_t> inputs; ///< wires
    std::size_t output;              ///< wire
};

/// What is run at once: mostly one call, or a row of them that a single layer does the work of.
template <class T>
struct Step {
    AnyLayer<T> layer;
    std::vector<std::size_t> calls;  ///< numbers of the network's
    std::vector<std::size_t> inputs; ///< of the first call
    std::size_t output;              ///< of the last
};

/// How the calls of a network hang together. A wire carries a tensor: what comes in from outside, or the result of a call.
template <class T>
struct Wiring {
    std::vector<Shape> wires;         ///< of one sample
    std::vector<Call<T>> calls;       ///< in an order in which they can run
    std::vector<std::size_t> inputs;  ///< wires
    std::vector<std::size_t> outputs; ///< wires

    /// The call that writes a wire, which must not be an input.
    const Call<T>& call_of(std::size_t wire) const {
        const auto writes = [wire](const Call<T>& call) { return call.output == wire; };
        return *std::find_if(calls.begin(), calls.end(), writes);
    }

    /// One input, one output, and in between layers one after another, each called once.
    bool is_straight() const {
        if (inputs.size() != 1 || outputs.size() > 1) return false;
        for (std::size_t i = 0; i < calls.size(); ++i)
            if (calls[i].inputs != std::vector<std::size_t>{i} || calls[i].of != i) return false;
        return outputs.empty() || outputs.front() + 1 == wires.size();
    }

    std::vector<Shape> shapes(std::span<const std::size_t> which) const {
        std::vector<Shape> result;
        for (const std::size_t wire : which) result.push_back(wires[wire]);
        return result;
    }

    /// Which calls lie between `from` and `to`; throws ValueError if `to` also needs an input that is not in `from`, if something in `from`
    /// is not needed, or if something is there twice. `name(wire)` is for messages.
    template <class Name>
    std::vector<bool> calls_between(std::span<const std::size_t> from, std::span<const std::size_t> to,
                                    Name&& name) const {
        require<ValueError>(!from.empty() && !to.empty(), "Model: needs at least one input and one output, got ",
                            from.size(), " and ", to.size());
        std::vector<bool> given(wires.size(), false);
        for (const std::size_t wire : from) {
            require<ValueError>(!given[wire], "Model: \"", name(wire), "\" is named twice among the inputs");
            given[wire] = true;
        }
        std::vector<bool> wanted(wires.size(), false);
        for (const std::size_t wire : to) {
            require<ValueError>(!wanted[wire], "Model: \"", name(wire), "\" is named twice among the outputs");
            require<ValueError>(!given[wire], "Model: \"", name(wire), "\" is an input and an output");
            wanted[wire] = true;
        }
        std::vector<bool> between(calls.size(), false);
        for (std::size_t i = calls.size(); i-- > 0;) {
            if (!wanted[calls[i].output] || given[calls[i].output]) continue;
            between[i] = true;
            for (const std::size_t wire : calls[i].inputs) wanted[wire] = true;
        }
        for (const std::size_t wire : from)
            require<ValueError>(wanted[wire], "Model: no output needs the input \"", name(wire), "\"");
        for (const std::size_t wire : inputs)
            require<ValueError>(!wanted[wire] || given[wire], "Model: an output needs the input \"", name(wire),
                                "\", which is not among the inputs");
        return between;
    }
};

} // namespace fovea
