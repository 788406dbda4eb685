// The gradient by the kernel of ops/pooled_conv2d.hpp along the filters, for patches whose runs are short.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// What is worked on at once: `code_vectors` of filters, and so many elements of a patch that the sums fit the registers.
inline constexpr int code_vectors = 2;
inline constexpr int code_chunk = Target::registers == 32 ? 9 : 5;

template <class T>
using Filters = Vector<T>[code_vectors];
template <class T>
using ChunkSums = Filters<T>[code_chunk];

/// Elements [first, last) of a patch.
struct PatchChunk {
    Index first;
    Index last;
    Index at[code_chunk]; ///< from the patch's beginning; those behind the last are the last

    PatchChunk(const ops::PooledConv2D& g, Index from) : first(from), last(std::min(from + code_chunk, g.patch())) {
        for (int i = 0; i < code_chunk; ++i) at[i] = g.columns[static_cast<std::size_t>(std::min(first + i, last - 1))];
    }
};

/// sums += the gradient of a cell, cut out by its code for each tap, times the chunk of the tap's patch, which begins at
/// `patch`. Cost: that of the dense product.
template <class T>
[[gnu::always_inline]] inline void add_taps(const ops::PooledConv2D& g, const PatchChunk& chunk, const T* patch,
                                            const Filters<T>& gradient, const Filters<Integer<T>>& code,
                                            ChunkSums<T>& sums) {
    const Index taps = g.pool.taps();
    for (Index tap = 0; tap < taps; ++tap) {
        const T* const from = patch + g.taps[static_cast<std::size_t>(tap)];
        Filters<T> chosen;
#pragma GCC unroll unrolled
        for (int j = 0; j < code_vectors; ++j)
            chosen[j] =
                select<T>(code[j] == broadcast<Integer<T>>(static_cast<Integer<T>>(tap)), gradient[j], Vector<T>{});
#pragma GCC unroll unrolled
        for (int i = 0; i < code_chunk; ++i) {
            const Vector<T> value = broadcast<T>(from[chunk.at[i]]);
#pragma GCC unroll unrolled
            for (int j = 0; j < code_vectors; ++j) sums[i][j] = fma<T>(value, chosen[j], sums[i][j]);
        }
    }
}

#if FOVEA_TARGET_BYTES == 64

/// What all taps of a cell read for a chunk: `rows` rows of the image, `length` elements of each, side by side in the lanes of
/// two vectors. A filter then takes from there what the tap that won reads.
template <class T>
struct CellRows {
    Index start = 0; ///< of the first row, from the cell's first patch
    Index pitch;     ///< from row to row in the image
    Index rows = 0;
    Index length = 0;
    Integer<T> elements[code_chunk]{}; ///< the lanes of the chunk's elements for the first tap
    Integer<T> taps[width<T>]{};       ///< so many lanes behind them are those of another tap
    bool both = false;                 ///< vectors are needed
    bool fit;

    CellRows(const ops::PooledConv2D& g, const PatchChunk& chunk) : pitch(g.width * g.channels) {
        const Index last_tap = g.taps[static_cast<std::size_t>(g.pool.taps() - 1)];
        Index left = pitch, right = 0;
        for (const Index at : chunk.at) {
            left = std::min(left, at % pitch);
            right = std::max(right, at % pitch);
        }
        start = chunk.at[0] / pitch * pitch + left;
        rows = (chunk.at[code_chunk - 1] / pitch * pitch + left - start + last_tap) / pitch + 1;
        length = right - left + last_tap % pitch + 1;
        fit = rows * length <= 2 * width<T> && g.pool.taps() <= width<T>;
        both = rows * length > width<T>;
        if (!fit) return;
        for (int i = 0; i < code_chunk; ++i) elements[i] = lane(chunk.at[i] - start);
        for (Index i = 0; i < g.pool.taps(); ++i) taps[i] = lane(g.taps[static_cast<std::size_t>(i)]);
    }

    Integer<T> lane(Index place) const { return static_cast<Integer<T>>(place / pitch * length + place % pitch); }

    /// Those of the cell whose first patch begins at `patch`.
    [[gnu::always_inline]] void read(const T* patch, Vector<T>& low, Vector<T>& high) const {
        const T* from = patch + start;
        std::uint64_t row = (std::uint64_t{1} << length) - 1;
        low = high = Vector<T>{};
        for (Index i = 0; i < rows; ++i, from += pitch - length, row <<= length) {
            low = load_onto(low, row, from);
            if (both) high = load_onto(high, row >> width<T>, from + width<T>);
        }
    }

    /// from[i] in the lanes i that `mask` has bits for, `rest` in the others. Reads nothing else.
    [[gnu::always_inline]] static Vector<T> load_onto(const Vector<T>& rest, std::uint64_t mask, const T* from) {
        if constexpr (sizeof(T) == 4)
            return Vector<T>(_mm512_mask_loadu_ps(__m512(rest), static_cast<__mmask16>(mask), from));
        else
            return Vector<T>(_mm512_mask_loadu_pd(__m512d(rest), static_cast<__mmask8>(mask), from));
    }

    /// How many lanes on from the first tap's, for each filter.
    [[gnu::always_inline]] Vector<Integer<T>> lanes_on(const Vector<Integer<T>>& code) const {
        const auto table = __m512i(load<Integer<T>>(taps));
        if constexpr (sizeof(T) == 4)
            return Vector<Integer<T>>(_mm512_maskz_permutexvar_epi32(0xFFFF, __m512i(code), table));
        else
            return Vector<Integer<T>>(_mm512_maskz_permutexvar_epi64(0xFF, __m512i(code), table));
    }

