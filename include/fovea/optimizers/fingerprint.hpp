#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fovea/core/hash.hpp>
#include <fovea/optimizers/state.hpp>

namespace fovea::detail {

/// A number that tells optimizers with different options apart, but for the learning rate. Options have no list: it is a hash of what
/// the rule makes of some gradients, and of those options that are not the rule's. Two that differ in nothing that would
/// show have the same.
template <class T>
[[gnu::cold]] std::uint64_t fingerprint(const AnyOptimizer<T>& optimizer) {
    std::uint64_t hash = fnv1a({});
    const auto add = [&](std::span<const std::byte> bytes) { hash = fnv1a(bytes, hash); };
    const auto add_number = [&](const auto& option) {
        const double number = option ? static_cast<double>(*option) : -1;
        add(std::as_bytes(std::span(&number, 1)));
    };
    const Treatment t = optimizer.treatment();
    for (const auto& option : {t.clipnorm, t.clipvalue, t.global_clipnorm}) add_number(option);
    for (const auto& option : {t.ema_overwrite_frequency, t.gradient_accumulation_steps}) add_number(option);
    add_number(t.use_ema ? &t.ema_momentum : nullptr);

    // Gradients of all magnitudes, of which each second one turns back: options of Lion show only where a sign changes.
    constexpr Index size = 128;
    const std::vector<ParameterRange> parameters{{0, size, true, Shape{16, 8}, "dense/kernel"},
                                                 {0, size, true, Shape{size}, "dense/bias"}};
    for (const ParameterRange& parameter : parameters) {
        add_number(optimizer.weight_decay_of(parameter));
        OptimizerState<T> state(optimizer, size);
        std::vector<T> values(size, T{1}), gradients(size, T{1});
        const OptimizerBlocks<T> blocks = state.blocks(values, gradients);
        std::vector<std::byte, AlignedAllocator<std::byte>> scratch(
            static_cast<std::size_t>(optimizer.scratch_bytes(parameter)));
        for (Index iteration = 1; iteration <= 4; ++iteration) {
            T gradient = iteration % 2 == 0 ? T{-8} : T{8};
            for (T& g : gradients) g = gradient *= T(0.875);
            if (iteration % 2 == 0) std::reverse(gradients.begin(), gradients.end());
            optimizer.update({.values = blocks.values,
                              .gradients = blocks.gradients,
                              .slot_0 = blocks.slot_0,
                              .slot_1 = blocks.slot_1,
                              .slot_2 = blocks.slot_2,
                              .iteration = iteration,
                              .learning_rate = 0.5,
                              .parameter = &parameter,
                              .scratch = Arena(scratch)});
        }
        add(std::as_bytes(std::span(values)));
        for (const Tensor<T>& tensor : state.tensors()) add(std::as_bytes(tensor.span()));
    }
    return hash;
}

} // namespace fovea::detail
