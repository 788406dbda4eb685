#pragma once
#include <algorithm>

#include <fovea/layers/pass.hpp>
#include <fovea/ops/activation.hpp>

namespace fovea {

/// The activation that the output of a layer goes through last, and what it keeps for the way back: the first thing in pass.kept.
template <class T>
class OutputActivation {
public:
    OutputActivation(Activation activation) : activation_(activation) {}

    Activation activation() const { return activation_; }

    /// ReLU is left to the kernel that writes y.
    bool is_in_kernel() const { return activation_ == Activation::relu; }

    Index kept_bytes(Index outputs) const { return ops::needs_input(activation_) ? Arena::bytes<T>(outputs) : 0; }

    /// In place, unless the kernel has done it.
    void forward(View<T> y, const Pass<T>& pass) const {
        if (is_in_kernel()) return;
        if (const View<T> z = input(y, pass); !z.empty()) std::copy(y.begin(), y.end(), z.begin());
        ops::activation_forward(activation_, y);
    }

    /// Turns dy into the gradient by what went into the activation, unless it is that already.
    void backward(ConstView<T> y, View<T> dy, const Pass<T>& pass) const {
        if (!pass.before_activation) ops::activation_backward<T>(activation_, input(y, pass), y, dy);
    }

private:
    /// The values that went into the activation, kept in training if its gradient needs them.
    View<T> input(ConstView<T> y, const Pass<T>& pass) const {
        if (!pass.training || !ops::needs_input(activation_)) return {};
        Arena kept = pass.kept;
        return {kept.take<T>(y.size()), y.shape()};
    }

    Activation activation_;
};

} // namespace fovea
