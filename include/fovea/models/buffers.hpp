#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include <fovea/core/targets.hpp>
#include <fovea/data/dataset.hpp>
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

/// A tensor for each of several shapes; with `turns` > 0 every so many of them share their memory in turn.
template <class T>
class Tensors {
public:
    Tensors() = default;
    Tensors(Tensors&&) = default; // a copy's views would show the original
    Tensors& operator=(Tensors&&) = default;
    Tensors(const std::vector<Shape>& shapes, std::size_t turns) {
        const std::size_t blocks = turns > 0 ? std::min(turns, shapes.size()) : shapes.size();
        std::vector<Index> sizes(blocks, 0);
        for (std::size_t i = 0; i < shapes.size(); ++i)
            sizes[i % blocks] = std::max(sizes[i % blocks], shapes[i].size());
        for (const Index size : sizes) storage_.emplace_back(Shape{size});
        for (std::size_t i = 0; i < shapes.size(); ++i) views_.emplace_back(storage_[i % blocks].data(), shapes[i]);
    }

    const View<T>& operator[](std::size_t i) const { return views_[i]; }

private:
    std::vector<Tensor<T>> storage_;
    std::vector<View<T>> views_;
};

enum class Use { inference, training_one_lane, training_all_lanes };

/// What the steps of a network write on the way of some samples: of one lane at a time, or of a whole batch.
template <class T>
struct Buffers {
    Tensors<T> outputs;               ///< [0] is the input, [i + 1] what step i makes of [i]
    Tensors<T> gradients;             ///< by the outputs
    std::vector<AlignedBytes> kept;   ///< [i]: what step i remembers, lane by lane
    std::vector<std::int32_t> labels; ///< what the outputs should be, whichever the data has
    std::vector<T> values;

    Buffers() = default;

    /// What a layer remembers of one lane, or of the whole batch if that is how it runs.
    static Index kept_bytes(const AnyLayer<T>& layer, const Room& room) {
        return layer.kept_bytes(layer.whole_batch() ? room.batch : room.lane_size);
    }

    /// What the step that wants most scratch wants.
    static AlignedBytes scratch(const std::vector<Step<T>>& steps, const Room& room) {
        Index most = 0;
        for (const Step<T>& step : steps)
            most = std::max(most, step.layer.scratch_bytes(step.layer.whole_batch() ? room.batch : room.lane_size));
        return AlignedBytes(static_cast<std::size_t>(most));
    }

    /// Only inference and a lane that goes all the way back on its own may share memory in turns, which keeps it in the cache.
    Buffers(const Shape& input, const std::vector<Step<T>>& steps, const Room& room, Use use) {
        const Index samples = use == Use::training_all_lanes ? room.batch : std::min(room.batch, room.lane_size);
        std::vector<Shape> shapes{input.prepend(samples)};
        for (const Step<T>& step : steps) shapes.push_back(step.layer.output_shape().prepend(samples));
        outputs = Tensors<T>(shapes, use == Use::inference ? 2 : 0);
        if (use == Use::inference) return;
        gradients = Tensors<T>(shapes, use == Use::training_one_lane ? 2 : 0);
        for (const Step<T>& step : steps) {
            const Index parts = use == Use::training_all_lanes && !step.layer.whole_batch() ? room.lanes : 1;
            kept.emplace_back(static_cast<std::size_t>(parts * kept_bytes(step.layer, room)));
        }
    }

    /// Makes room for the targets of `samples` samples.
    void reserve_targets(const Data<T>& data, Index samples) {
        const auto count = static_cast<std::size_t>(samples * data.target_shape().size());
        if (data.targets_are_labels())
            labels.resize(std::max(labels.size(), count));
        else if (data.has_targets())
            values.resize(std::max(values.size(), count));
    }

    /// The targets of `count` samples from row `at` on.
    Targets<T> targets(const Data<T>& data, Index at, Index count) {
        const Shape shape = data.target_shape().prepend(count);
        const Index start = at * data.target_shape().size();
        if (data.targets_are_labels()) return {View<std::int32_t>(labels.data() + start, shape), {}};
        return {{}, View<T>(values.data() + start, shape)};
    }

    /// Reads samples and their targets into rows from `at` on.
    void read(const Data<T>& data, std::span<const Index> which, Index at) {
        const auto count = static_cast<Index>(which.size());
        const Shape shape = data.target_shape().prepend(count);
        const Index start = at * data.target_shape().size();
        data.read(which, outputs[0].slice(at, at + count),
                  data.targets_are_labels() && !labels.empty() ? View<std::int32_t>(labels.data() + start, shape)
                                                               : View<std::int32_t>{},
                  data.has_targets() && !values.empty() ? View<T>(values.data() + start, shape) : View<T>{});
    }
};

} // namespace fovea
