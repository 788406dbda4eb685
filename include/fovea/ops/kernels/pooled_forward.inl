// The forward passes of ops/pooled_conv2d.hpp for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Bytes for the lanes of a vector. g++ 12 takes a language conversion from or to bytes apart lane by lane, hence the
/// intrinsics.
template <class T>
[[gnu::always_inline]] inline Vector<Integer<T>> load_codes(const std::uint8_t* from) {
#if FOVEA_TARGET_BYTES == 64
    if constexpr (sizeof(T) == 4)
        return Vector<Integer<T>>(
            _mm512_maskz_cvtepu8_epi32(0xFFFF, _mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
    else
        return Vector<Integer<T>>(
            _mm512_maskz_cvtepu8_epi64(0xFF, _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
#elif FOVEA_TARGET_BYTES == 32
    if constexpr (sizeof(T) == 4) {
        return Vector<Integer<T>>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
    } else {
        int bytes = 0;
        std::memcpy(&bytes, from, 4);
        return Vector<Integer<T>>(_mm256_cvtepu8_epi64(_mm_cvtsi32_si128(bytes)));
    }
#else
    Vector<Integer<T>> codes{};
    for (Index i = 0; i < width<T>; ++i) codes[i] = from[i];
    return codes;
#endif
}

template <class T>
[[gnu::always_inline]] inline void store_codes(std::uint8_t* to, const Vector<Integer<T>>& codes) {
#if FOVEA_TARGET_BYTES == 64
    if constexpr (sizeof(T) == 4)
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_maskz_cvtepi32_epi8(0xFFFF, __m512i(codes)));
    else
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm512_maskz_cvtepi64_epi8(0xFF, __m512i(codes)));
#elif FOVEA_TARGET_BYTES == 32
    // The low bytes to the front of each half, then the halves together.
    const __m256i order = sizeof(T) == 4 ? _mm256_set1_epi32(0x0C080400) : _mm256_set1_epi16(0x0800);
    const __m256i front = _mm256_shuffle_epi8(__m256i(codes), order);
    const __m128i low = _mm256_castsi256_si128(front);
    const __m128i high = _mm256_extracti128_si256(front, 1);
    if constexpr (sizeof(T) == 4) {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_unpacklo_epi32(low, high));
    } else {
        const int bytes = _mm_cvtsi128_si32(_mm_unpacklo_epi16(low, high));
        std::memcpy(to, &bytes, 4);
    }
#else
    for (Index i = 0; i < width<T>; ++i) to[i] = static_cast<std::uint8_t>(codes[i]);
#endif
}

/// The same for `count` lanes, or all of them if that many are there.
template <class T>
[[gnu::always_inline]] inline Vector<Integer<T>> load_codes(const std::uint8_t* from, Index count) {
    if (count >= width<T>) return load_codes<T>(from);
    std::uint8_t bytes[width<T>]{};
    std::copy_n(from, count > 0 ? count : 0, bytes);
    return load_codes<T>(bytes);
}

template <class T>
[[gnu::always_inline]] inline void store_codes(std::uint8_t* to, const Vector<Integer<T>>& codes, Index count) {
    if (count >= width<T>) return store_codes<T>(to, codes);
    std::uint8_t bytes[width<T>];
    store_codes<T>(bytes, codes);
    std::copy_n(bytes, count > 0 ? count : 0, to);
}

/// The largest value so far of each lane, and its tap. The first one wins, but NaN always does.
template <class T>
struct PooledWinner {
    Vector<T> value;
    Vector<Integer<T>> tap;

    [[gnu::always_inline]] void compete(const Vector<T>& other, Index other_tap) {
        const auto better = (other > value) | (other != other);
        value = select<T>(better, other, value);
        tap = select<Integer<T>>(better, broadcast<Integer<T>>(static_cast<Integer<T>>(other_tap)), tap);
    }

    [[gnu::always_inline]] void put(T* y, std::uint8_t* codes, bool relu, Index count) const {
        const Vector<T> zero{};
        const auto dead = value <= zero;
        store_up_to<T>(y, relu ? select<T>(dead, zero, value) : value, count);
        if (codes == nullptr) return;
        const Vector<Integer<T>> none = broadcast<Integer<T>>(ops::PooledConv2D::dead);
        store_codes<T>(codes, relu ? select<Integer<T>>(dead, none, tap) : tap, count);
    }
};

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
        for (int j = 0; j < vectors; ++j)
            winners[j].put(p.y + to + j * width<T>, p.codes == nullptr ? nullptr : p.codes + to + j * width<T>, p.relu,
                           count - j * width<T>);
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
            const Index to = cell * filters + column;
            winner.put(p.y + to, p.codes == nullptr ? nullptr : p.codes + to, p.relu, count);
        }
    }
}

} // namespace fovea::simd::FOVEA_TARGET
