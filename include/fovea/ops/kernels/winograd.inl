// The products of ops/winograd.hpp for one instruction set, and what goes on around them.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Rows of a register tile, which divide ops::Winograd::tile_rows, and of another one for few tiles.
inline constexpr int winograd_rows = Target::registers == 32 || panel_vectors == 2 ? 6 : 2;
inline constexpr int winograd_other_rows = FOVEA_TARGET_BYTES == 64                        ? 8
                                           : Target::registers == 32 || panel_vectors == 2 ? 4
                                                                                           : 2;

/// Channels of a register tile of the gradient of the kernel: divides both 16 and 8, the channels of a panel.
template <int panels>
inline constexpr int winograd_channels = Target::registers == 32 && panels* panel_vectors < 4 ? 8 : 4;

/// Panels of the widest register tile, and of the other one.
inline constexpr int winograd_panels = FOVEA_TARGET_BYTES == 64 ? ops::Winograd::filter_panels : 1;
inline constexpr int winograd_other_panels = FOVEA_TARGET_BYTES == 64 ? 2 : 1;

template <class T>
[[gnu::always_inline]] inline Vector<T> winograd_rectified(const Vector<T>& value, bool relu) {
    const Vector<T> zero{};
    return relu ? select<T>(value < zero, zero, value) : value;
}

/// Operands of c = a b, or c += a b. Rows of a begin `row` apart; along a row numbers lie `step` apart, but each `run` of
/// them begins `next` behind the one before. b and c are panels.
template <class T>
struct WinogradProduct {
    const T* a;
    Index run, next;
    Index depth;
    const T* b;
    Index b_panel;
    T* c;
    Index c_panel;
    bool add;
    Index ahead = 0; ///< how far ahead b is fetched into the cache
};

/// A function of its own: among its callers' variables, g++ keeps half of the sums in memory where there are 16 registers.
template <int height, int panels, Index row, Index step, class T>
[[gnu::noinline]] void winograd_product(const WinogradProduct<T>& p) {
    constexpr int vectors = panels * panel_vectors;
    constexpr int rows = height; // g++ takes no template parameter in the pragma's loop
    Vector<T> sums[height][vectors];
#pragma GCC unroll unrolled
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j)
            sums[i][j] =
                p.add ? load<T>(p.c + i * panel<T> + (j / panel_vectors) * p.c_panel + (j % panel_vectors) * width<T>)
                      : Vector<T>{};
    const T* b = p.b;
    const T* start = p.a;
    for (Index first = 0; first < p.depth; first += p.run, start += p.next) {
        const T* const end = start + std::min(p.run, p.depth - first) * step;
        for (const T* a = start; a < end; a += step, b += panel<T>) {
            Vector<T> right[vectors];
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j)
                right[j] = load<T>(b + (j / panel_vectors) * p.b_panel + (j % panel_vectors) * width<T>);
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; j += panel_vectors) prefetch(b + (j / panel_vectors) * p.b_panel + p.ahead);
#pragma GCC unroll unrolled
            for (int i = 0; i < rows; ++i) {
                const Vector<T> left = broadcast<T>(a[i * row]);
#pragma GCC unroll unrolled
                for (int j = 0; j < vectors; ++j) sums[i][j] = fma<T>(left, right[j], sums[i][j]);
            }
        }
    }
#pragma GCC unroll unrolled
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j)
            store<T>(p.c + i * panel<T> + (j / panel_vectors) * p.c_panel + (j % panel_vectors) * width<T>, sums[i][j]);
}

/// How tiles are shared out to register tiles: the last few are worked out one by one where that is shorter than a register
/// tile with rows in vain. A row alone takes about as long as two in a register tile, for its sums wait for one another.
template <int height>
struct WinogradRows {
    Index tiles;
    Index alone = 2 * (tiles % height) < height ? tiles % height : 0;

    /// How many rows are read, the last of them perhaps in vain.
    constexpr Index whole() const { return (tiles - alone + height - 1) / height * height + alone; }
    constexpr Index cost() const { return whole() + alone; }
};

