// The backward passes of ops/pooled_conv2d.hpp for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// dbias += the live gradients of one image.
template <class T>
inline void add_live_bias(const ops::PooledConv2D& g, const T* dy, const std::uint8_t* codes, T* dbias) {
    for (Index column = 0; column < g.filters; column += width<T>) {
        const Index count = g.filters - column;
        Vector<T> sum = load_up_to<T>(dbias + column, count);
        for (Index cell = 0; cell < g.cell_count(); ++cell) {
            const Index at = cell * g.filters + column;
            const Index readable = g.pooled_image() - at;
            sum = sum + select<T>(load_codes<T>(codes + at, readable) == broadcast<Integer<T>>(dead_cell), Vector<T>{},
                                  load_up_to<T>(dy + at, readable));
        }
        store_up_to<T>(dbias + column, sum, count);
    }
}

/// Bit i of masks[word][filter]: whether cell word * live_word + i has a gradient there.
template <class T>
inline void mask_live_cells(const ops::PooledConv2D& g, const std::uint8_t* codes, Integer<T>* masks) {
    constexpr Index most = ops::PooledConv2D::live_word;
    for (Index first = 0; first < g.cell_count(); first += most, masks += padded<T>(g.filters)) {
        const Index cells = std::min(most, g.cell_count() - first);
        for (Index column = 0; column < g.filters; column += width<T>) {
            Vector<Integer<T>> mask{};
            for (Index i = 0; i < cells; ++i) {
                const Index at = (first + i) * g.filters + column;
                const auto live = load_codes<T>(codes + at, g.pooled_image() - at) != broadcast<Integer<T>>(dead_cell);
                mask = mask | (live & broadcast<Integer<T>>(static_cast<Integer<T>>(std::uint32_t{1} << i)));
            }
            store<Integer<T>>(masks + column, mask);
        }
    }
}

/// The live cells of a filter among those that a mask has bits for: where their patches, codes and gradients lie.
template <class T>
struct LiveCells {
    std::uint32_t mask; ///< not 0
    const std::int32_t* cells;
    const std::int32_t* taps;
    const std::uint8_t* codes;
    const T* dy;
    Index filters; ///< from one code or gradient to the next
};

/// sums[a] += gradient * patch over the live cells for `lines` runs of the patch, `panels` of each. Run a lies at x + cell + tap +
/// runs[a]. Cost: a fused multiply-add and a load for each vector and cell.
template <int lines, int panels, class T>
inline void add_patches(const LiveCells<T>& live, const T* x, const std::int32_t* runs, T* sums, Index stride) {
    constexpr int vectors = panels * panel_vectors;
    constexpr int rows = lines; // g++ takes no template parameter in the pragma's loop
    Vector<T> sum[lines][vectors];
    const T* from[lines];
#pragma GCC unroll unrolled
    for (int a = 0; a < rows; ++a) {
        from[a] = x + runs[a];
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) sum[a][j] = load<T>(sums + a * stride + j * width<T>);
    }
    std::uint32_t mask = live.mask;
    do { // a loop that may not run at all costs g++ copies of all sums
        const Index cell = std::countr_zero(mask);
        const Index at = cell * live.filters;
        const Index patch = live.cells[cell] + live.taps[live.codes[at]];
        const Vector<T> gradient = broadcast<T>(live.dy[at]);
#pragma GCC unroll unrolled
        for (int a = 0; a < rows; ++a)
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j)
                sum[a][j] = fma<T>(gradient, load<T>(from[a] + patch + j * width<T>), sum[a][j]);
        mask &= mask - 1;
    } while (mask != 0);
#pragma GCC unroll unrolled
    for (int a = 0; a < rows; ++a)
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) store<T>(sums + a * stride + j * width<T>, sum[a][j]);
}

/// Runs that are added up at once: about as many sums as the registers hold.
template <int panels>
inline constexpr int patch_lines = std::clamp((Target::registers == 32 ? 24 : 12) / (panels * panel_vectors), 1, 3);

