#pragma once
#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <fovea/core/arena.hpp>
#include <fovea/models/wiring.hpp>

/// Which memory the tensors of a network share: those that are never needed at the same time.
namespace fovea {

/// Something that needs memory from one moment to another, both included.
struct Lifetime {
    Index bytes = 0;
    Index from = 0;
    Index to = 0;
};

/// Where each of several things lies in one piece of memory.
struct Layout {
    std::vector<Index> offsets;
    Index bytes = 0;
};

/// Gives the largest the lowest free place first, a common heuristic for this bin packing (Pisarchyk and Lee 2020, "greedy by size").
/// Places are on 64-byte boundaries if all sizes are multiples of 64. Cost: quadratic in their number.
inline Layout lay_out(std::span<const Lifetime> things) {
    std::vector<std::size_t> order(things.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return things[a].bytes > things[b].bytes; });
    Layout layout{std::vector<Index>(things.size(), 0), 0};
    std::vector<std::size_t> placed; // by offset
    for (const std::size_t thing : order) {
        Index offset = 0;
        for (const std::size_t other : placed) {
            if (things[other].to < things[thing].from || things[other].from > things[thing].to) continue;
            if (offset + things[thing].bytes <= layout.offsets[other]) break;
            offset = std::max(offset, layout.offsets[other] + things[other].bytes);
        }
        layout.offsets[thing] = offset;
        layout.bytes = std::max(layout.bytes, offset + things[thing].bytes);
        const auto behind = [&](Index at, std::size_t other) { return at < layout.offsets[other]; };
        placed.insert(std::upper_bound(placed.begin(), placed.end(), offset, behind), thing);
    }
    return layout;
}

/// Where the wires lie in inference, for one sample: with n samples, n times as far. Wires within a step have no place.
template <class T>
Layout inference_layout(const Wiring<T>& wiring, const std::vector<Step<T>>& steps) {
    const auto end = static_cast<Index>(steps.size());
    std::vector<Lifetime> lifetimes(wiring.wires.size());
    const auto is_there = [&](std::size_t wire, Index from) {
        lifetimes[wire] = {Arena::bytes<T>(wiring.wires[wire].size()), from, from};
    };
    for (const std::size_t wire : wiring.inputs) is_there(wire, 0);
    for (Index i = 0; i < end; ++i) {
        const Step<T>& step = steps[static_cast<std::size_t>(i)];
        is_there(step.output, i);
        for (const std::size_t wire : step.inputs) lifetimes[wire].to = i;
    }
    for (const std::size_t wire : wiring.outputs) lifetimes[wire].to = end;
    return lay_out(lifetimes);
}

} // namespace fovea