/// m[tile][column] = sum over channels of v[tile][channel] u[channel][column] for `count` panels of columns
template <int height, int panels, class T>
inline void winograd_multiply(const ops::WinogradPass<T>& w, Index tiles, Index count, const T* v, const T* u, T* m) {
    constexpr Index depth = ops::Winograd::depth_block;
    const Index u_panel = w.from.channels * panel<T>;
    const Index next = w.block * panel<T>; // of the panels of v and m
    const Index together = tiles - WinogradRows<height>{tiles}.alone;
    for (; count >= panels; count -= panels, u += panels * u_panel, m += panels * next)
        for (Index k = 0; k < w.from.channels; k += depth) {
            WinogradProduct<T> p{v + k * w.block,
                                 panel<T>,
                                 next,
                                 std::min(depth, w.from.channels - k),
                                 u + k * panel<T>,
                                 u_panel,
                                 m,
                                 next,
                                 k > 0};
            // The last rows fetch what comes next: the next depths, or the next columns.
            const Index ahead = k + depth < w.from.channels ? depth * panel<T> : panels * u_panel - k * panel<T>;
            for (Index t = 0; t < together; t += height, p.a += height * panel<T>, p.c += height * panel<T>) {
                if (t + height >= tiles) p.ahead = ahead;
                winograd_product<height, panels, panel<T>, 1, T>(p);
            }
            for (Index t = together; t < tiles; ++t, p.a += panel<T>, p.c += panel<T>) {
                if (t + 1 == tiles) p.ahead = ahead;
                winograd_product<1, panels, panel<T>, 1, T>(p);
            }
        }
    if constexpr (panels > 1) winograd_multiply<height, panels / 2, T>(w, tiles, count, v, u, m);
}

constexpr bool winograd_prefers_other(Index tiles) {
    return WinogradRows<winograd_other_rows>{tiles}.cost() < WinogradRows<winograd_rows>{tiles}.cost();
}

/// w.m = w.v times the columns [column, end) of the matrices for a block of tiles
template <class T>
[[gnu::noinline]] void winograd_multiply_all(const ops::WinogradPass<T>& w, int matrices, Index tiles, Index column,
                                             Index end) {
    const Index panels = (end - column) / panel<T>;
    for (Index i = 0; i < matrices; ++i) {
        const T* const v = w.v + i * w.v_matrix;
        const T* const u = w.packed + (i * padded<T>(w.to.channels) + column) * w.from.channels;
        T* const m = w.m + i * w.m_matrix;
        if (winograd_prefers_other(tiles))
            winograd_multiply<winograd_other_rows, winograd_other_panels, T>(w, tiles, panels, v, u, m);
        else
            winograd_multiply<winograd_rows, winograd_panels, T>(w, tiles, panels, v, u, m);
    }
}

/// The transform M of a vector of numbers, one in each of the matrices.
template <class Transform, class T>
[[gnu::always_inline]] inline void winograd_collect(const T* m, Index next_matrix,
                                                    WinogradPixels<Transform::rows, T>& pixels) {
    winograd_transform<Transform, T>(WinogradReader<T>{m, Transform::columns * next_matrix, next_matrix},
                                     pixels.writer());
}

template <class T>
[[gnu::always_inline]] inline Vector<T> winograd_bias(const ops::WinogradPass<T>& w, Index channel) {
    return w.bias == nullptr ? Vector<T>{} : load_until<T>(w.bias + channel, w.bias + w.to.channels);
}

/// Writes a tile's pixels as far as they are wanted.
template <int tile, class T>
struct WinogradStore {
    static void run(const ops::WinogradPass<T>& w, const ops::WinogradTile& place, Index channel, const T* m) {
        using Output = typename ops::WinogradTransforms<tile>::Output;
        const ops::WinogradImages<T>& y = w.to;
        const Vector<T> bias = winograd_bias(w, channel);
        WinogradPixels<tile, T> pixels;
        winograd_collect<Output, T>(m, w.m_matrix, pixels);
        const Index row = tile * place.row, column = tile * place.column;
        T* const to = y.data + ((place.sample * y.height + row) * y.width + column) * y.channels + channel;
        for (Index i = 0; i < std::min<Index>(tile, y.height - row); ++i)
            for (Index j = 0; j < std::min<Index>(tile, y.width - column); ++j) {
                T* const at = to + (i * y.width + j) * y.channels;
                store_until<T>(at, at + y.channels - channel, winograd_rectified<T>(pixels(i, j) + bias, w.relu));
            }
    }
};

/// Writes the largest of the pixels of a tile, which is a cell.
template <class T>
struct WinogradStorePooled {
    static void run(const ops::WinogradPass<T>& w, const ops::WinogradTile& place, Index channel, const T* m) {
        const Vector<T> bias = winograd_bias(w, channel);
        WinogradPixels<2, T> pixels;
        winograd_collect<ops::WinogradTransforms<2>::Output, T>(m, w.m_matrix, pixels);
        PooledWinner<T> winner{pixels(0, 0) + bias, {}};
#pragma GCC unroll unrolled
        for (int i = 1; i < 4; ++i) winner.compete(pixels(i / 2, i % 2) + bias, i);
        const Index cell = (place.sample * w.grid.rows + place.row) * w.grid.columns + place.column;
        winner.put(w.to.data, w.codes, cell * w.to.channels + channel, w.relu, w.to.channels - channel);
    }
};

