#pragma once
#include <cstdint>
#include <vector>

#include <fovea/core/targets.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/models/training_plan.hpp>

namespace fovea {

/// Some samples of a data set, each with its weight if there are weights.
template <class T>
struct Batch {
    const Data<T>& data;
    Samples which;
    std::span<const T> weights = {};

    Index size() const { return static_cast<Index>(which.size()); }
};

/// The targets of some samples, for each output whichever the data has.
template <class T>
class TargetBuffers {
public:
    /// Makes room for those of `samples` samples.
    void reserve(const Data<T>& data, Index samples) {
        targets_.resize(std::max(targets_.size(), data.targets()));
        for (std::size_t i = 0; i < data.targets(); ++i) {
            const Data<T>& target = data.target(i);
            const auto count = static_cast<std::size_t>(samples * target.target_shape().size());
            if (target.targets_are_labels())
                targets_[i].labels.resize(std::max(targets_[i].labels.size(), count));
            else
                targets_[i].values.resize(std::max(targets_[i].values.size(), count));
        }
    }

    /// Those of an output's `count` samples from row `at` on.
    Targets<T> operator()(const Data<T>& data, std::size_t output, Index at, Index count) {
        return {labels(data, output, at, count), values(data, output, at, count)};
    }
    View<std::int32_t> labels(const Data<T>& data, std::size_t output, Index at, Index count) {
        return rows(targets_[output].labels, data.target(output), data.target(output).targets_are_labels(), at, count);
    }
    View<T> values(const Data<T>& data, std::size_t output, Index at, Index count) {
        return rows(targets_[output].values, data.target(output), !data.target(output).targets_are_labels(), at, count);
    }

private:
    struct Target {
        std::vector<std::int32_t> labels;
        std::vector<T> values;
    };

    template <class E>
    static View<E> rows(std::vector<E>& all, const Data<T>& data, bool has_any, Index at, Index count) {
        if (!has_any || all.empty()) return {};
        return {all.data() + at * data.target_shape().size(), data.target_shape().prepend(count)};
    }

    std::vector<Target> targets_;
};

/// Reads samples, input by input into `x(input)`, and their targets into rows from `at` on, unless `targets` is null.
template <class T, class X>
void read_samples(const Data<T>& data, const Samples& which, X&& x, TargetBuffers<T>* targets, Index at) {
    const auto count = static_cast<Index>(which.size());
    std::size_t input = 0;
    std::size_t target = 0;
    for (std::size_t i = 0; i < data.parts(); ++i) {
        const Data<T>& part = data.part(i);
        View<T> samples;
        View<std::int32_t> labels;
        View<T> values;
        if (part.has_samples()) samples = x(input++);
        if (part.has_targets() && targets != nullptr) {
            labels = targets->labels(data, target, at, count);
            values = targets->values(data, target, at, count);
        }
        if (part.has_targets()) ++target;
        part.read(which, samples, labels, values);
    }
}

/// What the steps of a network write on the way of some samples in training: of one lane at a time, or of a whole batch.
template <class T>
class Buffers {
public:
    TargetBuffers<T> targets;

    Buffers(const Wiring<T>& wiring, const TrainingPlan<T>& plan)
        : memory_(static_cast<std::size_t>(plan.layout.bytes)) {
        const auto view = [&](std::size_t wire, Index at) {
            return View<T>(reinterpret_cast<T*>(memory_.data() + at), wiring.wires[wire].prepend(plan.samples()));
        };
        for (std::size_t wire = 0; wire < wiring.wires.size(); ++wire) {
            outputs_.push_back(view(wire, plan.output_at(wire)));
            gradients_.push_back(view(wire, plan.gradient_at(wire)));
        }
        for (std::size_t i = 0; i < plan.steps.size(); ++i)
            kept_.push_back(
                std::span(memory_).subspan(static_cast<std::size_t>(plan.kept_at(i)),
                                           static_cast<std::size_t>(plan.kept_parts(i) * plan.kept_bytes(i))));
        for (std::size_t i = 0; i < plan.flow.extras.size(); ++i)
            extras_.push_back(view(plan.flow.extras[i], plan.extra_at(i)));
    }
    Buffers(Buffers&&) = default; // a copy's views would show the original
    Buffers& operator=(Buffers&&) = default;

    /// Of wires; those within a step have none, and so has a gradient that nobody wants.
    const View<T>& output(std::size_t wire) const { return outputs_[wire]; }
    const View<T>& gradient(std::size_t wire) const { return gradients_[wire]; }
    /// What is added to a wire's gradient, from 1 on as in GradientFlow.
    const View<T>& extra(std::size_t number) const { return extras_[number - 1]; }
    /// What a step remembers, lane by lane.
    std::span<std::byte> kept(std::size_t step) const { return kept_[step]; }

private:
    AlignedBytes memory_;
    std::vector<View<T>> outputs_;
    std::vector<View<T>> gradients_;
    std::vector<View<T>> extras_;
    std::vector<std::span<std::byte>> kept_;
};

} // namespace fovea
