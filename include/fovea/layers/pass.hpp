#pragma once
#include <span>

#include <fovea/core/arena.hpp>
#include <fovea/core/parameters.hpp>
#include <fovea/core/random.hpp>
#include <fovea/core/view.hpp>

namespace fovea {

/// What one run through a layer has that the layer itself, being const, has not.
template <class T>
struct Pass {
    bool training = false;     ///< statistics of the batch, dropout; otherwise inference
    std::span<const T> values; ///< the model's parameters
    std::span<T> gradients;    ///< their gradients, to be added to; empty when the layer is frozen
    std::span<T> state; ///< the parameters again, writable, for add_state() ones; empty unless they are to be moved on
    Arena prepared;     ///< what the layer's prepare() made of these values
    Arena kept;         ///< from forward to backward: the layer's kept_bytes()
    Arena scratch;      ///< within one call: the layer's scratch_bytes()
    random::Stream random;          ///< this layer's numbers in this step
    Index first_sample = 0;         ///< where in the batch x begins
    bool before_activation = false; ///< dy is by the layer's output before its activation (softmax with cross-entropy)

    /// Empty for a parameter that the layer does not have.
    ConstView<T> value(const Parameter& p) const { return p.in(values); }

    /// Empty when it is not wanted.
    View<T> gradient(const Parameter& p) const { return p.in(gradients); }

    /// Empty when it is not to be changed.
    View<T> moving(const Parameter& p) const { return p.in(state); }
};

} // namespace fovea
