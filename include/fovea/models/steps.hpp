#pragma once
#include <string>
#include <vector>

#include <fovea/core/arena.hpp>
#include <fovea/core/parallel.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/layers/layer.hpp>

namespace fovea {

/// A layer in its place in a model.
template <class T>
struct NamedLayer {
    std::string name;
    AnyLayer<T> layer;
    bool trainable = true; ///< false freezes it: its parameters keep their values, and BatchNormalization its averages
    std::size_t first = 0; ///< its parameters are [first, last) of the network's
    std::size_t last = 0;
};

/// What is run at once: layers [first, last) of a model, mostly one, or several that a single one does the work of.
template <class T>
struct Step {
    AnyLayer<T> layer;
    std::size_t first;
    std::size_t last;
};

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

private:
    bool training_ = false;
    std::vector<AlignedBytes> blocks_;
};

} // namespace fovea
