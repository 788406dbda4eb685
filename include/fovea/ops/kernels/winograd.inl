// The transforms and products of ops/winograd.hpp for one instruction set. Transforms add and subtract only, or multiply by
// a power of two what they store, so nothing in them can be fused.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Rows of a register tile; they divide ops::Winograd::tile_rows.
inline constexpr int winograd_rows = Target::registers == 32 || panel_vectors == 2 ? 6 : 2;

/// Channels of a register tile of the gradient of the kernel: divides both 16 and 8, the channels of a panel.
template <int panels>
inline constexpr int winograd_channels = Target::registers == 32 && panels* panel_vectors < 4 ? 8 : 4;

/// Panels of the widest register tile.
inline constexpr int winograd_panels = FOVEA_TARGET_BYTES == 64 ? ops::Winograd::filter_panels : 1;

/// Pixels of which the first lies at `data`.
template <class T>
struct WinogradPatch {
    const T* data;
    Index row, column;
};

/// extent * extent pixels from (i, j) on and of them whole panels of channels, of which `channels` count. Most are read
/// where they lie; what reaches over the edge of the image (zero there) or over the end of the tensor is copied.
template <int extent, class T>
inline WinogradPatch<T> winograd_patch(const ops::WinogradImages<T>& x, Index sample, Index i, Index j, Index channel,
                                       Index channels, T* copy) {
    const Index lanes = padded<T>(channels);
    const Index at = ((sample * x.height + i) * x.width + j) * x.channels + channel;
    const Index last = at + (extent - 1) * (x.width + 1) * x.channels;
    if (i >= 0 && j >= 0 && i + extent <= x.height && j + extent <= x.width && last + lanes <= x.size)
        return {x.data + at, x.width * x.channels, x.channels};
    T* to = copy;
    for (Index r = i; r < i + extent; ++r) {
        for (Index c = j; c < j + extent; ++c, to += lanes) {
            const bool inside = r >= 0 && r < x.height && c >= 0 && c < x.width;
            if (inside) std::copy_n(x.data + at + ((r - i) * x.width + c - j) * x.channels, channels, to);
            std::fill(inside ? to + channels : to, to + lanes, T{});
        }
    }
    return {copy, extent * lanes, lanes};
}

/// v = B^T d B, one number in each of 16 matrices.
template <class T>
inline void winograd_input(const WinogradPatch<T>& d, Index panels, T* v, Index next_panel, Index next_matrix) {
    constexpr int left[4] = {0, 1, 2, 1};
    constexpr int right[4] = {2, 2, 1, 3};
    for (Index p = 0; p < panels; ++p) {
        for (Index q = 0; q < panel<T>; q += width<T>) {
            const T* const from = d.data + p * panel<T> + q;
            T* to = v + p * next_panel + q;
#pragma GCC unroll unrolled
            for (int r = 0; r < 4; ++r, to += 4 * next_matrix) {
                Vector<T> t[4];
#pragma GCC unroll unrolled
                for (int c = 0; c < 4; ++c) {
                    const Vector<T> a = load<T>(from + left[r] * d.row + c * d.column);
                    const Vector<T> b = load<T>(from + right[r] * d.row + c * d.column);
                    t[c] = r == 1 ? a + b : a - b;
                }
                store<T>(to, t[0] - t[2]);
                store<T>(to + next_matrix, t[1] + t[2]);
                store<T>(to + 2 * next_matrix, t[2] - t[1]);
                store<T>(to + 3 * next_matrix, t[1] - t[3]);
            }
        }
    }
}

/// w = A d A^T of 2 * 2 gradients.
template <class T>
inline void winograd_gradient(const WinogradPatch<T>& d, Index panels, T* w, Index next_panel, Index next_matrix) {
    for (Index p = 0; p < panels; ++p) {
        for (Index q = 0; q < panel<T>; q += width<T>) {
            const T* const from = d.data + p * panel<T> + q;
            T* to = w + p * next_panel + q;
            Vector<T> t[4][2];
#pragma GCC unroll unrolled
            for (int c = 0; c < 2; ++c) {
                const Vector<T> a = load<T>(from + c * d.column);
                const Vector<T> b = load<T>(from + d.row + c * d.column);
                t[0][c] = a;
                t[1][c] = a + b;
                t[2][c] = a - b;
                t[3][c] = -b;
            }
#pragma GCC unroll unrolled
            for (int r = 0; r < 4; ++r, to += 4 * next_matrix) {
                store<T>(to, t[r][0]);
                store<T>(to + next_matrix, t[r][0] + t[r][1]);
                store<T>(to + 2 * next_matrix, t[r][0] - t[r][1]);
                store<T>(to + 3 * next_matrix, -t[r][1]);
            }
        }
    }
}

