#pragma once
#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/models/buffers.hpp>

namespace fovea {

namespace detail {

/// Memory that is written before it is read. A vector would fill it with zeros, which took a tenth of the time of one image.
class UnfilledBytes {
public:
    UnfilledBytes() = default;
    explicit UnfilledBytes(std::size_t size) : data_(Allocator().allocate(size)), size_(size) {}

    std::byte* data() const { return data_.get(); }
    std::span<std::byte> span() const { return {data_.get(), size_}; }

private:
    using Allocator = AlignedAllocator<std::byte>;
    struct Delete {
        void operator()(std::byte* data) const { Allocator().deallocate(data, 0); }
    };
    std::unique_ptr<std::byte, Delete> data_;
    std::size_t size_ = 0;
};

/// What one thread needs to send lanes through a network.
template <class T>
class InferenceWorker {
public:
    InferenceWorker() = default;
    InferenceWorker(const Network<T>& network, const InferencePlan<T>& plan, Index lane_size)
        : memory_(static_cast<std::size_t>(lane_size * plan.layout.bytes)),
          which_(static_cast<std::size_t>(lane_size)) {
        for (std::size_t wire = 0; wire < plan.layout.offsets.size(); ++wire)
            wires_.emplace_back(reinterpret_cast<T*>(memory_.data() + lane_size * plan.layout.offsets[wire]),
                                network.wiring().wires[wire].prepend(lane_size));
        Index scratch = 0;
        for (const Step<T>& step : plan.steps) scratch = std::max(scratch, step.layer.scratch_bytes(lane_size));
        scratch_ = UnfilledBytes(static_cast<std::size_t>(scratch));
    }

    bool empty() const { return which_.empty(); }

    /// Samples [begin, begin + count) of `data`; their targets too, unless `targets` is null.
    void run(const Network<T>& network, const InferencePlan<T>& plan, const Data<T>& data, Index begin, Index count,
             TargetBuffers<T>* targets) {
        const std::span<Index> which = std::span(which_).first(static_cast<std::size_t>(count));
        std::iota(which.begin(), which.end(), begin);
        const auto input = [&](std::size_t i) { return wires_[network.wiring().inputs[i]].slice(0, count); };
        read_samples<T>(data, which, input, targets, 0);
        for (std::size_t i = 0; i < plan.steps.size(); ++i) {
            const Step<T>& step = plan.steps[i];
            Pass<T> pass;
            pass.values = network.values();
            pass.prepared = plan.prepared[i];
            pass.scratch = Arena(scratch_.span());
            pass.first_sample = begin;
            x_.clear();
            for (const std::size_t wire : step.inputs) x_.push_back(wires_[wire].slice(0, count));
            step.layer.forward(x_, wires_[step.output].slice(0, count), pass);
        }
        y_.clear();
        for (const std::size_t wire : network.wiring().outputs) y_.push_back(wires_[wire].slice(0, count));
    }

    /// The outputs of these samples.
    std::span<const ConstView<T>> outputs() const { return y_; }

private:
    UnfilledBytes memory_;
    UnfilledBytes scratch_;
    std::vector<Index> which_;
    std::vector<View<T>> wires_;
    std::vector<ConstView<T>> x_, y_;
};

} // namespace detail

/// Sends samples [first, last) of `data` through a network that stays as it is, in lanes of at most `lane_size`, on the library's
/// threads, and calls `use(Index first, std::span<const ConstView<T>> outputs, TargetBuffers<T>& targets)` for each lane, in any
/// order: `outputs` are those of the samples from number `first` on, and their targets are in rows from 0 on, but read only if
/// `with_targets` is set. Any number of threads may do so with one network at once.
template <class T, class F>
void infer(const Network<T>& network, const Data<T>& data, Index first, Index last, Index lane_size, bool with_targets,
           F&& use) {
    const auto pool = detail::pool();
    const auto plan = network.inference();
    const Lanes lanes{last - first, lane_size};
    struct Worker {
        detail::InferenceWorker<T> network;
        TargetBuffers<T> targets;
    };
    std::vector<Worker> workers(
        static_cast<std::size_t>(pool->threads())); // any of them may get a lane, however few there are
    pool->run(lanes.count(), [&](Index lane, int number) {
        Worker& worker = workers[static_cast<std::size_t>(number)];
        if (worker.network.empty()) {
            worker.network = detail::InferenceWorker<T>(network, *plan, lane_size);
            if (with_targets) worker.targets.reserve(data, lane_size);
        }
        const Index begin = first + lanes.first(lane);
        worker.network.run(network, *plan, data, begin, lanes.last(lane) - lanes.first(lane),
                           with_targets ? &worker.targets : nullptr);
        use(begin, worker.network.outputs(), worker.targets);
    });
}

} // namespace fovea
