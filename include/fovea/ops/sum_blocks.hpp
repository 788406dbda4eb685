#pragma once
#include <utility>

#include <fovea/core/simd.hpp>

#define FOVEA_KERNELS <fovea/ops/kernels/sum_blocks.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// to[i] = first[i] + first[stride + i] + first[2 stride + i] + ..., from left to right, for i < count and `blocks` blocks altogether,
/// which are zero afterwards: while they are in the cache that costs less than to clear them when they are used again.
/// Returns whether all sums are finite. With `onto` to[i] is the first summand.
template <class T>
bool sum_blocks(T* to, T* first, Index stride, Index blocks, Index count, bool onto = false) {
    bool finite = true;
    simd::dispatch([&](auto target) { finite = sum_blocks(target, to, first, stride, blocks, count, onto); });
    return finite;
}

} // namespace fovea::ops
