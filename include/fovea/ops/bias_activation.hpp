#pragma once
#include <algorithm>
#include <array>

#include <fovea/ops/activation.hpp>

/// The end of a convolution or dense layer: y (..., channels), bias (channels).
namespace fovea::ops {

/// y = activation(y + bias), where possible in one pass over memory. An empty bias is none. Where `z` is not null, y + bias is
/// written there, in the same layout.
template <class T>
void bias_activation_forward(View<T> y, std::type_identity_t<ConstView<T>> bias, Activation activation,
                             std::type_identity_t<T>* z) {
    if (y.empty()) return;
    const Index channels = y.shape().last();
    const Index size = y.size();
    const T* const b = bias.empty() ? nullptr : bias.data();
    const auto add_bias = [=](auto function) {
        for (Index at = 0; at < size; at += channels) {
            T* const row = y.data() + at;
            for (Index c = 0; c < channels; ++c) row[c] = function.value(row[c] + b[c]);
        }
    };
    // The sum goes through the activation while it is in a register. Softmax needs the whole row first.
    if (b != nullptr && z == nullptr && activation != Activation::softmax) {
        detail::visit_elementwise(activation, add_bias);
        return;
    }
    if (b != nullptr) add_bias(detail::Linear{});
    if (z != nullptr) std::copy(y.begin(), y.end(), z);
    activation_forward(activation, y);
}

/// db += the sum of dz over all its rows. Rows are summed in blocks, whose sums are then added in order: the error grows with
/// the length of a block and the number of blocks, not with their product.
template <class T>
void bias_gradient(std::type_identity_t<ConstView<T>> dz, View<T> db) {
    if (dz.empty() || db.empty()) return;
    constexpr Index strip = 64; // channels whose sums stay in L1, or in registers
    constexpr Index block = 128;
    const Index channels = db.size();
    const Index rows = dz.size() / channels;
    for (Index first = 0; first < channels; first += strip) {
        const Index count = std::min(strip, channels - first);
        std::array<T, strip> total{};
        for (Index begin = 0; begin < rows; begin += block) {
            std::array<T, strip> partial{};
            for (Index i = begin; i < std::min(rows, begin + block); ++i) {
                const T* const row = dz.data() + i * channels + first;
                for (Index c = 0; c < count; ++c) partial[static_cast<std::size_t>(c)] += row[c];
            }
            for (std::size_t c = 0; c < strip; ++c) total[c] += partial[c];
        }
        for (Index c = 0; c < count; ++c) db[first + c] += total[static_cast<std::size_t>(c)];
    }
}

} // namespace fovea::ops
