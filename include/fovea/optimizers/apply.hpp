#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>
#include <fovea/optimizers/state.hpp>

namespace fovea {

/// One optimizer step over a model's parameters: the mean of the gradients of several batches, clipping, weight decay, the
/// optimizer's rule, the average of the values. Ranges that are not trainable are left alone, and do not count in a norm. The
/// work is cut into pieces that do not depend on the number of threads, so neither do the results. All memory is taken on
/// construction, but for an optimizer's scratch, which is taken for each thread in the first call.
template <class T>
class OptimizerStep {
public:
    /// Throws ValueError for options that the optimizer refuses.
    OptimizerStep(AnyOptimizer<T> optimizer, std::span<const ParameterRange> ranges)
        : optimizer_(std::move(optimizer)), treatment_(optimizer_.treatment()), name_(optimizer_.name()),
          ranges_(ranges.begin(), ranges.end()), scales_(ranges.size(), 1) {
        optimizer_.check();
        for (std::size_t range = 0; range < ranges.size(); ++range) {
            const ParameterRange& parameter = ranges_[range];
            decays_.push_back(optimizer_.weight_decay_of(parameter));
            if (!parameter.trainable) continue;
            const Index end = parameter.offset + parameter.size;
            const Index most = optimizer_.whole_parameter() ? parameter.size : piece_size;
            for (Index first = parameter.offset; first < end; first += most)
                pieces_.push_back(
                    {static_cast<std::size_t>(first), static_cast<std::size_t>(std::min(most, end - first)), range});
            needed_ = std::max(needed_, end);
            scratch_bytes_ = std::max(scratch_bytes_, optimizer_.scratch_bytes(parameter));
        }
        squares_.resize(pieces_.size());
    }

    /// `iteration` counts batches, and is 1 for the first; with gradient_accumulation_steps = n every nth makes a step. Throws
    /// ShapeError for blocks that do not fit, ValueError for a learning rate that is not a finite number >= 0.
    void operator()(const OptimizerBlocks<T>& blocks, Index iteration, double learning_rate) {
        check(blocks, iteration, learning_rate);
        const Index batches = treatment_.gradient_accumulation_steps.value_or(1);
        const bool is_step = iteration % batches == 0;
        const Index before = (iteration - 1) / batches; // steps
        const auto pool = detail::pool();
        if (scratch_bytes_ > 0)
            while (static_cast<int>(scratch_.size()) < pool->threads())
                scratch_.emplace_back(static_cast<std::size_t>(scratch_bytes_));
        if (batches > 1) accumulate(blocks, is_step ? batches : 0);
        if (is_step) step(*pool, blocks, before + 1, learning_rate);
        if (treatment_.use_ema) average(blocks, before);
    }

