#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/models/network.hpp>

/// Where the tensors of an exported network are while it runs.
namespace fovea::detail {

/// What a step asks of memory.
struct CStepNeeds {
    bool is_copy = false;  ///< its output has the elements of its input
    bool in_place = false; ///< it can write over its first input
    Index scratch = 0;     ///< floats
};

/// Inputs and outputs are where the caller has them, all else in one static arena, in which tensors that are never needed at the same
/// time share their place. A step that copies does so only from one of the caller's arrays to another, and one that can write
/// over its input does if nobody reads that later.
template <class T>
class CMemory {
public:
    CMemory(const Wiring<T>& wiring, const std::vector<Step<T>>& steps, const std::vector<CStepNeeds>& needs,
            std::string arena)
        : arena_(std::move(arena)), roots_(wiring.wires.size()), outside_(wiring.wires.size()) {
        for (std::size_t wire = 0; wire < roots_.size(); ++wire) roots_[wire] = wire;
        name(wiring.inputs, 'x');
        name(wiring.outputs, 'y');
        for (std::size_t i = 0; i < steps.size(); ++i)
            if (needs[i].is_copy) join(root(steps[i].inputs[0]), steps[i].output);

        std::vector<Lifetime> lifetimes(roots_.size() + steps.size());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const auto now = static_cast<Index>(i);
            const std::size_t output = root(steps[i].output);
            if (lifetimes[output].bytes == 0)
                lifetimes[output] = {bytes_of(wiring.wires[steps[i].output].size()), now, now};
            for (const std::size_t wire : steps[i].inputs) lifetimes[root(wire)].to = now;
            lifetimes[roots_.size() + i] = {bytes_of(needs[i].scratch), now, now};
        }
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (!needs[i].in_place) continue;
            const std::size_t input = root(steps[i].inputs[0]);
            const std::size_t output = root(steps[i].output);
            const auto reads = std::count_if(steps[i].inputs.begin(), steps[i].inputs.end(),
                                             [&](std::size_t wire) { return root(wire) == input; });
            if (input == output || reads != 1 || !outside_[input].empty() ||
                lifetimes[input].to != static_cast<Index>(i))
                continue;
            roots_[output] = input;
            outside_[input] = outside_[output];
            lifetimes[input].to = lifetimes[output].to;
        }
        for (std::size_t wire = 0; wire < roots_.size(); ++wire)
            if (roots_[wire] != wire || !outside_[wire].empty()) lifetimes[wire] = {};
        layout_ = lay_out(lifetimes);
    }

    Index floats() const { return layout_.bytes / bytes_of(1); }

    /// An expression for the pointer to a wire's first element.
    std::string place(std::size_t wire) const {
        const std::size_t from = root(wire);
        return outside_[from].empty() ? in_arena(from) : outside_[from];
    }
    std::string scratch(std::size_t step) const { return in_arena(roots_.size() + step); }

private:
    static Index bytes_of(Index count) { return count * static_cast<Index>(sizeof(float)); }

    /// `x`, or `x0`, `x1` ...
    void name(const std::vector<std::size_t>& wires, char letter) {
        for (std::size_t i = 0; i < wires.size(); ++i)
            outside_[wires[i]] = wires.size() == 1 ? text(letter) : text(letter, i);
    }

    void join(std::size_t input, std::size_t output) {
        if (!outside_[input].empty() && !outside_[output].empty()) return;
        roots_[output] = input;
        if (outside_[input].empty()) outside_[input] = outside_[output];
    }

    std::size_t root(std::size_t wire) const {
        while (roots_[wire] != wire) wire = roots_[wire];
        return wire;
    }

    std::string in_arena(std::size_t thing) const {
        const Index offset = layout_.offsets[thing] / bytes_of(1);
        return offset == 0 ? arena_ : text(arena_, " + ", offset);
    }

    std::string arena_;
    std::vector<std::size_t> roots_; ///< the wire whose place each one has
    std::vector<std::string> outside_;
    Layout layout_;
};

} // namespace fovea::detail