/// The same for all runs of a patch, `panels` from `column` on.
template <int panels, class T>
inline void add_patch_block(const ops::PooledConv2D& g, const LiveCells<T>& live, const T* x, T* sums, Index column) {
    constexpr int lines = patch_lines<panels>;
    const Index stride = padded<T>(g.run);
    const auto count = static_cast<Index>(g.runs.size());
    const std::int32_t* const runs = g.runs.data();
    Index r = 0;
    for (; r + lines <= count; r += lines)
        add_patches<lines, panels, T>(live, x + column, runs + r, sums + r * stride + column, stride);
    if constexpr (lines > 1)
        for (; r < count; ++r)
            add_patches<1, panels, T>(live, x + column, runs + r, sums + r * stride + column, stride);
}

/// dx += the gradients of one image through `panels` of one run of the kernel. The rows of weights, one a filter, are
/// `stride` apart. Zeros behind a run are added to what comes next to it, as long as that is before `end`.
template <int panels, class T>
inline void add_run(std::span<const ops::PooledTap> taps, const T* weights, Index stride, const T* dy, T* dx,
                    const T* end) {
    constexpr int vectors = panels * panel_vectors;
    constexpr Index block = panels * panel<T>;
    T part[block];
    for (const ops::PooledTap& tap : taps) {
        T* const to = dx + tap.patch;
        const bool whole = end - to >= block;
        T* const place = whole ? to : part;
        if (!whole) std::fill(std::copy(static_cast<const T*>(to), end, part), part + block, T{});
        Vector<T> sum[vectors];
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) sum[j] = load<T>(place + j * width<T>);
        const T* const gradients = dy + tap.gradients;
        const T* const rows = weights + tap.first * stride;
        std::uint64_t live = tap.live;
        do { // a loop that may not run at all costs g++ copies of all sums
            const Index filter = std::countr_zero(live);
            const T* const row = rows + filter * stride;
            const Vector<T> gradient = broadcast<T>(gradients[filter]);
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j) sum[j] = fma<T>(gradient, load<T>(row + j * width<T>), sum[j]);
            live &= live - 1;
        } while (live != 0);
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) store<T>(place + j * width<T>, sum[j]);
        if (!whole) std::copy_n(part, end - to, to);
    }
}

/// Bit i of the result: bytes[i] == byte, for the first `count` <= 64 of them.
inline std::uint64_t equal_bytes(const std::uint8_t* bytes, Index count, std::uint8_t byte) {
#if FOVEA_TARGET_BYTES == 64
    const __mmask64 wanted = ~std::uint64_t{0} >> (64 - count);
    return _mm512_mask_cmpeq_epi8_mask(wanted, _mm512_maskz_loadu_epi8(wanted, bytes),
                                       _mm512_set1_epi8(static_cast<char>(byte)));
#elif FOVEA_TARGET_BYTES == 32
    if (count < 64) return ops::detail::equal_bytes(bytes, count, byte);
    const __m256i all = _mm256_set1_epi8(static_cast<char>(byte));
    std::uint64_t result = 0;
    for (int i = 0; i < 64; i += 32) {
        const __m256i these = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i));
        const int equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(these, all));
        result |= std::uint64_t{static_cast<std::uint32_t>(equal)} << i;
    }
    return result;
#else
    return ops::detail::equal_bytes(bytes, count, byte);
#endif
}

} // namespace detail