    /// With use_ema, the values become their averages, as at the end of Keras's fit.
    void finalize(const OptimizerBlocks<T>& blocks) const {
        if (!treatment_.use_ema) return;
        for (const Piece& piece : pieces_) copy(piece.of(blocks.average), piece.of(blocks.values));
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

    template <class F>
    void for_each_piece(F&& f) {
        parallel_for(static_cast<Index>(pieces_.size()), [&](Index i, int) { f(static_cast<std::size_t>(i)); });
    }

    void check(const OptimizerBlocks<T>& blocks, Index iteration, double learning_rate) const {
        const std::size_t size = blocks.values.size();
        require<ShapeError>(static_cast<Index>(size) >= needed_, name_, ": the parameters reach to ", needed_,
                            ", but their block has ", size, " elements");
        require<ShapeError>(blocks.gradients.size() == size, name_, ": ", size, " values, but ",
                            blocks.gradients.size(), " gradients");
        const std::span<T> slots[] = {blocks.slot_0, blocks.slot_1, blocks.slot_2};
        for (Index slot = 0; slot < optimizer_.slots(); ++slot)
            require<ShapeError>(slots[slot].size() == size, name_, ": ", size, " values, but ", slots[slot].size(),
                                " elements in slot ", slot);
        require<ShapeError>(!treatment_.gradient_accumulation_steps || blocks.accumulated.size() == size, name_, ": ",
                            size, " values, but ", blocks.accumulated.size(), " accumulated gradients");
        require<ShapeError>(!treatment_.use_ema || blocks.average.size() == size, name_, ": ", size, " values, but ",
                            blocks.average.size(), " averages");
        require<ValueError>(iteration >= 1, name_, ": the first iteration is 1, got ", iteration);
        detail::check_learning_rate(name_, learning_rate);
    }

    /// Adds the gradients to those of the batches before or, with `batches`, takes the mean of them all and begins again.
    void accumulate(const OptimizerBlocks<T>& blocks, Index batches) {
        for_each_piece([&](std::size_t piece) {
            const std::span<T> gradients = pieces_[piece].of(blocks.gradients);
            const std::span<T> sums = pieces_[piece].of(blocks.accumulated);
            for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += gradients[i];
            if (batches == 0) return;
            for (std::size_t i = 0; i < sums.size(); ++i) gradients[i] = sums[i] / static_cast<T>(batches);
            std::fill(sums.begin(), sums.end(), T{});
        });
    }

    void step(ThreadPool& pool, const OptimizerBlocks<T>& blocks, Index number, double learning_rate) {
        if (treatment_.clipnorm || treatment_.global_clipnorm) measure(blocks);
        pool.run(static_cast<Index>(pieces_.size()), [&](Index i, int worker) {
            const Piece& piece = pieces_[static_cast<std::size_t>(i)];
            const std::span<T> gradients = piece.of(blocks.gradients);
            const std::span<T> values = piece.of(blocks.values);
            clip(gradients, scales_[piece.range]);
            decay(values, decays_[piece.range], learning_rate);
            optimizer_.update(
                {.values = values,
                 .gradients = gradients,
                 .slot_0 = piece.of(blocks.slot_0),
                 .slot_1 = piece.of(blocks.slot_1),
                 .slot_2 = piece.of(blocks.slot_2),
                 .iteration = number,
                 .learning_rate = learning_rate,
                 .parameter = &ranges_[piece.range],
                 .scratch = scratch_bytes_ > 0 ? Arena(scratch_[static_cast<std::size_t>(worker)]) : Arena()});
        });
    }

    /// After each batch, also one that made no step, as Keras does it. What was frozen in the first step has an average, too.
    void average(const OptimizerBlocks<T>& blocks, Index steps_before) {
        if (steps_before == 0) return copy(blocks.values, blocks.average);
        const Index frequency = treatment_.ema_overwrite_frequency.value_or(0);
        const bool overwrites = frequency > 0 && (steps_before + 1) % frequency == 0;
        for_each_piece([&](std::size_t i) {
            const std::span<T> values = pieces_[i].of(blocks.values), averages = pieces_[i].of(blocks.average);
            simd::dispatch([&](auto target) {
                average_weights(target, static_cast<T>(treatment_.ema_momentum), averages.data(), values.data(),
                                static_cast<Index>(values.size()));
            });
            if (overwrites) copy(averages, values);
        });
    }

    /// What the gradients must be multiplied by to keep the limits on norms.
    void measure(const OptimizerBlocks<T>& blocks) {
        for_each_piece([&](std::size_t piece) {
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

    static void decay(std::span<T> values, const std::optional<double>& weight_decay, double learning_rate) {
        if (!weight_decay) return;
        const T amount = static_cast<T>(*weight_decay);
        const T rate = static_cast<T>(learning_rate);
        simd::dispatch([&](auto target) {
            decay_weights(target, amount, rate, values.data(), static_cast<Index>(values.size()));
        });
    }

    static void copy(std::span<const T> from, std::span<T> to) { std::copy(from.begin(), from.end(), to.begin()); }

    AnyOptimizer<T> optimizer_;
    Treatment treatment_;
    std::string name_;
    std::vector<ParameterRange> ranges_;
    std::vector<std::optional<double>> decays_; ///< of the weights, a range each
    std::vector<Piece> pieces_;
    std::vector<double> squares_; ///< of the gradients, a piece each
    std::vector<double> scales_;  ///< of the gradients, a range each
    Index needed_ = 0;
    Index scratch_bytes_ = 0;
    std::vector<std::vector<std::byte, AlignedAllocator<std::byte>>> scratch_; ///< a thread each
};

} // namespace fovea