/// y = A^T m A + bias: the 4 pixels of a tile, row by row.
template <class T>
[[gnu::always_inline]] inline void winograd_output(const T* m, Index next_matrix, const Vector<T>& bias,
                                                   Vector<T> (&y)[4]) {
    Vector<T> upper[4];
    Vector<T> lower[4];
#pragma GCC unroll unrolled
    for (int c = 0; c < 4; ++c) {
        const T* const from = m + c * next_matrix;
        const Vector<T> b = load<T>(from + 4 * next_matrix);
        const Vector<T> d = load<T>(from + 8 * next_matrix);
        upper[c] = load<T>(from) + b + d;
        lower[c] = b - d - load<T>(from + 12 * next_matrix);
    }
    y[0] = upper[0] + upper[1] + upper[2] + bias;
    y[1] = upper[1] - upper[2] - upper[3] + bias;
    y[2] = lower[0] + lower[1] + lower[2] + bias;
    y[3] = lower[1] - lower[2] - lower[3] + bias;
}

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

/// m[tile][filter] = sum over channels of v[tile][channel] u[channel][filter] for `count` panels of filters
template <int panels, class T>
inline void winograd_multiply(const ops::WinogradForward<T>& w, Index tiles, Index count, const T* v, const T* u,
                              T* m) {
    constexpr Index depth = ops::Winograd::depth_block;
    const Index u_panel = w.x.channels * panel<T>;
    const Index next = w.block * panel<T>; // of the panels of v and m
    for (; count >= panels; count -= panels, u += panels * u_panel, m += panels * next)
        for (Index k = 0; k < w.x.channels; k += depth)
            for (Index t = 0; t < tiles; t += winograd_rows)
                winograd_product<winograd_rows, panels, panel<T>, 1, T>(
                    {v + k * w.block + t * panel<T>, panel<T>, next, std::min(depth, w.x.channels - k),
                     u + k * panel<T>, u_panel, m + t * panel<T>, next, k > 0});
    if constexpr (panels > 1) winograd_multiply<panels / 2, T>(w, tiles, count, v, u, m);
}

/// sums[channel][filter] = or += sum over tiles of v[tile][channel] g[tile][filter] for `count` panels of filters
template <int panels, class T>
inline void winograd_accumulate(const ops::WinogradKernelGradient<T>& w, Index tiles, Index channels, Index count,
                                bool add, const T* v, const T* g, T* sums) {
    constexpr int height = winograd_channels<panels>;
    const Index sums_panel = w.channel_block * panel<T>;
    const Index next = w.block * panel<T>; // of the panels of v and g
    for (; count >= panels; count -= panels, g += panels * next, sums += panels * sums_panel)
        for (Index c = 0; c < channels; c += height)
            winograd_product<height, panels, 1, panel<T>, T>({v + c / panel<T> * next + c % panel<T>, tiles, 0, tiles,
                                                              g, next, sums + c * panel<T>, sums_panel, add});
    if constexpr (panels > 1) winograd_accumulate<panels / 2, T>(w, tiles, channels, count, add, v, g, sums);
}

/// Writes a tile's pixels as far as they are wanted.
template <class T>
inline void winograd_store(const ops::WinogradForward<T>& w, const ops::WinogradTile& tile, Index filter, Index end,
                           const T* m) {
    const ops::WinogradGrid& g = w.grid;
    T* const to = w.y + ((tile.sample * g.height + 2 * tile.row) * g.width + 2 * tile.column) * w.filters;
    const bool wide = 2 * tile.column + 1 < g.width;
    const bool high = 2 * tile.row + 1 < g.height;
    for (Index f = filter; f < end; f += panel<T>, m += w.block * panel<T>) {
        for (Index q = 0; q < panel<T>; q += width<T>) {
            const Index left = w.filters - f - q;
            Vector<T> y[4];
            winograd_output<T>(m + q, w.m_matrix, w.bias == nullptr ? Vector<T>{} : load_up_to<T>(w.bias + f + q, left),
                               y);
            store_up_to<T>(to + f + q, winograd_rectified<T>(y[0], w.relu), left);
            if (wide) store_up_to<T>(to + f + q + w.filters, winograd_rectified<T>(y[1], w.relu), left);
            if (!high) continue;
            T* const below = to + f + q + g.width * w.filters;
            store_up_to<T>(below, winograd_rectified<T>(y[2], w.relu), left);
            if (wide) store_up_to<T>(below + w.filters, winograd_rectified<T>(y[3], w.relu), left);
        }
    }
}

