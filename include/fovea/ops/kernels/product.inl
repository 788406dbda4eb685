// The products of ops/product.hpp for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Rows of a tile that is `panels` wide: sums, operands and one broadcast must fit the registers, and at least 8 sums hide
/// the latency of the multiply-adds.
template <int panels>
inline constexpr int tile_rows = Target::registers == 32 ? (panels* panel_vectors == 4 ? 6 : 8)
                                 : panel_vectors == 2    ? 6
                                                         : 2;

/// The widest tile.
inline constexpr int tile_panels = FOVEA_TARGET_BYTES == 64 ? 4 : 1;

/// What one pass covers, so that its operands stay in the second-level cache. No sum's order depends on it.
inline constexpr Index row_block = 96;
inline constexpr Index depth_block = 512;

/// Rows `row` ... of the product, `panels` wide from column `column` on, over depths [first, last). Rows below `keep` are left as
/// they are. Cost: height * vectors fused multiply-adds for height + vectors loads.
template <int height, int panels, class T>
inline void product_tile(const ops::Product<T>& p, Index row, Index keep, Index column, Index first, Index last) {
    constexpr int vectors = panels * panel_vectors;
    constexpr Index columns = panels * panel<T>;
    const Index inside = std::min(columns, p.width - column);
    const bool add = first > 0 || p.add;
    const T* from[height];
    T* to[height];
#pragma GCC unroll unrolled
    for (int i = 0; i < height; ++i) {
        from[i] = p.a + p.a_rows[row + i];
        to[i] = p.c + p.c_rows[row + i] + column;
    }
    // A tile that reaches over the right edge is worked out in memory of its own.
    T edge[height * columns];
    T bias_edge[columns];
    const T* bias = p.bias == nullptr ? nullptr : p.bias + column;
    if (inside < columns) {
        std::memset(edge, 0, sizeof(edge));
        std::memset(bias_edge, 0, sizeof(bias_edge));
        for (int i = 0; i < height; ++i) {
            if (add) std::memcpy(edge + i * columns, to[i], static_cast<std::size_t>(inside) * sizeof(T));
            to[i] = edge + i * columns;
        }
        if (bias != nullptr) std::memcpy(bias_edge, bias, static_cast<std::size_t>(inside) * sizeof(T));
        bias = bias_edge;
    }
    Vector<T> sums[height][vectors];
#pragma GCC unroll unrolled
    for (int j = 0; j < vectors; ++j) {
        const Vector<T> start = add || bias == nullptr ? Vector<T>{} : load<T>(bias + j * width<T>);
#pragma GCC unroll unrolled
        for (int i = 0; i < height; ++i) sums[i][j] = start;
    }
    if (add) {
#pragma GCC unroll unrolled
        for (int i = 0; i < height; ++i)
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j) sums[i][j] = load<T>(to[i] + j * width<T>);
    }
    const Index panel_size = p.depth * panel<T>;
    const T* b = p.b + column * p.depth + first * panel<T>;
    for (Index k = first; k < last; ++k, b += panel<T>) {
        const Index at = p.columns[k];
        Vector<T> right[vectors];
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j)
            right[j] = load<T>(b + (j / panel_vectors) * panel_size + (j % panel_vectors) * width<T>);
#pragma GCC unroll unrolled
        for (int i = 0; i < height; ++i) {
            const Vector<T> left = broadcast<T>(from[i][at]);
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j) sums[i][j] = fma<T>(left, right[j], sums[i][j]);
        }
    }
    if (p.relu && last == p.depth) {
#pragma GCC unroll unrolled
        for (int i = 0; i < height; ++i)
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j) sums[i][j] = select<T>(sums[i][j] < Vector<T>{}, Vector<T>{}, sums[i][j]);
    }
#pragma GCC unroll unrolled
    for (int i = 0; i < height; ++i) {
        if (row + i < keep) continue;
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) store<T>(to[i] + j * width<T>, sums[i][j]);
    }
    if (inside == columns) return;
    for (int i = 0; i < height; ++i)
        if (row + i >= keep)
            std::memcpy(p.c + p.c_rows[row + i] + column, to[i], static_cast<std::size_t>(inside) * sizeof(T));
}

/// Rows [begin, end) of the product, `panels` wide. The last tile is moved up over rows that are done, which it leaves alone;
/// each row is the same sum in either.
template <int panels, class T>
inline void product_columns(const ops::Product<T>& p, Index begin, Index end, Index column, Index first, Index last) {
    constexpr int height = tile_rows<panels>;
    Index row = begin;
    for (; row + height <= end; row += height) product_tile<height, panels, T>(p, row, row, column, first, last);
    if (row == end) return;
    if (end >= height)
        product_tile<height, panels, T>(p, end - height, row, column, first, last);
    else
        for (; row < end; ++row) product_tile<1, panels, T>(p, row, row, column, first, last);
}

