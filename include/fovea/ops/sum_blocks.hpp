#pragma once
#include <limits>

#include <fovea/core/simd.hpp>

#define FOVEA_KERNELS <fovea/ops/kernels/sum_blocks.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// first[i] += first[stride + i] + first[2 stride + i] + ..., from left to right, for i < count and `blocks` blocks altogether. Returns
/// whether all sums are finite.
template <class T>
bool sum_blocks(T* first, Index stride, Index blocks, Index count) {
    bool finite = true;
    simd::dispatch([&](auto target) { finite = sum_blocks(target, first, stride, blocks, count); });
    return finite;
}

} // namespace fovea::ops
