#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// The model's flat blocks, all equally long; those that the optimizer does not have may be empty.
template <class T>
struct OptimizerBlocks {
    std::span<T> values;
    std::span<T> gradients; ///< averaged over batches, and clipped, in place
    std::span<T> slot_0{};
    std::span<T> slot_1{};
    std::span<T> slot_2{};
    std::span<T> accumulated{}; ///< with gradient_accumulation_steps, the sum of gradients that no step was taken by
    std::span<T> average{};     ///< with use_ema, of the values
};

/// What an optimizer keeps from step to step. Together with the number of the iteration it is all that training needs to be taken
/// up again, to the bit.
template <class T>
class OptimizerState {
public:
    OptimizerState() = default;
    OptimizerState(const AnyOptimizer<T>& optimizer, Index size) : slots_(static_cast<std::size_t>(optimizer.slots())) {
        for (Index slot = 0; slot < optimizer.slots(); ++slot)
            tensors_.push_back(filled(size, static_cast<T>(optimizer.initial(slot))));
        const Treatment treatment = optimizer.treatment();
        accumulates_ = treatment.gradient_accumulation_steps.has_value();
        averages_ = treatment.use_ema;
        for (int i = 0; i < accumulates_ + averages_; ++i) tensors_.push_back(filled(size, T{}));
    }

    /// The slots, then the accumulated gradients and the averages, so far as there are any.
    std::vector<Tensor<T>>& tensors() { return tensors_; }
    const std::vector<Tensor<T>>& tensors() const { return tensors_; }

    OptimizerBlocks<T> blocks(std::span<T> values, std::span<T> gradients) {
        const auto slot = [&](std::size_t i) { return i < slots_ ? tensors_[i].span() : std::span<T>{}; };
        return {.values = values,
                .gradients = gradients,
                .slot_0 = slot(0),
                .slot_1 = slot(1),
                .slot_2 = slot(2),
                .accumulated = accumulates_ ? tensors_[slots_].span() : std::span<T>{},
                .average = averages_ ? tensors_.back().span() : std::span<T>{}};
    }

private:
    static Tensor<T> filled(Index size, T value) {
        Tensor<T> tensor(Shape{size});
        std::fill(tensor.begin(), tensor.end(), value);
        return tensor;
    }

    std::vector<Tensor<T>> tensors_;
    std::size_t slots_ = 0;
    bool accumulates_ = false;
    bool averages_ = false;
};

} // namespace fovea
