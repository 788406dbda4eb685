#pragma once
#include <algorithm>
#include <vector>

#include <fovea/models/objective.hpp>
#include <fovea/models/training_plan.hpp>

namespace fovea {

/// What a thread has to itself in training.
template <class T>
struct TrainingWorker {
    AlignedBytes scratch;
    AlignedBytes loss_scratch;
    std::vector<ConstView<T>> x; ///< of the step that it is at
    std::vector<View<T>> dx;

    void reserve(const TrainingPlan<T>& plan) {
        scratch.resize(static_cast<std::size_t>(plan.scratch_bytes()));
        std::size_t most = 0;
        for (const Step<T>& step : plan.steps) most = std::max(most, step.inputs.size());
        x.reserve(most);
        dx.reserve(most);
    }

    /// For losses of so many samples at once.
    void reserve_loss(const Network<T>& network, const Objectives<T>& objectives, Index samples) {
        for (std::size_t i = 0; i < objectives.size(); ++i) {
            const Index bytes = objectives[i].loss.scratch_bytes(network.output_shape(i).prepend(samples));
            loss_scratch.resize(std::max(loss_scratch.size(), static_cast<std::size_t>(bytes)));
        }
    }
};

} // namespace fovea
