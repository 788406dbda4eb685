#pragma once
#include <algorithm>
#include <span>

#include <fovea/core/arena.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/core/view.hpp>

/// Matrix products whose left operand lies scattered in memory, which is all that dense and convolution layers need: the matrix
/// of a convolution's patches is read straight from the image and never built.
///
/// Every element of a result is summed in one order, row by row or column by column of A, whatever tile it falls into, so a
/// row's bits do not depend on the rows beside it.
namespace fovea::ops {

/// A (rows, columns): element (i, k) is data[rows[i] + columns[k]].
template <class T>
struct Gathered {
    const T* data;
    std::span<const Index> rows;
    std::span<const Index> columns;
};

/// A plain row-major matrix. Kernels read whole vectors: `data` must be readable up to `padded(columns)` in every row.
template <class T>
struct Rows {
    T* data;
    Index stride;
    Index columns;
};

template <class T>
constexpr Index padded(Index columns) {
    return (columns + simd::width<T> - 1) / simd::width<T> * simd::width<T>;
}

namespace detail {

/// 6 x 4 accumulators, 4 operands and a broadcast fit 32 registers; 6 x 2 fit 16.
inline constexpr int tile_rows = 6;
inline constexpr int tile_vectors = simd::registers == 32 ? 4 : 2;

/// Adds (or writes) a vector, of which only the first `count` elements are there.
template <bool add, class T>
void put(T* to, const simd::Vector<T>& value, Index count) {
    if (count >= simd::width<T>) {
        if constexpr (add)
            simd::store<T>(to, simd::load<T>(to) + value);
        else
            simd::store<T>(to, value);
    } else {
        for (Index i = 0; i < count; ++i) to[i] = add ? to[i] + value[i] : value[i];
    }
}

/// Register by register: an initialiser would clear the array in memory before the compiler sees that it never needs to exist.
template <int height, int width, class T>
void clear(simd::Vector<T> (&sums)[height][width]) {
    simd::unroll<height>([&](auto i) { simd::unroll<width>([&](auto j) { sums[i][j] = simd::Vector<T>{}; }); });
}

/// c (height, width vectors) = rows `row`... of a, times columns `column`... of b. Cost: height * width fused
/// multiply-adds for height + width loads.
template <int height, int width, class T>
void multiply_tile(const Gathered<T>& a, Index row, const Rows<const T>& b, Index column, const Rows<T>& c) {
    simd::Vector<T> sums[height][width];
    clear<height, width, T>(sums);
    const T* from[height];
    simd::unroll<height>([&](auto i) { from[i] = a.data + a.rows[static_cast<std::size_t>(row + i)]; });
    const T* right = b.data + column;
    for (const Index k : a.columns) {
        simd::Vector<T> operand[width];
        simd::unroll<width>([&](auto j) { operand[j] = simd::load<T>(right + j * simd::width<T>); });
        simd::unroll<height>([&](auto i) {
            const auto left = simd::broadcast<T>(from[i][k]);
            simd::unroll<width>([&](auto j) { sums[i][j] = sums[i][j] + left * operand[j]; });
        });
        right += b.stride;
    }
    simd::unroll<height>([&](auto i) {
        simd::unroll<width>([&](auto j) {
            const Index at = column + j * simd::width<T>;
            put<false>(c.data + (row + i) * c.stride + at, sums[i][j], c.columns - at);
        });
    });
}

/// c (height of a's columns, width vectors) += the tile of transposed a times b, over rows [first, last).
template <int height, int width, class T>
void outer_tile(const Gathered<T>& a, Index first, Index last, Index k, const Rows<const T>& b, Index column,
                const Rows<T>& c) {
    simd::Vector<T> sums[height][width];
    clear<height, width, T>(sums);
    Index offset[height];
    simd::unroll<height>([&](auto i) { offset[i] = a.columns[static_cast<std::size_t>(k + i)]; });
    for (Index row = first; row < last; ++row) {
        const T* from = a.data + a.rows[static_cast<std::size_t>(row)];
        const T* right = b.data + row * b.stride + column;
        simd::Vector<T> operand[width];
        simd::unroll<width>([&](auto j) { operand[j] = simd::load<T>(right + j * simd::width<T>); });
        simd::unroll<height>([&](auto i) {
            const auto left = simd::broadcast<T>(from[offset[i]]);
            simd::unroll<width>([&](auto j) { sums[i][j] = sums[i][j] + left * operand[j]; });
        });
    }
    simd::unroll<height>([&](auto i) {
        simd::unroll<width>([&](auto j) {
            const Index at = column + j * simd::width<T>;
            put<true>(c.data + (k + i) * c.stride + at, sums[i][j], c.columns - at);
        });
    });
}

/// Covers `count` with tiles of 6, 2 and 1: calls `tile(std::integral_constant<int, height>, first)`.
template <class F>
void tiles(Index count, F&& tile) {
    Index i = 0;
    for (; i + tile_rows <= count; i += tile_rows) tile(std::integral_constant<int, tile_rows>{}, i);
    for (; i + 2 <= count; i += 2) tile(std::integral_constant<int, 2>{}, i);
    if (i < count) tile(std::integral_constant<int, 1>{}, i);
}

/// Covers `columns` with panels of 4, 2 and 1 vectors: calls `panel(std::integral_constant<int, vectors>, first column)`.
template <class T, class F>
void panels(Index columns, F&& panel) {
    Index vectors = (columns + simd::width<T> - 1) / simd::width<T>;
    Index column = 0;
    const auto cover = [&](auto width) {
        for (; vectors >= width; vectors -= width, column += width * simd::width<T>) panel(width, column);
    };
    if constexpr (tile_vectors == 4) cover(std::integral_constant<int, 4>{});
    cover(std::integral_constant<int, 2>{});
    cover(std::integral_constant<int, 1>{});
}

} // namespace detail

/// c (m, n) = a (m, k) b (k, n)
template <class T>
void multiply(const Gathered<T>& a, const Rows<const T>& b, const Rows<T>& c) {
    detail::panels<T>(c.columns, [&](auto width, Index column) {
        detail::tiles(static_cast<Index>(a.rows.size()),
                      [&](auto height, Index row) { detail::multiply_tile<height, width>(a, row, b, column, c); });
    });
}

/// c (k, n) += transposed a (m, k) times b (m, n)
template <class T>
void add_transposed_product(const Gathered<T>& a, const Rows<const T>& b, const Rows<T>& c) {
    // The rows of b that one pass over k's tiles reads again and again should stay in L1. Their number is part of the order
    // of summation, so it must not depend on the width of vectors.
    constexpr Index block_bytes = 32 * 1024;
    const Index row_bytes = (c.columns + 15) / 16 * 16 * static_cast<Index>(sizeof(T));
    const Index block = std::max<Index>(8, block_bytes / row_bytes);
    const auto m = static_cast<Index>(a.rows.size());
    for (Index first = 0; first < m; first += block) {
        const Index last = std::min(m, first + block);
        detail::panels<T>(c.columns, [&](auto width, Index column) {
            detail::tiles(static_cast<Index>(a.columns.size()), [&](auto height, Index k) {
                detail::outer_tile<height, width>(a, first, last, k, b, column, c);
            });
        });
    }
}

/// The matrix itself if whole vectors can be read from it, else a copy in `scratch` with zeros behind every row: at most
/// rows * padded(columns) elements.
template <class T>
Rows<const T> readable(const Rows<const T>& matrix, Index rows, Arena& scratch) {
    const Index stride = padded<T>(matrix.columns);
    if (matrix.columns == stride) return matrix;
    T* const copy = scratch.take<T>(rows * stride);
    for (Index i = 0; i < rows; ++i) {
        T* const end = std::copy_n(matrix.data + i * matrix.stride, matrix.columns, copy + i * stride);
        std::fill(end, copy + (i + 1) * stride, T{});
    }
    return {copy, stride, matrix.columns};
}

/// `to` (columns of `from`, padded rows) = transposed `from`, with zeros behind every row.
template <class T>
Rows<const T> transpose(const Rows<const T>& from, Index rows, T* to) {
    const Index stride = padded<T>(rows);
    for (Index k = 0; k < from.columns; ++k) {
        for (Index i = 0; i < rows; ++i) to[k * stride + i] = from.data[i * from.stride + k];
        std::fill(to + k * stride + rows, to + (k + 1) * stride, T{});
    }
    return {to, stride, rows};
}

} // namespace fovea::ops
