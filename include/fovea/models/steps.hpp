#pragma once
#include <vector>

#include <fovea/core/arena.hpp>
#include <fovea/core/parallel.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/models/wiring.hpp>

namespace fovea {

/// Memory as bytes, on 64-byte boundaries.
using AlignedBytes = std::vector<std::byte, AlignedAllocator<std::byte>>;

/// What the steps derive from the parameters, a block each.
template <class T>
class Prepared {
public:
    Prepared() = default;
    Prepared(const std::vector<Step<T>>& steps, bool training) : training_(training) {
        for (const Step<T>& step : steps)
            blocks_.emplace_back(static_cast<std::size_t>(step.layer.prepared_bytes(training)));
    }

    /// To be called whenever the values have changed.
    void refresh(const std::vector<Step<T>>& steps, std::span<const T> values, ThreadPool& pool) {
        pool.run(static_cast<Index>(steps.size()), [&](Index task, int) {
            const auto i = static_cast<std::size_t>(task);
            if (!blocks_[i].empty()) steps[i].layer.prepare(values, Arena(blocks_[i]), training_);
        });
    }

    /// Only to be read from.
    Arena operator[](std::size_t step) const {
        const AlignedBytes& block = blocks_[step];
        return Arena({const_cast<std::byte*>(block.data()), block.size()});
    }

    Index bytes() const {
        std::size_t sum = 0;
        for (const AlignedBytes& block : blocks_) sum += block.size();
        return static_cast<Index>(sum);
    }

private:
    bool training_ = false;
    std::vector<AlignedBytes> blocks_;
};

} // namespace fovea
