#pragma once
#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/core/error.hpp>

namespace fovea {

/// The functions that a layer can put its output through, with Keras's definitions: leaky_relu has slope 0.2 below zero,
/// elu has alpha 1, gelu is the exact one, softmax runs over the last axis.
enum class Activation { linear, relu, sigmoid, tanh, softmax, leaky_relu, elu, gelu, silu };

namespace detail {
inline constexpr std::array<std::pair<Activation, std::string_view>, 9> activation_names{
    {{Activation::linear, "linear"},
     {Activation::relu, "relu"},
     {Activation::sigmoid, "sigmoid"},
     {Activation::tanh, "tanh"},
     {Activation::softmax, "softmax"},
     {Activation::leaky_relu, "leaky_relu"},
     {Activation::elu, "elu"},
     {Activation::gelu, "gelu"},
     {Activation::silu, "silu"}}};
} // namespace detail

inline std::string_view name_of(Activation activation) {
    for (const auto& [value, name] : detail::activation_names)
        if (value == activation) return name;
    return "?";
}

/// Throws ValueError for an unknown name, and lists those that are known.
inline Activation activation_from_name(std::string_view wanted) {
    std::string known;
    for (const auto& [value, name] : detail::activation_names) {
        if (name == wanted) return value;
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    throw ValueError(text("Activation: unknown name \"", wanted, "\"; known are ", known));
}

inline void from_name(std::string_view name, Activation& activation) { activation = activation_from_name(name); }

inline std::ostream& operator<<(std::ostream& out, Activation activation) { return out << name_of(activation); }

} // namespace fovea
