#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

#include <fovea/core/parallel.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/sum_blocks.hpp>

namespace fovea {

/// The gradients of all parameters: a block for each lane to add to, and one for their sum. Lanes that take turns on one thread
/// share a block, which stays in the cache, and add it to the sum at the end of their turns: the same sums.
template <class T>
class GradientBlocks {
public:
    GradientBlocks() = default;
    GradientBlocks(Index parameters, Index lanes)
        : stride_(simd::padded<T>(parameters)), lanes_(Shape{lanes * stride_}), sum_(Shape{parameters}) {}

    /// Before each batch.
    void start(bool in_turns) { in_turns_ = in_turns; }

    /// A lane's, to be added to; zero before its first use in a batch.
    std::span<T> lane(Index number) {
        const Index block = in_turns_ ? 0 : number;
        return lanes_.span().subspan(static_cast<std::size_t>(block * stride_), sum_.span().size());
    }

    /// The lane has had its turn; lane 0 is the first.
    void end_turn(Index number) {
        const bool onto = number != 0;
        turns_are_finite_ = ops::sum_blocks(sum_.data(), lanes_.data(), stride_, Index{1}, sum_.size(), onto);
    }

    std::span<T> sum() { return sum_.span(); }

    /// sum() = the first `lanes` lanes in order, whose blocks are zero again afterwards. Returns whether all of it is finite.
    bool add_up(Index lanes, ThreadPool& pool) {
        if (in_turns_) return turns_are_finite_; // what was not finite once has remained so
        constexpr Index chunk = 4096;
        const Index size = sum_.size();
        std::atomic<bool> all_finite{true};
        pool.run((size + chunk - 1) / chunk, [&](Index task, int) {
            const Index first = task * chunk;
            if (!ops::sum_blocks(sum_.data() + first, lanes_.data() + first, stride_, lanes,
                                 std::min(chunk, size - first)))
                all_finite = false;
        });
        return all_finite;
    }

    /// After a batch that was not finished.
    void clear() { lanes_.fill(T{}); }

    Index bytes() const { return (lanes_.size() + sum_.size()) * static_cast<Index>(sizeof(T)); }

private:
    Index stride_ = 0; ///< from one block to the next: whole panels, so that they begin on boundaries alike
    Tensor<T> lanes_;
    Tensor<T> sum_;
    bool in_turns_ = false;
    bool turns_are_finite_ = true; ///< so far
};

} // namespace fovea
