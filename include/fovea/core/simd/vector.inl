// Vectors of T for one instruction set; see core/simd.hpp. On compilers with vector extensions +, -, *, /, comparisons, &, | and
// [] are the language's own; comparisons give masks, vectors of Integer<T> with all bits of a lane set or none. T is always
// written out, `fma<T>(a, b, c)`: it cannot be deduced from a vector.
namespace fovea::simd::FOVEA_TARGET {

/// Says which instruction set a kernel is for.
struct Target {
    static constexpr std::size_t bytes = FOVEA_TARGET_BYTES;
#if FOVEA_TARGET_BYTES == 64 || defined(__aarch64__)
    static constexpr int registers = 32;
#else
    static constexpr int registers = 16;
#endif
};

/// For `#pragma GCC unroll unrolled`, which keeps arrays of vectors in registers. Where a multiply-add is a call there is nothing
/// to gain, and much to compile.
#if FOVEA_TARGET_BYTES > 16 || defined(__FMA__) || defined(__aarch64__)
inline constexpr int unrolled = 16;
#else
inline constexpr int unrolled = 1;
#endif

template <class T>
inline constexpr Index width = static_cast<Index>(FOVEA_TARGET_BYTES / sizeof(T));

/// Vectors in a panel.
inline constexpr int panel_vectors = 64 / FOVEA_TARGET_BYTES;

#if defined(__GNUC__)

namespace detail {
template <class T, std::size_t bytes>
struct VectorOf {
    typedef T type __attribute__((vector_size(bytes)));
};
} // namespace detail

template <class T>
using Vector = typename detail::VectorOf<T, FOVEA_TARGET_BYTES>::type;

/// Lane by lane a where the mask is set, else b.
template <class T, class Mask>
[[gnu::always_inline]] inline Vector<T> select(const Mask& mask, const Vector<T>& a, const Vector<T>& b) {
    return mask ? a : b;
}

template <class T>
[[gnu::always_inline]] inline Vector<T> broadcast(T value) {
    return value - Vector<T>{}; // one instruction, and exact: x - 0 is x, whatever x is
}

#else // without vector extensions: an array, left to the optimiser

template <class T>
struct Vector {
    T lane[FOVEA_TARGET_BYTES / sizeof(T)]{};

    T& operator[](Index i) { return lane[i]; }
    T operator[](Index i) const { return lane[i]; }

