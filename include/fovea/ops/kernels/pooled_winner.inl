// The winner of a pooling window, lane by lane, and the byte that says which one it is.
namespace fovea::simd::FOVEA_TARGET::detail {

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

    /// Writes `count` lanes, or all of them, from element `at` of y and of the codes on, which may be null.
    [[gnu::always_inline]] void put(T* y, std::uint8_t* codes, Index at, bool relu, Index count) const {
        const Vector<T> zero{};
        const auto dead = value <= zero;
        store_up_to<T>(y + at, relu ? select<T>(dead, zero, value) : value, count);
        if (codes == nullptr) return;
        const Vector<Integer<T>> none = broadcast<Integer<T>>(dead_cell);
        store_codes<T>(codes + at, relu ? select<Integer<T>>(dead, none, tap) : tap, count);
    }
};

} // namespace fovea::simd::FOVEA_TARGET::detail