/// Adds a tile's part of the gradient by the input.
template <int tile, class T>
struct WinogradAdd {
    static void run(const ops::WinogradPass<T>& w, const ops::WinogradTile& place, Index channel, const T* m) {
        using Input = ops::WinogradTransposed<typename ops::WinogradTransforms<tile>::Input>;
        const ops::WinogradImages<T>& dx = w.to;
        WinogradPixels<tile + 2, T> pixels;
        winograd_collect<Input, T>(m, w.m_matrix, pixels);
        const Index row = tile * place.row - w.top, column = tile * place.column - w.left;
        T* const to = dx.data + ((place.sample * dx.height + row) * dx.width + column) * dx.channels + channel;
        for (Index i = std::max<Index>(0, -row); i < std::min<Index>(tile + 2, dx.height - row); ++i)
            for (Index j = std::max<Index>(0, -column); j < std::min<Index>(tile + 2, dx.width - column); ++j) {
                T* const at = to + (i * dx.width + j) * dx.channels;
                const T* const end = at + dx.channels - channel;
                store_until<T>(at, end, load_until<T>(at, end) + pixels(i, j));
            }
    }
};

/// The tiles of w.from through Read, in patches of extent * extent pixels that begin `step` apart, the products, and Write.
template <int extent, int step, class Read, class Write, class T>
inline void winograd_run(const ops::WinogradPass<T>& w, Index top, Index left) {
    constexpr Index most = ops::Winograd::filter_panels * panel<T>;
    const Index channels = w.from.channels;
    ops::WinogradTile read{};
    ops::WinogradTile write{};
    for (Index first = 0; first < w.grid.tiles(); first += w.block) {
        const Index tiles = std::min(w.block, w.grid.tiles() - first);
        // Register tiles may reach over the last tile: there they find zeros.
        const Index whole = winograd_prefers_other(tiles) ? WinogradRows<winograd_other_rows>{tiles}.whole()
                                                          : WinogradRows<winograd_rows>{tiles}.whole();
        for (Index t = 0; t < whole; ++t, read.advance(w.grid)) {
            const Index row = t < tiles ? step * read.row - top : w.from.height;
            const auto patch =
                winograd_patch<extent, T>(w.from, read.sample, row, step * read.column - left, 0, channels, w.patch);
            winograd_read<Read, T>(patch, padded<T>(channels) / panel<T>, w.v + t * panel<T>, w.block * panel<T>,
                                   w.v_matrix);
        }
        const ops::WinogradTile block = write;
        for (Index column = 0; column < w.to.channels; column += most) {
            const Index end = std::min(padded<T>(w.to.channels), column + most);
            winograd_multiply_all<T>(w, Read::rows * Read::rows, tiles, column, end);
            write = block;
            for (Index t = 0; t < tiles; ++t, write.advance(w.grid))
                for (Index c = column; c < std::min(end, w.to.channels); c += width<T>)
                    Write::run(w, write, c, w.m + ((c - column) / panel<T> * w.block + t) * panel<T> + c % panel<T>);
        }
    }
}

/// dkernel += G^T sums G for channels [from, end) of the part, from panel `first` of its filters on
template <int tile, class T>
[[gnu::noinline]] void winograd_add_kernel(const ops::WinogradKernelGradient<T>& w, const ops::WinogradPart& part,
                                           const T* sums, Index from, Index end, Index first, Index panels) {
    using Kernel = ops::WinogradTransposed<typename ops::WinogradTransforms<tile>::Kernel>;
    const Index next_tap = w.x.channels * w.dy.channels;
    for (Index c = from; c < end; ++c)
        for (Index f = 0; f < std::min(panels * panel<T>, part.filters - first * panel<T>); f += width<T>) {
            const Index panel_sums = f / panel<T> * Kernel::columns * Kernel::columns * w.sums_matrix;
            WinogradPixels<3, T> taps;
            winograd_collect<Kernel, T>(sums + panel_sums + (c - from) * panel<T> + f % panel<T>, w.sums_matrix, taps);
            const Index filter = first * panel<T> + f;
            T* const to = w.dkernel + (part.channel + c) * w.dy.channels + part.filter + filter;
            for (Index i = 0; i < 3; ++i) {
#pragma GCC unroll 1
                for (Index j = 0; j < 3; ++j) {
                    T* const at = to + (3 * i + j) * next_tap;
                    const T* const last = at + part.filters - filter;
                    store_until<T>(at, last, load_until<T>(at, last) + taps(i, j));
                }
            }
        }
}

