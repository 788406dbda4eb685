#pragma once
#include <algorithm>
#include <cmath>
#include <type_traits>

#include <fovea/core/error.hpp>
#include <fovea/core/math.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/activation_kind.hpp>

/// z (..., channels): what goes into an activation; y: what comes out. Element by element, except that softmax runs over the
/// last axis. NaN in z gives NaN in y.
namespace fovea::ops {

namespace detail {

/// Each has `value(z)`, and `gradient(z, y, dy)`, the gradient by z. `needs_input` says whether the latter looks at z.
struct Linear {
    static constexpr bool needs_input = false;
    template <class T>
    static T value(T z) {
        return z;
    }
    template <class T>
    static T gradient(T, T, T dy) {
        return dy;
    }
};

struct Relu {
    static constexpr bool needs_input = false;
    template <class T>
    static T value(T z) {
        return z < 0 ? T{0} : z; // NaN is not below zero
    }
    template <class T>
    static T gradient(T, T y, T dy) {
        return y <= 0 ? T{0} : dy;
    }
};

struct Sigmoid {
    static constexpr bool needs_input = false;
    template <class T>
    static T value(T z) {
        return math::sigmoid(z);
    }
    template <class T>
    static T gradient(T, T y, T dy) {
        return dy * (y * (1 - y));
    }
};

struct Tanh {
    static constexpr bool needs_input = false;
    template <class T>
    static T value(T z) {
        return math::tanh(z);
    }
    template <class T>
    static T gradient(T, T y, T dy) {
        return dy * ((1 - y) * (1 + y));
    }
};

struct LeakyRelu {
    static constexpr bool needs_input = false;
    template <class T>
    static constexpr T slope = T(0.2);
    template <class T>
    static T value(T z) {
        return z < 0 ? slope<T> * z : z;
    }
    template <class T>
    static T gradient(T, T y, T dy) {
        return y <= 0 ? slope<T> * dy : dy;
    }
};

struct Elu {
    static constexpr bool needs_input = false;
    template <class T>
    static T value(T z) {
        return z < 0 ? math::expm1(z) : z;
    }
    template <class T>
    static T gradient(T, T y, T dy) {
        return y < 0 ? dy * (y + 1) : dy;
    }
};

/// z times the probability that a standard normal number is below z.
struct Gelu {
    static constexpr bool needs_input = true;
    template <class T>
    static T below(T z) {
        return T(0.5) * (1 + math::erf(z * T(0.70710678118654752440)));
    }
    template <class T>
    static T value(T z) {
        return z * below(z);
    }
    template <class T>
    static T gradient(T z, T, T dy) {
        const T density = T(0.39894228040143267794) * math::exp(T(-0.5) * z * z);
        return dy * std::fma(z, density, below(z));
    }
};

struct Silu {
    static constexpr bool needs_input = true;
    template <class T>
    static T value(T z) {
        return z * math::sigmoid(z);
    }
    template <class T>
    static T gradient(T z, T, T dy) {
        const T s = math::sigmoid(z);
        return dy * std::fma(z, s * (1 - s), s);
    }
};

/// Calls `f` with the struct above that belongs to `activation`.
template <class F>
void visit_elementwise(Activation activation, F&& f) {
    switch (activation) {
    case Activation::linear:
        return f(Linear{});
    case Activation::relu:
        return f(Relu{});
    case Activation::sigmoid:
        return f(Sigmoid{});
    case Activation::tanh:
        return f(Tanh{});
    case Activation::leaky_relu:
        return f(LeakyRelu{});
    case Activation::elu:
        return f(Elu{});
    case Activation::gelu:
        return f(Gelu{});
    case Activation::silu:
        return f(Silu{});
    case Activation::softmax:
        break;
    }
    throw ValueError(text("Activation: ", activation, " does not go element by element"));
}

/// In place, on one row. The maximum is taken off first, so that exp cannot overflow.
template <class T>
void softmax_row(T* row, Index count) {
    const T largest = *std::max_element(row, row + count);
    T sum = 0;
    for (Index i = 0; i < count; ++i) row[i] = math::exp(row[i] - largest);
    for (Index i = 0; i < count; ++i) sum += row[i];
    for (Index i = 0; i < count; ++i) row[i] /= sum;
}

/// dz = y * (dy - sum of y * dy), written over dy.
template <class T>
void softmax_row_backward(const T* y, T* dy, Index count) {
    T sum = 0;
    for (Index i = 0; i < count; ++i) sum = std::fma(y[i], dy[i], sum);
    for (Index i = 0; i < count; ++i) dy[i] = y[i] * (dy[i] - sum);
}

} // namespace detail

/// Whether the gradient needs z; otherwise y is enough, and z may be empty.
inline bool needs_input(Activation activation) {
    return activation == Activation::gelu || activation == Activation::silu;
}

/// Turns z into y in place.
template <class T>
void activation_forward(Activation activation, View<T> z) {
    if (activation == Activation::linear || z.empty()) return;
    if (activation == Activation::softmax) {
        const Index channels = z.shape().last();
        for (T* row = z.begin(); row != z.end(); row += channels) detail::softmax_row(row, channels);
        return;
    }
    detail::visit_elementwise(activation, [z](auto function) {
        T* const values = z.data();
        const Index size = z.size();
        for (Index i = 0; i < size; ++i) values[i] = function.value(values[i]);
    });
}

/// Turns dy, the gradient by y, into the gradient by z in place. `z` is looked at only if `needs_input(activation)`.
template <class T>
void activation_backward(Activation activation, std::type_identity_t<ConstView<T>> z,
                         std::type_identity_t<ConstView<T>> y, View<T> dy) {
    if (activation == Activation::linear || dy.empty()) return;
    if (activation == Activation::softmax) {
        const Index channels = dy.shape().last();
        for (Index i = 0; i < dy.size(); i += channels)
            detail::softmax_row_backward(y.data() + i, dy.data() + i, channels);
        return;
    }
    detail::visit_elementwise(activation, [z, y, dy](auto function) {
        const T* const in = z.data();
        const T* const out = y.data();
        T* const gradient = dy.data();
        const Index size = dy.size();
        for (Index i = 0; i < size; ++i) {
            if constexpr (function.needs_input)
                gradient[i] = function.gradient(in[i], out[i], gradient[i]);
            else
                gradient[i] = function.gradient(T{}, out[i], gradient[i]);
        }
    });
}

} // namespace fovea::ops
