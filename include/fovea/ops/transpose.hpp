#pragma once
#include <algorithm>
#include <cstring>

#include <fovea/core/shape.hpp>

namespace fovea::ops {

namespace detail {

/// 4x4 at a time. Not inlined: it would be most of its callers.
template <bool add, class T>
#if defined(__GNUC__)
[[gnu::noinline]]
#endif
void transpose_tiles(const T* from, Index from_stride, Index rows, Index columns, T* to, Index to_stride) {
    constexpr Index tile = 4;
    for (Index j = 0; j < columns; j += tile) {
        Index i = 0;
#if defined(__GNUC__)
        typedef T Four __attribute__((vector_size(tile * sizeof(T))));
        if (j + tile <= columns) {
            for (; i + tile <= rows; i += tile) {
                Four in[tile], out[tile];
#pragma GCC unroll 4
                for (Index k = 0; k < tile; ++k) std::memcpy(&in[k], from + (j + k) * from_stride + i, sizeof(Four));
                const Four a = __builtin_shufflevector(in[0], in[1], 0, 4, 1, 5);
                const Four b = __builtin_shufflevector(in[2], in[3], 0, 4, 1, 5);
                const Four c = __builtin_shufflevector(in[0], in[1], 2, 6, 3, 7);
                const Four d = __builtin_shufflevector(in[2], in[3], 2, 6, 3, 7);
                out[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
                out[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
                out[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
                out[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
#pragma GCC unroll 4
                for (Index k = 0; k < tile; ++k) {
                    T* const row = to + (i + k) * to_stride + j;
                    if constexpr (add) {
                        Four before;
                        std::memcpy(&before, row, sizeof(Four));
                        out[k] += before;
                    }
                    std::memcpy(row, &out[k], sizeof(Four));
                }
            }
        }
#endif
        for (; i < rows; ++i)
            for (Index k = j; k < std::min(j + tile, columns); ++k) {
                const T value = from[k * from_stride + i];
                to[i * to_stride + k] = add ? to[i * to_stride + k] + value : value;
            }
    }
}

} // namespace detail

/// to (rows, columns) = from (columns, rows) transposed. The strides are from one row to the next.
template <class T>
void transpose(const T* from, Index from_stride, Index rows, Index columns, T* to, Index to_stride) {
    detail::transpose_tiles<false>(from, from_stride, rows, columns, to, to_stride);
}

/// to (rows, columns) += from (columns, rows) transposed.
template <class T>
void add_transposed(const T* from, Index from_stride, Index rows, Index columns, T* to, Index to_stride) {
    detail::transpose_tiles<true>(from, from_stride, rows, columns, to, to_stride);
}

} // namespace fovea::ops