/// Writes the largest of a tile's pixels.
template <class T>
inline void winograd_store_pooled(const ops::WinogradForward<T>& w, Index tile, Index filter, Index end, const T* m) {
    for (Index f = filter; f < end; f += panel<T>, m += w.block * panel<T>) {
        for (Index q = 0; q < panel<T>; q += width<T>) {
            const Index left = w.filters - f - q;
            Vector<T> y[4];
            winograd_output<T>(m + q, w.m_matrix, w.bias == nullptr ? Vector<T>{} : load_up_to<T>(w.bias + f + q, left),
                               y);
            PooledWinner<T> winner{y[0], {}};
#pragma GCC unroll unrolled
            for (int i = 1; i < 4; ++i) winner.compete(y[i], i);
            winner.put(w.y, w.codes, tile * w.filters + f + q, w.relu, left);
        }
    }
}

/// dkernel += G^T sums G for one channel and a panel of filters.
template <class T>
inline void winograd_add_kernel(const T* sums, Index next_matrix, T* dkernel, Index next_tap, Index filters) {
    const Vector<T> quarter = broadcast<T>(T{0.25});
    for (Index q = 0; q < panel<T>; q += width<T>) {
#pragma GCC unroll unrolled
        for (int r = 0; r < 3; ++r) {
            Vector<T> t[4]; // twice what G makes of it, and below four times
#pragma GCC unroll unrolled
            for (int c = 0; c < 4; ++c) {
                const T* const from = sums + c * next_matrix + q;
                const Vector<T> upper = load<T>(from + 4 * next_matrix);
                const Vector<T> lower = load<T>(from + 8 * next_matrix);
                const Vector<T> outer = load<T>(from + (r == 0 ? 0 : 12) * next_matrix);
                t[c] = r == 1 ? upper - lower : (upper + lower) + (outer + outer);
            }
            const Vector<T> gradient[3] = {(t[1] + t[2]) + (t[0] + t[0]), t[1] - t[2], (t[1] + t[2]) + (t[3] + t[3])};
#pragma GCC unroll unrolled
            for (int c = 0; c < 3; ++c) {
                T* const to = dkernel + (r * 3 + c) * next_tap + q;
                store_up_to<T>(to, fma<T>(quarter, gradient[c], load_up_to<T>(to, filters - q)), filters - q);
            }
        }
    }
}

} // namespace detail

/// packed = G g G^T for `rows` rows and a panel of columns; taps [9][rows][panel]
template <class T>
void winograd_transform_kernel(Target, const T* taps, Index rows, T* packed, Index next_matrix) {
    for (Index at = 0; at < rows * panel<T>; at += width<T>) {
        Vector<T> t[4][3]; // the rows in the middle without their factor 1/2
#pragma GCC unroll unrolled
        for (int c = 0; c < 3; ++c) {
            const Vector<T> a = load<T>(taps + c * rows * panel<T> + at);
            const Vector<T> b = load<T>(taps + (3 + c) * rows * panel<T> + at);
            const Vector<T> d = load<T>(taps + (6 + c) * rows * panel<T> + at);
            t[0][c] = a;
            t[1][c] = (a + d) + b;
            t[2][c] = (a + d) - b;
            t[3][c] = d;
        }
#pragma GCC unroll unrolled
        for (int r = 0; r < 4; ++r) {
            const bool middle = r == 1 || r == 2;
            const Vector<T> whole = broadcast<T>(middle ? T{0.5} : T{1});
            const Vector<T> half = broadcast<T>(middle ? T{0.25} : T{0.5});
            const Vector<T> outer = t[r][0] + t[r][2];
            T* const to = packed + 4 * r * next_matrix + at;
            store<T>(to, t[r][0] * whole);
            store<T>(to + next_matrix, (outer + t[r][1]) * half);
            store<T>(to + 2 * next_matrix, (outer - t[r][1]) * half);
            store<T>(to + 3 * next_matrix, t[r][2] * whole);
        }
    }
}

