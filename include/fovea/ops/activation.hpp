#pragma once
#include <type_traits>

#include <fovea/core/simd_math.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/activation_kind.hpp>

#define FOVEA_KERNELS <fovea/ops/kernels/activation.inl>
#include <fovea/core/simd/for_each_target.inl>

/// z (..., channels): what goes into an activation; y: what comes out. Element by element, except that softmax runs over the
/// last axis. NaN in z gives NaN in y. In float they are within 3 units in the last place, gelu within 9.
namespace fovea::ops {

/// Whether the gradient needs z; otherwise y is enough, and z may be empty.
inline bool needs_input(Activation activation) {
    return activation == Activation::gelu || activation == Activation::silu;
}

/// Turns z into y in place.
template <class T>
void activation_forward(Activation activation, View<T> z) {
    if (activation == Activation::linear || z.empty()) return;
    simd::dispatch([&](auto target) {
        if (activation == Activation::softmax)
            softmax(target, z.data(), z.size(), z.shape().last());
        else
            activate<T>(target, activation, z.data(), z.size(), nullptr, 1);
    });
}

/// Turns dy, the gradient by y, into the gradient by z in place. `z` is looked at only if `needs_input(activation)`.
template <class T>
void activation_backward(Activation activation, std::type_identity_t<ConstView<T>> z,
                         std::type_identity_t<ConstView<T>> y, View<T> dy) {
    if (activation == Activation::linear || dy.empty()) return;
    simd::dispatch([&](auto target) {
        if (activation == Activation::softmax)
            softmax_gradient(target, y.data(), dy.data(), dy.size(), dy.shape().last());
        else
            activation_gradient(target, activation, z.data(), y.data(), dy.data(), dy.size());
    });
}

} // namespace fovea::ops
