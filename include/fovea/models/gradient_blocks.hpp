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

/// The gradients of all parameters: a block for each lane to add to, and one for their sum.
template <class T>
class GradientBlocks {
public:
    GradientBlocks() = default;
    GradientBlocks(Index parameters, Index lanes)
        : stride_(simd::padded<T>(parameters)), lanes_(Shape{lanes * stride_}), sum_(Shape{parameters}) {}

    /// A lane's, to be added to; zero between batches.
    std::span<T> lane(Index number) {
        return lanes_.span().subspan(static_cast<std::size_t>(number * stride_), sum_.span().size());
    }

    std::span<T> sum() { return sum_.span(); }

    /// sum() = the first `lanes` blocks in order, which are zero again afterwards. Returns whether all of it is finite.
    bool add_up(Index lanes, ThreadPool& pool) {
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
};

} // namespace fovea
