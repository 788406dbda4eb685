#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Where a parameter lies in the flat block, and whether the optimizer may touch it.
struct ParameterRange {
    Index offset = 0;
    Index size = 0;
    bool trainable = true;
};

/// The model's flat blocks, all equally long; slots that the optimizer does not have may be empty.
template <class T>
struct OptimizerBlocks {
    std::span<T> values;
    std::span<T> gradients; ///< clipped in place
    std::span<T> slot_0;
    std::span<T> slot_1;
};

/// One optimizer step over a model's parameters: clipping, then weight decay, then the optimizer's rule. Ranges that
/// are not trainable are left alone, and do not count in a norm. The work is cut into pieces that do not depend on the
/// number of threads, so neither do the results. All memory is taken on construction.
template <class T>
class OptimizerStep {
public:
    /// Throws ValueError for options that the optimizer refuses.
    OptimizerStep(AnyOptimizer<T> optimizer, std::span<const ParameterRange> ranges)
        : optimizer_(std::move(optimizer)), treatment_(optimizer_.treatment()), name_(optimizer_.name()),
          scales_(ranges.size(), 1) {
        optimizer_.check();
        for (std::size_t range = 0; range < ranges.size(); ++range) {
            if (!ranges[range].trainable) continue;
            const Index end = ranges[range].offset + ranges[range].size;
            for (Index first = ranges[range].offset; first < end; first += piece_size)
                pieces_.push_back({static_cast<std::size_t>(first),
                                   static_cast<std::size_t>(std::min(piece_size, end - first)), range});
            needed_ = std::max(needed_, end);
        }
        squares_.resize(pieces_.size());
    }

    /// `iteration` is 1 in the first step. Throws ShapeError for blocks that do not fit, ValueError for a learning rate
    /// that is not a finite number >= 0.
    void operator()(const OptimizerBlocks<T>& blocks, Index iteration, double learning_rate) {
        check(blocks, iteration, learning_rate);
        if (treatment_.clipnorm || treatment_.global_clipnorm) measure(blocks);
        parallel_for(static_cast<Index>(pieces_.size()), [&](Index i, int) {
            const Piece& piece = pieces_[static_cast<std::size_t>(i)];
            const std::span<T> gradients = piece.of(blocks.gradients);
            const std::span<T> values = piece.of(blocks.values);
            clip(gradients, scales_[piece.range]);
            decay(values, learning_rate);
            optimizer_.update(
                {values, gradients, piece.of(blocks.slot_0), piece.of(blocks.slot_1), iteration, learning_rate});
        });
    }

private:
    /// Elements a task: small enough to share out 100,000 parameters, large enough (some microseconds) to be worth it.
    static constexpr Index piece_size = 8192;

    struct Piece {
        std::size_t offset;
        std::size_t size;
        std::size_t range;

        std::span<T> of(std::span<T> block) const { return block.empty() ? block : block.subspan(offset, size); }
    };

    void check(const OptimizerBlocks<T>& blocks, Index iteration, double learning_rate) const {
        const std::size_t size = blocks.values.size();
        require<ShapeError>(static_cast<Index>(size) >= needed_, name_, ": the parameters reach to ", needed_,
                            ", but their block has ", size, " elements");
        require<ShapeError>(blocks.gradients.size() == size, name_, ": ", size, " values, but ",
                            blocks.gradients.size(), " gradients");
        const std::span<T> slots[] = {blocks.slot_0, blocks.slot_1};
        for (Index slot = 0; slot < optimizer_.slots(); ++slot)
            require<ShapeError>(slots[slot].size() == size, name_, ": ", size, " values, but ", slots[slot].size(),
                                " elements in slot ", slot);
        require<ValueError>(iteration >= 1, name_, ": the first iteration is 1, got ", iteration);
        detail::check_learning_rate(name_, learning_rate);
    }

    /// What the gradients must be multiplied by to keep the limits on norms.
    void measure(const OptimizerBlocks<T>& blocks) {
        parallel_for(static_cast<Index>(pieces_.size()), [&](Index i, int) {
            const auto piece = static_cast<std::size_t>(i);
            squares_[piece] = detail::sum_of_squares<T>(pieces_[piece].of(blocks.gradients));
        });
        if (treatment_.global_clipnorm) {
            double sum = 0;
            for (const double squares : squares_) sum += squares;
            std::fill(scales_.begin(), scales_.end(), scale_for(sum, *treatment_.global_clipnorm));
        } else {
            std::fill(scales_.begin(), scales_.end(), 0.0);
            for (std::size_t piece = 0; piece < pieces_.size(); ++piece)
                scales_[pieces_[piece].range] += squares_[piece];
            for (double& scale : scales_) scale = scale_for(scale, *treatment_.clipnorm);
        }
    }

    /// NaN for a norm that is not finite, so that it cannot go unnoticed.
    static double scale_for(double sum_of_squares, double limit) {
        const double norm = std::sqrt(sum_of_squares);
        return norm <= limit ? 1 : limit / norm + (norm - norm);
    }

    void clip(std::span<T> gradients, double scale) const {
        if (scale != 1)
            for (T& g : gradients) g *= static_cast<T>(scale);
        if (!treatment_.clipvalue) return;
        const T limit = static_cast<T>(*treatment_.clipvalue);
        for (T& g : gradients) g = std::clamp(g, -limit, limit);
    }

    void decay(std::span<T> values, double learning_rate) const {
        if (!treatment_.weight_decay) return;
        const T amount = static_cast<T>(*treatment_.weight_decay);
        const T rate = static_cast<T>(learning_rate);
        simd::dispatch([&](auto target) {
            decay_weights(target, amount, rate, values.data(), static_cast<Index>(values.size()));
        });
    }

    AnyOptimizer<T> optimizer_;
    GradientTreatment treatment_;
    std::string name_;
    std::vector<Piece> pieces_;
    std::vector<double> squares_; ///< of the gradients, a piece each
    std::vector<double> scales_;  ///< of the gradients, a range each
    Index needed_ = 0;
};

} // namespace fovea
