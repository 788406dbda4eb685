#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include <fovea/models/network.hpp>

namespace fovea {

/// A batch is cut into groups of samples whose size depends on the model and the batch alone. What is summed is summed
/// within a lane and then lane by lane, so the result does not depend on the threads that the lanes ran on.
struct Lanes {
    Index batch = 0;
    Index size = 1;

    Index count() const { return (batch + size - 1) / size; }
    Index first(Index lane) const { return lane * size; }
    Index last(Index lane) const { return std::min(batch, first(lane) + size); }

    /// 8 images keep the activations of a small network in a core's cache and make matrices large enough. Every lane of a
    /// training step has a block of gradients, so large models get fewer, larger lanes: blocks of 32 M elements together, but a
    /// power of two of them, which threads share evenly, and not below 4.
    static Lanes of(Index batch, Index parameters) {
        constexpr Index images = 8;
        constexpr Index most_elements = Index{1} << 25;
        const auto affordable = static_cast<std::uint64_t>(most_elements / std::max<Index>(1, parameters));
        const auto most_lanes = std::max<Index>(4, static_cast<Index>(std::bit_floor(affordable)));
        return {batch, std::max(images, (batch + most_lanes - 1) / most_lanes)};
    }
};

/// How much there is memory for.
struct Room {
    Index batch = 0;
    Index lanes = 0;
    Index lane_size = 0;

    bool fits(const Lanes& cut) const { return cut.batch <= batch && cut.count() <= lanes && cut.size <= lane_size; }
    Room with(const Lanes& cut) const {
        return {std::max(batch, cut.batch), std::max(lanes, cut.count()), std::max(lane_size, cut.size)};
    }
};

/// Samples [first, last) of the batch, which lie in the buffers from row `at` on.
struct Part {
    Index lane;
    Index first;
    Index last;
    Index at;

    Index size() const { return last - first; }
};

/// Steps [first, last): run lane by lane, or a single one that runs over the whole batch.
struct Section {
    std::size_t first;
    std::size_t last;
    bool whole_batch;
};

/// Which way gradients take back through the steps of a network.
struct GradientFlow {
    std::vector<bool> trained;  ///< step: whether any of its parameters is
    std::vector<bool> backward; ///< step: whether it or one in front of it is trained
    std::vector<bool> wanted;   ///< wire: whether somebody asks for its gradient
    std::vector<std::vector<std::size_t>>
        adds_to; ///< step, input: 0 if its dx is written to the wire's gradient, else a number of an extra tensor, from 1, that is added to it
    std::vector<std::size_t> extras; ///< which wire each of those belongs to

    template <class T>
    static bool is_trained(const Network<T>& network, const Step<T>& step) {
        for (const std::size_t call : step.calls) {
            const NamedLayer<T>& layer = network.layers()[network.wiring().calls[call].of];
            for (std::size_t i = layer.first; i < layer.last; ++i)
                if (network.is_trained(layer, network.parameters()[i])) return true;
        }
        return false;
    }

    template <class T>
    [[gnu::cold]] static GradientFlow of(const Network<T>& network, const std::vector<Step<T>>& steps) {
        GradientFlow flow;
        flow.wanted.assign(network.wiring().wires.size(), false);
        for (const Step<T>& step : steps) {
            const auto wanted = [&](std::size_t wire) { return flow.wanted[wire]; };
            flow.trained.push_back(is_trained(network, step));
            flow.backward.push_back(flow.trained.back() || std::any_of(step.inputs.begin(), step.inputs.end(), wanted));
            flow.wanted[step.output] = flow.backward.back();
        }
        std::vector<bool> written(flow.wanted.size(), false); // by the loss, or by a reader further back
        for (const std::size_t wire : network.wiring().outputs) written[wire] = true;
        flow.adds_to.resize(steps.size());
        for (std::size_t i = steps.size(); i-- > 0;)
            for (const std::size_t wire : steps[i].inputs) {
                const bool adds = flow.backward[i] && flow.wanted[wire] && written[wire];
                if (adds) flow.extras.push_back(wire);
                flow.adds_to[i].push_back(adds ? flow.extras.size() : 0);
                if (flow.backward[i]) written[wire] = true;
            }
        return flow;
    }
};

/// All that a network's training is decided by, and the memory that it takes, before the first batch.
template <class T>
struct TrainingPlan {
    std::vector<Step<T>> steps;
    std::vector<Section> sections;
    bool together = false; ///< lanes meet on the way, so all of them must be there at the same time
    GradientFlow flow;
    Room room;
    Index bytes_without_reuse = 0;
    Layout layout; ///< of a lane's tensors, or of all lanes' if they are together; see the places below