/// sums[channel][filter] = or += sum over a block of tiles of v[tile][channel] g[tile][filter], from panel `first` of the filters
/// on. Behind the last block, dkernel += G^T sums G.
template <int tile, int panels, class T>
inline void winograd_accumulate(const ops::WinogradKernelGradient<T>& w, const ops::WinogradPart& part, Index tiles,
                                bool is_first, bool is_last, Index first) {
    constexpr int height = winograd_channels<panels>;
    constexpr Index matrices = ops::winograd_matrices(tile);
    constexpr Index most = ops::Winograd::sum_channels;
    const Index next = w.block * panel<T>; // of the panels of v and g
    const Index next_panel = matrices * w.sums_matrix;
    const Index filter_panels = padded<T>(part.filters) / panel<T>;
    for (; first + panels <= filter_panels; first += panels) {
        for (Index from = 0; from < part.channels; from += most) {
            const Index end = std::min(part.channels, from + most);
            // Sums that are used up at once lie in one place, which stays in the first-level cache.
            T* const sums = w.sums + (is_first && is_last ? 0 : (from / most * filter_panels + first) * next_panel);
            for (Index i = 0; i < matrices; ++i)
                for (Index c = from; c < end; c += height)
                    winograd_product<height, panels, 1, panel<T>, T>(
                        {w.v + i * w.v_matrix + c / panel<T> * next + c % panel<T>, tiles, 0, tiles,
                         w.g + i * w.g_matrix + first * next, next, sums + i * w.sums_matrix + (c - from) * panel<T>,
                         next_panel, !is_first});
            if (is_last) winograd_add_kernel<tile, T>(w, part, sums, from, end, first, panels);
        }
    }
    if constexpr (panels > 1) winograd_accumulate<tile, panels / 2, T>(w, part, tiles, is_first, is_last, first);
}

} // namespace detail

template <int tile, class T>
void winograd_convolve(Target, const ops::WinogradPass<T>& w) {
    using Input = typename ops::WinogradTransforms<tile>::Input;
    detail::winograd_run<tile + 2, tile, Input, detail::WinogradStore<tile, T>>(w, w.top, w.left);
}

template <class T>
void winograd_convolve_pooled(Target, const ops::WinogradPass<T>& w) {
    using Input = typename ops::WinogradTransforms<2>::Input;
    detail::winograd_run<4, 2, Input, detail::WinogradStorePooled<T>>(w, w.top, w.left);
}

template <int tile, class T>
void winograd_input_gradient(Target, const ops::WinogradPass<T>& w) {
    using Output = typename ops::WinogradTransforms<tile>::Output;
    detail::winograd_run<tile, tile, ops::WinogradTransposed<Output>, detail::WinogradAdd<tile, T>>(w, 0, 0);
}

template <int tile, class T>
void winograd_kernel_gradient(Target, const ops::WinogradKernelGradient<T>& w, const ops::WinogradPart& part) {
    using Input = typename ops::WinogradTransforms<tile>::Input;
    using Gradient = ops::WinogradTransposed<typename ops::WinogradTransforms<tile>::Output>;
    const Index next_panel = w.block * panel<T>;
    const Index all = w.grid.tiles();
    ops::WinogradTile place{};
    for (Index first = 0; first < all; first += w.block) {
        const Index tiles = std::min(w.block, all - first);
        for (Index t = 0; t < tiles; ++t, place.advance(w.grid)) {
            const Index row = tile * place.row, column = tile * place.column;
            const auto inputs = detail::winograd_patch<tile + 2, T>(w.x, place.sample, row - w.top, column - w.left,
                                                                    part.channel, part.channels, w.patch);
            detail::winograd_read<Input, T>(inputs, padded<T>(part.channels) / panel<T>, w.v + t * panel<T>, next_panel,
                                            w.v_matrix);
            const auto gradients =
                detail::winograd_patch<tile, T>(w.dy, place.sample, row, column, part.filter, part.filters, w.patch);
            detail::winograd_read<Gradient, T>(gradients, padded<T>(part.filters) / panel<T>, w.g + t * panel<T>,
                                               next_panel, w.g_matrix);
        }
        detail::winograd_accumulate<tile, detail::winograd_panels, T>(w, part, tiles, first == 0, first + tiles == all,
                                                                      0);
    }
}

} // namespace fovea::simd::FOVEA_TARGET
