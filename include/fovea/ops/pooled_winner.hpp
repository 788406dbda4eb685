#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#include <fovea/core/simd.hpp>
#include <fovea/ops/window.hpp>

/// What kernels share that keep a byte for each pooled number: which one of its window won, or `dead_cell`.
#define FOVEA_KERNELS <fovea/ops/kernels/pooled_winner.inl>
#include <fovea/core/simd/for_each_target.inl>