/// The taps of an image's cells that won any filter, those with few filters first: a loop over the filters of one tap after another
/// then mostly turns as often as the time before, which the processor foresees. Returns how many.
inline Index list_live_taps(Target, const ops::PooledConv2D& g, const std::uint8_t* codes, std::uint64_t* masks,
                            ops::PooledTap* live) {
    Index place[65]{}; // by the number of filters: how many taps, then where the next of them goes
    std::uint64_t* next = masks;
    for (Index cell = 0; cell < g.cell_count(); ++cell)
        for (Index first = 0; first < g.filters; first += 64)
            for (Index tap = 0; tap < g.pool.taps(); ++tap, ++next) {
                *next = detail::equal_bytes(codes + cell * g.filters + first, std::min<Index>(g.filters - first, 64),
                                            static_cast<std::uint8_t>(tap));
                ++place[std::popcount(*next)];
            }
    place[0] = 0; // they are left out
    Index count = 0;
    for (Index& taps : place) taps = std::exchange(count, count + taps);
    next = masks;
    for (Index cell = 0; cell < g.cell_count(); ++cell)
        for (Index first = 0; first < g.filters; first += 64)
            for (Index tap = 0; tap < g.pool.taps(); ++tap, ++next)
                if (*next != 0)
                    live[place[std::popcount(*next)]++] = {*next, first, cell * g.filters + first,
                                                           Index{g.cells[static_cast<std::size_t>(cell)]} +
                                                               g.taps[static_cast<std::size_t>(tap)]};
    return count;
}

/// The gradient by the bias and, from live cells only, into p.block. `masks` holds g.live_words() of them.
template <class T>
void pooled_backward_live(Target, const ops::PooledBackward<T>& p, const T* x, const T* dy, const std::uint8_t* codes) {
    const ops::PooledConv2D& g = *p.geometry;
    const Index panels = padded<T>(g.run) / panel<T>;
    const Index row = static_cast<Index>(g.runs.size()) * padded<T>(g.run);
    if (p.dbias != nullptr) detail::add_live_bias<T>(g, dy, codes, p.dbias);
    detail::mask_live_cells<T>(g, codes, p.masks);
    for (Index filter = 0; filter < g.filters; ++filter) {
        T* const sums = p.block + filter * row;
        const Integer<T>* mask = p.masks + filter;
        for (Index first = 0; first < g.cell_count();
             first += ops::PooledConv2D::live_word, mask += padded<T>(g.filters)) {
            if (*mask == 0) continue;
            const Index at = first * g.filters + filter;
            const detail::LiveCells<T> live{static_cast<std::uint32_t>(*mask),
                                            g.cells.data() + first,
                                            g.taps.data(),
                                            codes + at,
                                            dy + at,
                                            g.filters};
            for (Index done = 0; done < panels;) {
                const Index block = ops::PooledConv2D::block_panels(panels - done);
                const Index column = done * panel<T>;
                if (block == 6)
                    detail::add_patch_block<6, T>(g, live, x, sums, column);
                else if (block == 3)
                    detail::add_patch_block<3, T>(g, live, x, sums, column);
                else if (block == 2)
                    detail::add_patch_block<2, T>(g, live, x, sums, column);
                else
                    detail::add_patch_block<1, T>(g, live, x, sums, column);
                done += block;
            }
        }
    }
}

/// One image of dx, which is zero before. The blocks of a run are the same for every instruction set, since the order
/// of the sums depends on them.
template <class T>
void pooled_backward_input(Target, const ops::PooledConv2D& g, const T* weights, const T* dy,
                           std::span<const ops::PooledTap> taps, T* dx, const T* end) {
    const Index stride = padded<T>(g.run);
    const Index panels = stride / panel<T>;
    for (const std::int32_t run : g.runs) {
        for (Index done = 0; done < panels;) {
            const Index block = ops::PooledConv2D::block_panels(panels - done);
            const Index column = done * panel<T>;
            T* const to = dx + run + column;
            if (block == 6)
                detail::add_run<6, T>(taps, weights + column, stride, dy, to, end);
            else if (block == 3)
                detail::add_run<3, T>(taps, weights + column, stride, dy, to, end);
            else if (block == 2)
                detail::add_run<2, T>(taps, weights + column, stride, dy, to, end);
            else
                detail::add_run<1, T>(taps, weights + column, stride, dy, to, end);
            done += block;
        }
        weights += g.filters * stride;
    }
}

} // namespace fovea::simd::FOVEA_TARGET