/// Whether tiles 2 panels wide, which are higher, do so many rows with fewer in vain than those of 4.
constexpr bool prefers_higher_tiles(Index rows) {
    const auto done = [rows](Index height) { return (rows + height - 1) / height * height; };
    return rows >= tile_rows<2> && done(tile_rows<2>) < done(tile_rows<4>);
}

} // namespace detail

template <class T>
void multiply(Target, const ops::Product<T>& p) {
    for (Index begin = 0; begin < p.rows; begin += detail::row_block) {
        const Index end = std::min(p.rows, begin + detail::row_block);
        for (Index first = 0; first < p.depth; first += detail::depth_block) {
            const Index last = std::min(p.depth, first + detail::depth_block);
            Index column = 0;
            if constexpr (detail::tile_panels == 4) {
                if (!detail::prefers_higher_tiles(end - begin))
                    for (; column + 3 * panel<T> < p.width; column += 4 * panel<T>)
                        detail::product_columns<4, T>(p, begin, end, column, first, last);
                for (; column + panel<T> < p.width; column += 2 * panel<T>)
                    detail::product_columns<2, T>(p, begin, end, column, first, last);
            }
            for (; column < p.width; column += panel<T>)
                detail::product_columns<1, T>(p, begin, end, column, first, last);
        }
    }
}

namespace detail {

/// Rows that are summed up before the sum is added to c. The rows of b that all of the depth reads again and again stay in
/// the first-level cache, and c in the second.
inline constexpr Index outer_block = 128;

/// `height` rows of c from column `k` of a on, `panels` wide from column `column` on, += the sum over rows [first, last) of a and b.
/// Rows of c below `keep` are left as they are.
template <int height, int panels, class T>
inline void outer_tile(const ops::OuterProduct<T>& p, Index k, Index keep, Index column, Index first, Index last) {
    constexpr int vectors = panels * panel_vectors;
    Vector<T> sums[height][vectors];
    Index offset[height];
#pragma GCC unroll unrolled
    for (int i = 0; i < height; ++i) {
        offset[i] = p.columns[k + i];
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) sums[i][j] = Vector<T>{};
    }
    const T* b = p.b + first * p.b_stride + column;
    for (Index row = first; row < last; ++row, b += p.b_stride) {
        const T* const from = p.a + p.a_rows[row];
        Vector<T> right[vectors];
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) right[j] = load<T>(b + j * width<T>);
#pragma GCC unroll unrolled
        for (int i = 0; i < height; ++i) {
            const Vector<T> left = broadcast<T>(from[offset[i]]);
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j) sums[i][j] = fma<T>(left, right[j], sums[i][j]);
        }
    }
    constexpr Index columns = panels * panel<T>;
    const Index inside = std::min(columns, p.width - column);
    T edge[columns];
#pragma GCC unroll unrolled
    for (int i = 0; i < height; ++i) {
        if (k + i < keep) continue;
        T* const row = p.c + (k + i) * p.c_stride + column;
        T* const to = inside == columns ? row : edge;
        if (inside < columns) std::memcpy(edge, row, static_cast<std::size_t>(inside) * sizeof(T));
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) store<T>(to + j * width<T>, load<T>(to + j * width<T>) + sums[i][j]);
        if (inside < columns) std::memcpy(row, edge, static_cast<std::size_t>(inside) * sizeof(T));
    }
}

template <int panels, class T>
inline void outer_columns(const ops::OuterProduct<T>& p, Index column) {
    constexpr int height = tile_rows<panels>;
    for (Index first = 0; first < p.rows; first += outer_block) {
        const Index last = std::min(p.rows, first + outer_block);
        Index k = 0;
        for (; k + height <= p.depth; k += height) outer_tile<height, panels, T>(p, k, k, column, first, last);
        if (k == p.depth) continue;
        if (p.depth >= height)
            outer_tile<height, panels, T>(p, p.depth - height, k, column, first, last);
        else
            for (; k < p.depth; ++k) outer_tile<1, panels, T>(p, k, k, column, first, last);
    }
}

} // namespace detail

template <class T>
void add_outer_product(Target, const ops::OuterProduct<T>& p) {
    Index column = 0;
    if constexpr (detail::tile_panels == 4) {
        for (; column + 3 * panel<T> < p.width; column += 4 * panel<T>) detail::outer_columns<4, T>(p, column);
        for (; column + panel<T> < p.width; column += 2 * panel<T>) detail::outer_columns<2, T>(p, column);
    }
    for (; column < p.width; column += panel<T>) detail::outer_columns<1, T>(p, column);
}

} // namespace fovea::simd::FOVEA_TARGET