    friend Vector operator+(const Vector& a, const Vector& b) {
        return zip(a, b, [](T x, T y) { return static_cast<T>(x + y); });
    }
    friend Vector operator-(const Vector& a, const Vector& b) {
        return zip(a, b, [](T x, T y) { return static_cast<T>(x - y); });
    }
    friend Vector operator*(const Vector& a, const Vector& b) {
        return zip(a, b, [](T x, T y) { return static_cast<T>(x * y); });
    }
    friend Vector operator/(const Vector& a, const Vector& b) {
        return zip(a, b, [](T x, T y) { return static_cast<T>(x / y); });
    }
    friend Vector operator-(const Vector& a) { return Vector{} - a; }
    friend Vector operator|(const Vector& a, const Vector& b) {
        return zip(a, b, [](T x, T y) { return x | y; });
    }
    friend Vector operator&(const Vector& a, const Vector& b) {
        return zip(a, b, [](T x, T y) { return x & y; });
    }
    friend auto operator<(const Vector& a, const Vector& b) { return b > a; }
    friend auto operator>(const Vector& a, const Vector& b) {
        return compare(a, b, [](T x, T y) { return x > y; });
    }
    friend auto operator<=(const Vector& a, const Vector& b) {
        return compare(a, b, [](T x, T y) { return x <= y; });
    }
    friend auto operator==(const Vector& a, const Vector& b) {
        return compare(a, b, [](T x, T y) { return x == y; });
    }
    friend auto operator!=(const Vector& a, const Vector& b) {
        return compare(a, b, [](T x, T y) { return x != y; });
    }

private:
    template <class F>
    static Vector zip(const Vector& a, const Vector& b, F f) {
        Vector result;
        for (Index i = 0; i < width<T>; ++i) result[i] = f(a[i], b[i]);
        return result;
    }
    template <class F>
    static auto compare(const Vector& a, const Vector& b, F f) {
        Vector<Integer<T>> result;
        for (Index i = 0; i < width<T>; ++i) result[i] = f(a[i], b[i]) ? -1 : 0;
        return result;
    }
};

template <class T, class Mask>
Vector<T> select(const Mask& mask, const Vector<T>& a, const Vector<T>& b) {
    Vector<T> result;
    for (Index i = 0; i < width<T>; ++i) result[i] = mask[i] ? a[i] : b[i];
    return result;
}

template <class T>
Vector<T> broadcast(T value) {
    Vector<T> result;
    for (T& lane : result.lane) lane = value;
    return result;
}

#endif

template <class T>
[[gnu::always_inline]] inline Vector<T> load(const T* from) {
    Vector<T> result;
    std::memcpy(&result, from, sizeof(result));
    return result;
}

template <class T>
[[gnu::always_inline]] inline void store(T* to, const Vector<T>& vector) {
    std::memcpy(to, &vector, sizeof(vector));
}

/// Asks for the cache line at `data` ahead of its use; any address will do.
[[gnu::always_inline]] inline void prefetch([[maybe_unused]] const void* data) {
#if defined(__GNUC__)
    __builtin_prefetch(data);
#endif
}

/// The first `count` lanes, 0 <= count <= width; the others are zero, and memory behind them is not touched.
template <class T>
[[gnu::always_inline]] inline Vector<T> load_part(const T* from, Index count) {
    Vector<T> result{};
    std::memcpy(&result, from, static_cast<std::size_t>(count) * sizeof(T));
    return result;
}

template <class T>
[[gnu::always_inline]] inline void store_part(T* to, const Vector<T>& vector, Index count) {
    std::memcpy(to, &vector, static_cast<std::size_t>(count) * sizeof(T));
}

/// A vector, or what there is of it if `count` is less than its width; nothing if it is not positive.
template <class T>
[[gnu::always_inline]] inline Vector<T> load_up_to(const T* from, Index count) {
    return count >= width<T> ? load<T>(from) : load_part<T>(from, count > 0 ? count : 0);
}

template <class T>
[[gnu::always_inline]] inline void store_up_to(T* to, const Vector<T>& vector, Index count) {
    if (count >= width<T>) {
        store<T>(to, vector);
    } else if (count > 0) {
        const Vector<T> copy = vector; // whose address is taken, so that that of the register's own is not
        store_part<T>(to, copy, count);
    }
}

namespace detail {
/// For machines without the instruction: the C library's function, which is right and slow. One copy, since so much calls it.
template <class T>
#if defined(__GNUC__)
[[gnu::noinline]]
#endif
Vector<T>
fma_by_lane(const Vector<T>& a, const Vector<T>& b, const Vector<T>& c) {
    Vector<T> result;
    for (Index i = 0; i < width<T>; ++i) result[i] = std::fma(a[i], b[i], c[i]);
    return result;
}
} // namespace detail

/// a * b + c, lane by lane, in one rounding.
template <class T>
[[gnu::always_inline]] inline Vector<T> fma(const Vector<T>& a, const Vector<T>& b, const Vector<T>& c) {
    constexpr bool single = std::is_same_v<T, float>;
#if FOVEA_TARGET_BYTES == 64
    if constexpr (single)
        return Vector<T>(_mm512_fmadd_ps(__m512(a), __m512(b), __m512(c)));
    else
        return Vector<T>(_mm512_fmadd_pd(__m512d(a), __m512d(b), __m512d(c)));
#elif FOVEA_TARGET_BYTES == 32
    if constexpr (single)
        return Vector<T>(_mm256_fmadd_ps(__m256(a), __m256(b), __m256(c)));
    else
        return Vector<T>(_mm256_fmadd_pd(__m256d(a), __m256d(b), __m256d(c)));
#elif defined(__aarch64__) && defined(__GNUC__)
    if constexpr (single)
        return Vector<T>(vfmaq_f32(float32x4_t(c), float32x4_t(a), float32x4_t(b)));
    else
        return Vector<T>(vfmaq_f64(float64x2_t(c), float64x2_t(a), float64x2_t(b)));
#elif defined(__FMA__) && defined(__GNUC__) && defined(__x86_64__)
    if constexpr (single)
        return Vector<T>(_mm_fmadd_ps(__m128(a), __m128(b), __m128(c)));
    else
        return Vector<T>(_mm_fmadd_pd(__m128d(a), __m128d(b), __m128d(c)));
#else
    (void)single;
    return detail::fma_by_lane<T>(a, b, c);
#endif
}

/// The larger one, a if one of them is NaN.
template <class T>
[[gnu::always_inline]] inline Vector<T> max(const Vector<T>& a, const Vector<T>& b) {
    return select<T>(b > a, b, a);
}

} // namespace fovea::simd::FOVEA_TARGET
