#pragma once
#include <algorithm>
#include <array>

#include <fovea/ops/activation.hpp>

/// The end of a convolution or dense layer: y (..., channels), bias (channels).
namespace fovea::ops {

namespace detail {

/// y = activation(y + bias), element by element. Vectors run over the ends of rows, since these may be short; so the bias goes
/// on with its beginning there. A bias with many channels is taken in parts.
template <class T>
void add_bias_and_activate(View<T> y, ConstView<T> bias, Activation activation) {
    constexpr Index most = 1024;
    const Index channels = bias.size();
    std::array<T, static_cast<std::size_t>(most + simd::panel<T>)> repeated;
    const bool whole_rows = channels <= most;
    const Index rows = whole_rows ? 1 : y.size() / channels;
    for (Index first = 0; first < channels; first += most) {
        const Index count = std::min(most, channels - first);
        for (Index i = 0; i < count + simd::panel<T>; ++i)
            repeated[static_cast<std::size_t>(i)] = bias[first + i % count];
        simd::dispatch([&](auto target) {
            for (Index row = 0; row < rows; ++row)
                activate(target, activation, y.data() + row * channels + first, whole_rows ? y.size() : count,
                         repeated.data(), count);
        });
    }
}

} // namespace detail

/// y = activation(y + bias), where possible in one pass over memory. An empty bias is none. Where `z` is not null, y + bias is
/// written there, in the same layout.
template <class T>
void bias_activation_forward(View<T> y, std::type_identity_t<ConstView<T>> bias, Activation activation,
                             std::type_identity_t<T>* z) {
    if (y.empty()) return;
    // The sum goes through the activation while it is in a register. Softmax needs the whole row first.
    const bool at_once = z == nullptr && activation != Activation::softmax;
    if (!bias.empty()) detail::add_bias_and_activate<T>(y, bias, at_once ? activation : Activation::linear);
    if (z != nullptr) std::copy(y.begin(), y.end(), z);
    if (bias.empty() || !at_once) activation_forward(activation, y);
}

/// db += the sum of dz over all its rows. Rows are summed in blocks, whose sums are then added in order: the error grows with
/// the length of a block and the number of blocks, not with their product.
template <class T>
void bias_gradient(std::type_identity_t<ConstView<T>> dz, View<T> db) {
    if (dz.empty() || db.empty()) return;
    simd::dispatch([&](auto target) { add_rows(target, dz.data(), dz.size() / db.size(), db.size(), db.data()); });
}

} // namespace fovea::ops