template <class T>
void winograd_convolve(Target, const ops::WinogradForward<T>& w) {
    const Index channels = w.x.channels;
    const Index next_panel = w.block * panel<T>;
    ops::WinogradTile read{};
    ops::WinogradTile write{};
    for (Index first = 0; first < w.grid.tiles(); first += w.block) {
        const Index tiles = std::min(w.block, w.grid.tiles() - first);
        // Register tiles may reach over the last tile: there they find zeros.
        for (Index t = 0; t < tiles || t % ops::Winograd::tile_rows != 0; ++t, read.advance(w.grid)) {
            const Index row = t < tiles ? 2 * read.row - w.top : w.x.height;
            const auto patch =
                detail::winograd_patch<4, T>(w.x, read.sample, row, 2 * read.column - w.left, 0, channels, w.patch);
            detail::winograd_input<T>(patch, padded<T>(channels) / panel<T>, w.v + t * panel<T>, next_panel,
                                      w.v_matrix);
        }
        const ops::WinogradTile block = write;
        for (Index f = 0; f < w.filters; f += ops::Winograd::filter_panels * panel<T>) {
            const Index end = std::min(padded<T>(w.filters), f + ops::Winograd::filter_panels * panel<T>);
            for (Index i = 0; i < ops::Winograd::matrices; ++i)
                detail::winograd_multiply<detail::winograd_panels, T>(
                    w, tiles, (end - f) / panel<T>, w.v + i * w.v_matrix,
                    w.packed + (i * padded<T>(w.filters) + f) * channels, w.m + i * w.m_matrix);
            write = block;
            for (Index t = 0; t < tiles; ++t, write.advance(w.grid)) {
                if (w.pooled)
                    detail::winograd_store_pooled<T>(w, first + t, f, end, w.m + t * panel<T>);
                else
                    detail::winograd_store<T>(w, write, f, end, w.m + t * panel<T>);
            }
        }
    }
}

/// The gradient of the kernel's `channels` from `channel` on and `filters` from `filter` on.
template <class T>
void winograd_kernel_gradient(Target, const ops::WinogradKernelGradient<T>& w, Index channel, Index channels,
                              Index filter, Index filters) {
    const Index next_panel = w.block * panel<T>;
    const Index channel_panels = padded<T>(channels) / panel<T>;
    const Index filter_panels = padded<T>(filters) / panel<T>;
    ops::WinogradTile tile{};
    for (Index first = 0; first < w.grid.tiles(); first += w.block) {
        const Index tiles = std::min(w.block, w.grid.tiles() - first);
        for (Index t = 0; t < tiles; ++t, tile.advance(w.grid)) {
            const auto inputs = detail::winograd_patch<4, T>(w.x, tile.sample, 2 * tile.row - w.top,
                                                             2 * tile.column - w.left, channel, channels, w.patch);
            detail::winograd_input<T>(inputs, channel_panels, w.v + t * panel<T>, next_panel, w.v_matrix);
            const auto gradients = detail::winograd_patch<2, T>(w.dy, tile.sample, 2 * tile.row, 2 * tile.column,
                                                                filter, filters, w.patch);
            detail::winograd_gradient<T>(gradients, filter_panels, w.g + t * panel<T>, next_panel, w.g_matrix);
        }
        for (Index i = 0; i < ops::Winograd::matrices; ++i)
            detail::winograd_accumulate<detail::winograd_panels, T>(w, tiles, channels, filter_panels, first > 0,
                                                                    w.v + i * w.v_matrix, w.g + i * w.g_matrix,
                                                                    w.sums + i * w.sums_matrix);
    }
    const Index row = w.dy.channels;
    for (Index c = 0; c < channels; ++c)
        for (Index p = 0; p < filter_panels; ++p)
            detail::winograd_add_kernel<T>(w.sums + (p * w.channel_block + c) * panel<T>, w.sums_matrix,
                                           w.dkernel + (channel + c) * row + filter + p * panel<T>, w.x.channels * row,
                                           filters - p * panel<T>);
}

} // namespace fovea::simd::FOVEA_TARGET
