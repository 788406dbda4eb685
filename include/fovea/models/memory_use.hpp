#pragma once
#include <fovea/core/parallel.hpp>
#include <fovea/models/training_plan.hpp>

namespace fovea {

/// Bytes that training with batches of one size takes, known before the first one.
struct MemoryUse {
    Index parameters = 0;
    Index optimizer = 0; ///< what it remembers of each parameter
    Index gradients = 0; ///< a block for each lane, and their sum
    Index prepared = 0;  ///< what layers derive from the parameters
    Index activations =
        0; ///< layers' outputs, what they remember, and gradients by them, with memory used again where it can
    Index without_reuse = 0; ///< what activations would be otherwise
    Index scratch = 0;

    Index total() const { return parameters + optimizer + gradients + prepared + activations + scratch; }
};

/// `slots` are the optimizer's; `meets` says that the loss looks across the batch.
template <class T>
MemoryUse training_memory(const Network<T>& network, Index batch_size, Index slots, bool meets) {
    const Index parameters = static_cast<Index>(network.values().size());
    const Lanes lanes = Lanes::of(batch_size, parameters);
    const TrainingPlan<T> plan(network, Room{}.with(lanes), meets);
    const Index workers = threads();
    const Index copies = plan.together ? 1 : workers;
    constexpr Index size = sizeof(T);
    MemoryUse use;
    use.parameters = parameters * size;
    use.optimizer = slots * parameters * size;
    use.gradients = (lanes.count() * simd::padded<T>(parameters) + parameters) * size;
    for (const Step<T>& step : plan.steps) use.prepared += step.layer.prepared_bytes(true);
    use.activations = copies * plan.layout.bytes;
    use.without_reuse = copies * plan.bytes_without_reuse;
    use.scratch = workers * plan.scratch_bytes();
    return use;
}

} // namespace fovea
