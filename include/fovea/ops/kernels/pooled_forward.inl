// The forward passes of ops/pooled_conv2d.hpp for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// All cells of an image, `panels` wide from filter `column` on. `height` pixels of a cell are convolved at a time,
/// which are all if it is a `single` step. Where height does not divide the taps the last pixel is done again, which
/// changes no maximum.
template <int height, bool single, int panels, class T>
inline void pooled_columns(const ops::PooledForward<T>& p, Index column) {
    constexpr int vectors = panels * panel_vectors;
    constexpr int rows = height; // g++ takes no template parameter in the pragma's loop
    const ops::PooledConv2D& g = *p.geometry;
    const Index depth = g.patch();
    const Index taps = single ? height : g.pool.taps();
    const Index count = g.filters - column;
    const Index panel_size = depth * panel<T>;
    const T* const weights = p.weights + column * depth;
    const std::int32_t* const columns = g.columns.data();
    const std::int32_t* const offsets = g.taps.data();
    Vector<T> start[vectors];
#pragma GCC unroll unrolled
    for (int j = 0; j < vectors; ++j)
        start[j] =
            p.bias == nullptr ? Vector<T>{} : load_up_to<T>(p.bias + column + j * width<T>, count - j * width<T>);
    Index to = column;
    for (const std::int32_t cell : g.cells) {
        PooledWinner<T> winners[vectors]{};
        for (Index tap = 0; tap < taps; tap += height) {
            Vector<T> sums[height][vectors];
            const T* from[height];
#pragma GCC unroll unrolled
            for (int i = 0; i < rows; ++i) {
                from[i] = p.x + cell + offsets[std::min(tap + i, taps - 1)];
#pragma GCC unroll unrolled
                for (int j = 0; j < vectors; ++j) sums[i][j] = start[j];
            }
            const T* b = weights;
            Index k = 0;
            do { // a loop that may not run at all costs g++ copies of all sums
                const Index at = columns[k];
                Vector<T> right[vectors];
#pragma GCC unroll unrolled
                for (int j = 0; j < vectors; ++j)
                    right[j] = load<T>(b + (j / panel_vectors) * panel_size + (j % panel_vectors) * width<T>);
#pragma GCC unroll unrolled
                for (int i = 0; i < rows; ++i) {
                    const Vector<T> left = broadcast<T>(from[i][at]);
#pragma GCC unroll unrolled
                    for (int j = 0; j < vectors; ++j) sums[i][j] = fma<T>(left, right[j], sums[i][j]);
                }
                b += panel<T>;
            } while (++k < depth);
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j) {
                if (tap == 0)
                    winners[j].value = sums[0][j];
                else
                    winners[j].compete(sums[0][j], tap);
#pragma GCC unroll unrolled
                for (int i = 1; i < rows; ++i) winners[j].compete(sums[i][j], std::min(tap + i, taps - 1));
            }
        }
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) winners[j].put(p.y, p.codes, to + j * width<T>, p.relu, count - j * width<T>);
        to += g.filters;
    }
}

/// All filters of an image.
template <int height, bool single, class T>
inline void pooled_image(const ops::PooledForward<T>& p) {
    const Index filters = p.geometry->filters;
    Index column = 0;
    if constexpr (panel_vectors == 1) {
        if constexpr (single)
            for (; column + 3 * panel<T> < filters; column += 4 * panel<T>)
                pooled_columns<height, single, 4, T>(p, column);
        for (; column + panel<T> < filters; column += 2 * panel<T>) pooled_columns<height, single, 2, T>(p, column);
    }
    for (; column < filters; column += panel<T>) pooled_columns<height, single, 1, T>(p, column);
}

} // namespace detail

/// All of it, for a batch.
template <class T>
void pooled_forward(Target, ops::PooledForward<T> p, Index batch) {
    const ops::PooledConv2D& g = *p.geometry;
    for (Index n = 0; n < batch; ++n) {
        if (g.pool.taps() == 4)
            detail::pooled_image<4, true, T>(p);
        else
            detail::pooled_image<3, false, T>(p);
        p.x += g.image();
        p.y += g.pooled_image();
        if (p.codes != nullptr) p.codes += g.pooled_image();
    }
}

/// p.x holds the results of the convolution, the taps of a cell one after the other.
template <class T>
void pool_cells(Target, const ops::PooledForward<T>& p, Index cells) {
    const Index filters = p.geometry->filters;
    const Index taps = p.geometry->pool.taps();
    for (Index cell = 0; cell < cells; ++cell) {
        for (Index column = 0; column < filters; column += width<T>) {
            const Index count = filters - column;
            const T* from = p.x + cell * taps * filters + column;
            detail::PooledWinner<T> winner{load_up_to<T>(from, count), Vector<Integer<T>>{}};
            for (Index tap = 1; tap < taps; ++tap) {
                from += filters;
                winner.compete(load_up_to<T>(from, count), tap);
            }
            winner.put(p.y, p.codes, cell * filters + column, p.relu, count);
        }
    }
}

} // namespace fovea::simd::FOVEA_TARGET
