#pragma once
#include <algorithm>
#include <cstdint>

#include <fovea/core/arena.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/ops/transpose.hpp>

/// Matrix products whose left operand lies scattered in memory, which is most of what dense and convolution layers need: the
/// matrix of a convolution's patches is read straight from the image and never built.
///
/// Every element of a result is one sum in one order, whatever tile it falls into, so a row's bits depend neither on the rows
/// beside it nor on the instruction set.
namespace fovea::ops {

/// c (rows, width) = a (rows, depth) b (depth, width) + bias, then perhaps ReLU. Element (i, k) of a is
/// a[a_rows[i] + columns[k]], element (i, j) of c is c[c_rows[i] + j], and b is packed: see pack_panels.
template <class T>
struct Product {
    const T* a;
    const Index* a_rows;
    Index rows;
    const std::int32_t* columns;
    Index depth;
    const T* b;
    T* c;
    const Index* c_rows;
    Index width;
    const T* bias = nullptr; ///< (width), or null for none
    bool add = false;        ///< c += instead, and no bias
    bool relu = false;
};

/// c (depth, width) += transposed a (rows, depth) times b (rows, width), where a is scattered as in Product. Vectors are
/// read from b in whole panels: behind each of its rows there must be padded<T>(width) - width more numbers.
template <class T>
struct OuterProduct {
    const T* a;
    const Index* a_rows;
    Index rows;
    const std::int32_t* columns;
    Index depth;
    const T* b;
    Index b_stride;
    T* c;
    Index c_stride;
    Index width;
};

} // namespace fovea::ops

#define FOVEA_KERNELS <fovea/ops/kernels/product.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// Cost: rows * depth * width multiply-adds.
template <class T>
void multiply(const Product<T>& product) {
    simd::dispatch([&](auto target) { multiply(target, product); });
}

/// Rows are summed in blocks of fixed size, whose sums are then added in order.
template <class T>
void add_outer_product(const OuterProduct<T>& product) {
    simd::dispatch([&](auto target) { add_outer_product(target, product); });
}

/// Numbers in a packed (depth, width) matrix.
template <class T>
constexpr Index packed_size(Index depth, Index width) {
    return depth * simd::padded<T>(width);
}

/// `packed` = the matrix (depth, width) whose element (k, j) is from[k * row + j * column], of which one is 1, as panels
/// (panels, depth, panel): 64 bytes of each row side by side, zeros behind the last column.
template <class T>
void pack_panels(const T* from, Index row, Index column, Index depth, Index width, T* packed) {
    for (Index first = 0; first < width; first += simd::panel<T>, packed += depth * simd::panel<T>) {
        const Index count = std::min(simd::panel<T>, width - first);
        const T* const panel = from + first * column;
        if (count < simd::panel<T>) std::fill_n(packed, depth * simd::panel<T>, T{});
        if (column == 1)
            for (Index k = 0; k < depth; ++k) std::copy_n(panel + k * row, count, packed + k * simd::panel<T>);
        else
            transpose(panel, column, depth, count, packed, simd::panel<T>);
    }
}

namespace detail {

/// Where the rows of a matrix begin that lie one behind another.
inline const Index* even_rows(Index count, Index stride, Arena& scratch) {
    auto* const rows = scratch.take<Index>(count);
    for (Index i = 0; i < count; ++i) rows[i] = i * stride;
    return rows;
}

/// The matrix (rows, columns) itself if its rows are whole panels, else a copy in `scratch` with zeros behind every row, which is
/// rows * padded<T>(columns) numbers. `stride` becomes that of the result.
template <class T>
const T* whole_panels(const T* matrix, Index rows, Index columns, Index& stride, Arena& scratch) {
    if (columns == simd::padded<T>(columns)) return matrix;
    const Index wide = simd::padded<T>(columns);
    T* const copy = scratch.take<T>(rows * wide);
    for (Index i = 0; i < rows; ++i)
        std::fill(std::copy_n(matrix + i * stride, columns, copy + i * wide), copy + (i + 1) * wide, T{});
    stride = wide;
    return copy;
}

} // namespace detail

} // namespace fovea::ops