    [[gnu::always_inline]] static Vector<T> look_up(const Vector<T>& low, const Vector<T>& high,
                                                    const Vector<Integer<T>>& lanes) {
        if constexpr (sizeof(T) == 4)
            return Vector<T>(_mm512_permutex2var_ps(__m512(low), __m512i(lanes), __m512(high)));
        else
            return Vector<T>(_mm512_permutex2var_pd(__m512d(low), __m512i(lanes), __m512d(high)));
    }
};

/// The same as add_taps where the rows fit. Cost: that of one tap, and as many look-ups. A number in x that is not finite
/// spreads only to filters whose tap reads it, as it does where dead cells are skipped.
template <class T>
[[gnu::always_inline]] inline void add_winner(const CellRows<T>& rows, const T* patch, const Filters<T>& gradient,
                                              const Filters<Integer<T>>& code, ChunkSums<T>& sums) {
    Vector<T> low, high;
    Filters<T> live;
    Filters<Integer<T>> lanes;
    rows.read(patch, low, high);
#pragma GCC unroll unrolled
    for (int j = 0; j < code_vectors; ++j) {
        live[j] = select<T>(code[j] == broadcast<Integer<T>>(dead_cell), Vector<T>{}, gradient[j]);
        lanes[j] = rows.lanes_on(code[j]);
    }
#pragma GCC unroll unrolled
    for (int i = 0; i < code_chunk; ++i)
#pragma GCC unroll unrolled
        for (int j = 0; j < code_vectors; ++j) {
            const Vector<Integer<T>> at = lanes[j] + broadcast<Integer<T>>(rows.elements[i]);
            sums[i][j] = fma<T>(CellRows<T>::look_up(low, high, at), live[j], sums[i][j]);
        }
}

#else // look-ups in two registers would cost as much as they save, or there are none

template <class T>
struct CellRows {
    static constexpr bool fit = false;
    CellRows(const ops::PooledConv2D&, const PatchChunk&) {}
};
template <class T>
inline void add_winner(const CellRows<T>&, const T*, const Filters<T>&, const Filters<Integer<T>>&, ChunkSums<T>&) {}

#endif

/// The rows of dkernel for a chunk += for one image, vectors across the filters from `column` on. `readable` elements of dy
/// and codes are there.
template <class T>
inline void add_by_code(const ops::PooledBackward<T>& p, const PatchChunk& chunk,
                        [[maybe_unused]] const CellRows<T>& rows, const T* x, const T* dy, const std::uint8_t* codes,
                        Index readable, Index column) {
    const ops::PooledConv2D& g = *p.geometry;
    // Through memory of constant size: loads and stores of so many parts would be most of the code.
    constexpr Index wanted = code_vectors * width<T>;
    const Index there = std::min(g.filters - column, wanted);
    const Index count = chunk.last - chunk.first;
    T* const dkernel = p.dkernel + chunk.first * g.filters + column;
    T block[code_chunk][wanted]{};
    for (Index i = 0; i < count; ++i) std::copy_n(dkernel + i * g.filters, there, block[i]);
    ChunkSums<T> sums;
#pragma GCC unroll unrolled
    for (int i = 0; i < code_chunk; ++i)
#pragma GCC unroll unrolled
        for (int j = 0; j < code_vectors; ++j) sums[i][j] = load<T>(block[i] + j * width<T>);
    for (Index cell = 0; cell < g.cell_count(); ++cell) {
        const T* const patch = x + g.cells[static_cast<std::size_t>(cell)];
        Filters<T> gradient;
        Filters<Integer<T>> code;
#pragma GCC unroll unrolled
        for (int j = 0; j < code_vectors; ++j) {
            const Index from = cell * g.filters + column + j * width<T>;
            gradient[j] = load_up_to<T>(dy + from, readable - from);
            code[j] = load_codes<T>(codes + from, readable - from);
        }
        if (rows.fit)
            add_winner<T>(rows, patch, gradient, code, sums);
        else
            add_taps<T>(g, chunk, patch, gradient, code, sums);
    }
#pragma GCC unroll unrolled
    for (int i = 0; i < code_chunk; ++i)
#pragma GCC unroll unrolled
        for (int j = 0; j < code_vectors; ++j) store<T>(block[i] + j * width<T>, sums[i][j]);
    for (Index i = 0; i < count; ++i) std::copy_n(block[i], there, dkernel + i * g.filters);
}

} // namespace detail

/// The gradient by bias and kernel of a batch, cell by cell.
template <class T>
void pooled_backward_by_code(Target, const ops::PooledBackward<T>& p, Index batch) {
    const ops::PooledConv2D& g = *p.geometry;
    for (Index n = 0; n < batch && p.dbias != nullptr; ++n)
        detail::add_live_bias<T>(g, p.dy + n * g.pooled_image(), p.codes + n * g.pooled_image(), p.dbias);
    for (Index k = 0; k < g.patch(); k += detail::code_chunk) {
        const detail::PatchChunk chunk(g, k);
        const detail::CellRows<T> rows(g, chunk);
        for (Index n = 0; n < batch; ++n) {
            const T* const x = p.x + n * g.image();
            const T* const dy = p.dy + n * g.pooled_image();
            const std::uint8_t* const codes = p.codes + n * g.pooled_image();
            for (Index column = 0; column < g.filters; column += detail::code_vectors * width<T>)
                detail::add_by_code<T>(p, chunk, rows, x, dy, codes, g.pooled_image(), column);
        }
    }
}

} // namespace fovea::simd::FOVEA_TARGET
