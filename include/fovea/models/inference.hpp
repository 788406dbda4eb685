#pragma once
#include <algorithm>
#include <numeric>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/models/buffers.hpp>

namespace fovea {

/// Sends samples [first, last) of `data` through a network that stays as it is, in lanes of at most `lane_size`, on the library's
/// threads, and calls `use(Index first, ConstView<T> y, const Targets<T>& targets)` for each lane, in any order: y holds the
/// outputs of the samples from number `first` on, and the targets are read only if `with_targets` is set. Any number of threads may do so with one network at once.
template <class T, class F>
void infer(const Network<T>& network, const Data<T>& data, Index first, Index last, Index lane_size, bool with_targets,
           F&& use) {
    const auto pool = detail::pool();
    const auto plan = network.inference();
    const std::vector<Step<T>>& steps = plan->steps;
    const Lanes lanes{last - first, lane_size};
    const Room room = Room{}.with(lanes);
    struct Worker {
        Buffers<T> buffers;
        AlignedBytes scratch;
        std::vector<Index> which;
    };
    std::vector<Worker> workers(
        static_cast<std::size_t>(pool->threads())); // any of them may get a lane, however few there are
    pool->run(lanes.count(), [&](Index lane, int number) {
        Worker& worker = workers[static_cast<std::size_t>(number)];
        if (worker.which.empty()) {
            worker = {Buffers<T>(network.input_shape(), steps, room, Use::inference), Buffers<T>::scratch(steps, room),
                      std::vector<Index>(static_cast<std::size_t>(lane_size))};
            if (with_targets) worker.buffers.reserve_targets(data, lane_size);
        }
        const Index begin = first + lanes.first(lane);
        const Index count = lanes.last(lane) - lanes.first(lane);
        const std::span<Index> which = std::span(worker.which).first(static_cast<std::size_t>(count));
        std::iota(which.begin(), which.end(), begin);
        worker.buffers.read(data, which, 0);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            Pass<T> pass;
            pass.values = network.values();
            pass.prepared = plan->prepared[i];
            pass.scratch = Arena(worker.scratch);
            pass.first_sample = begin;
            steps[i].layer.forward(worker.buffers.outputs[i].slice(0, count),
                                   worker.buffers.outputs[i + 1].slice(0, count), pass);
        }
        use(begin, ConstView<T>(worker.buffers.outputs[steps.size()].slice(0, count)),
            with_targets ? worker.buffers.targets(data, 0, count) : Targets<T>{});
    });
}

} // namespace fovea