    TrainingPlan() = default;
    TrainingPlan(const Network<T>& network, const Room& for_room, bool meets)
        : steps(make_steps(network.wiring(), true, network.fuses())), flow(GradientFlow::of(network, steps)),
          room(for_room), wires_(network.wiring().wires.size()) {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const bool whole = steps[i].layer.whole_batch();
            if (whole || sections.empty() || sections.back().whole_batch) sections.push_back({i, i, whole});
            sections.back().last = i + 1;
        }
        together = meets || sections.size() > 1 || sections.front().whole_batch;
        const std::vector<Lifetime> all = lifetimes(network.wiring());
        for (const Lifetime& tensor : all) bytes_without_reuse += tensor.bytes;
        layout = lay_out(all);
    }

    Index samples() const { return together ? room.batch : std::min(room.batch, room.lane_size); }

    Index output_at(std::size_t wire) const { return layout.offsets[wire]; }
    Index gradient_at(std::size_t wire) const { return layout.offsets[wires_ + wire]; }
    Index kept_at(std::size_t step) const { return layout.offsets[2 * wires_ + step]; }
    Index extra_at(std::size_t extra) const { return layout.offsets[2 * wires_ + steps.size() + extra]; } ///< from 0

    /// What a step remembers of one lane, or of the whole batch if that is how it runs.
    Index kept_bytes(std::size_t step) const {
        const AnyLayer<T>& layer = steps[step].layer;
        return layer.kept_bytes(layer.whole_batch() ? room.batch : room.lane_size);
    }
    Index kept_parts(std::size_t step) const { return together && !steps[step].layer.whole_batch() ? room.lanes : 1; }

    /// What the step that wants most scratch wants.
    Index scratch_bytes() const {
        Index most = 0;
        for (const Step<T>& step : steps)
            most = std::max(most, step.layer.scratch_bytes(step.layer.whole_batch() ? room.batch : room.lane_size));
        return most;
    }

private:
    /// Forward the moments are 0, 1, 2 ..., then comes the loss, and then backward the same in reverse. Lanes that are together go
    /// through a section each at its own pace, so all of it is one moment.
    std::vector<Lifetime> lifetimes(const Wiring<T>& wiring) const {
        std::vector<Index> moments;
        for (std::size_t s = 0; s < sections.size(); ++s)
            for (std::size_t i = sections[s].first; i < sections[s].last; ++i)
                moments.push_back(static_cast<Index>(together ? s : i));
        const Index loss = moments.back() + 1;
        const auto back = [&](std::size_t step) { return 2 * loss - moments[step]; };
        std::vector<Lifetime> all(2 * wires_ + steps.size() + flow.extras.size());
        const auto outputs = std::span(all).first(wires_);
        const auto gradients = std::span(all).subspan(wires_, wires_);
        const auto kept = std::span(all).subspan(2 * wires_, steps.size());
        const auto extras = std::span(all).subspan(2 * wires_ + steps.size());
        const auto bytes = [&](std::size_t wire) { return Arena::bytes<T>(samples() * wiring.wires[wire].size()); };
        for (const std::size_t wire : wiring.inputs) outputs[wire] = {bytes(wire), 0, 0};
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const std::size_t wire = steps[i].output;
            const Index last = flow.backward[i] ? back(i) : moments[i];
            outputs[wire] = {bytes(wire), moments[i], last};
            kept[i] = {kept_parts(i) * kept_bytes(i), moments[i], last};
            if (flow.wanted[wire]) gradients[wire] = {bytes(wire), back(i), back(i)};
            for (std::size_t k = 0; k < steps[i].inputs.size(); ++k) {
                const std::size_t input = steps[i].inputs[k];
                outputs[input].to = std::max(outputs[input].to, last);
                if (flow.wanted[input] && flow.backward[i])
                    gradients[input].from = std::min(gradients[input].from, back(i));
                if (const std::size_t extra = flow.adds_to[i][k]; extra > 0)
                    extras[extra - 1] = {bytes(input), back(i), back(i)};
            }
        }
        for (const std::size_t wire : wiring.outputs) {
            outputs[wire].to = std::max(outputs[wire].to, loss);
            // What the loss writes there, though perhaps nobody reads it.
            gradients[wire] = {bytes(wire), loss, std::max(loss, gradients[wire].to)};
        }
        return all;
    }

    std::size_t wires_ = 0;
};

} // namespace fovea
