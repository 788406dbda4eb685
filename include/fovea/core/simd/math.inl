// Functions of vectors for one instruction set; see core/simd_math.hpp. NaN goes through all of them.
namespace fovea::simd::FOVEA_TARGET {

/// `value`, a product, rounded on its own: no compiler fuses it with a sum that it goes into. See core/rounding.hpp.
template <class T>
[[gnu::always_inline]] inline Vector<T> rounded(Vector<T> value) {
#if defined(__x86_64__) && defined(__GNUC__)
    __asm__("" : "+x"(value));
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__("" : "+w"(value));
#endif
    return value;
}

/// The mask of the first `count` lanes; of all of them if there are fewer, of none if `count` is negative.
template <class T>
[[gnu::always_inline]] inline Vector<Integer<T>> first_lanes(Index count) {
    const Index set = count < 0 ? 0 : count > width<T> ? width<T> : count;
    return load<Integer<T>>(lane_masks<T>.data() + (panel<T> - set));
}

/// As many numbers as there are before `end` (not before `from`), at most a vector of them; the other lanes are zero.
template <class T>
[[gnu::always_inline]] inline Vector<T> load_until(const T* from, const T* end) {
    const Index count = end - from;
    if (count >= width<T>) return load<T>(from);
#if FOVEA_TARGET_BYTES == 64
    const unsigned lanes = (1U << count) - 1U;
    if constexpr (sizeof(T) == 4)
        return Vector<T>(_mm512_maskz_loadu_epi32(static_cast<__mmask16>(lanes), from));
    else
        return Vector<T>(_mm512_maskz_loadu_epi64(static_cast<__mmask8>(lanes), from));
#elif FOVEA_TARGET_BYTES == 32
    const __m256i lanes = __m256i(first_lanes<T>(count));
    if constexpr (sizeof(T) == 4)
        return Vector<T>(_mm256_maskload_epi32(reinterpret_cast<const int*>(from), lanes));
    else
        return Vector<T>(_mm256_maskload_epi64(reinterpret_cast<const long long*>(from), lanes));
#else
    return load_part<T>(from, count);
#endif
}

/// As many numbers as there is room for before `end` (not before `to`), at most a vector of them.
template <class T>
[[gnu::always_inline]] inline void store_until(T* to, const T* end, const Vector<T>& value) {
    const Index count = end - to;
    if (count >= width<T>) {
        store<T>(to, value);
        return;
    }
#if FOVEA_TARGET_BYTES == 64
    const unsigned lanes = (1U << count) - 1U;
    if constexpr (sizeof(T) == 4)
        _mm512_mask_storeu_epi32(to, static_cast<__mmask16>(lanes), __m512i(value));
    else
        _mm512_mask_storeu_epi64(to, static_cast<__mmask8>(lanes), __m512i(value));
#elif FOVEA_TARGET_BYTES == 32
    const __m256i lanes = __m256i(first_lanes<T>(count));
    if constexpr (sizeof(T) == 4)
        _mm256_maskstore_epi32(reinterpret_cast<int*>(to), lanes, __m256i(value));
    else
        _mm256_maskstore_epi64(reinterpret_cast<long long*>(to), lanes, __m256i(value));
#else
    store_part<T>(to, value, count);
#endif
}

template <class T>
[[gnu::always_inline]] inline Vector<Integer<T>> bits(const Vector<T>& x) {
    Vector<Integer<T>> result;
    std::memcpy(&result, &x, sizeof(result));
    return result;
}

template <class T>
[[gnu::always_inline]] inline Vector<T> from_bits(const Vector<Integer<T>>& x) {
    Vector<T> result;
    std::memcpy(&result, &x, sizeof(result));
    return result;
}

/// |x|
template <class T>
[[gnu::always_inline]] inline Vector<T> abs(const Vector<T>& x) {
    return from_bits<T>(bits<T>(x) & broadcast<Integer<T>>(~ExpConstants<T>::sign));
}

/// `magnitude`, which is not negative, with the sign of x.
template <class T>
[[gnu::always_inline]] inline Vector<T> with_sign(const Vector<T>& magnitude, const Vector<T>& x) {
    return from_bits<T>(bits<T>(magnitude) | (bits<T>(x) & broadcast<Integer<T>>(ExpConstants<T>::sign)));
}

/// The nearest number in [low, high].
template <class T>
[[gnu::always_inline]] inline Vector<T> clamp(const Vector<T>& x, T low, T high) {
    const Vector<T> least = broadcast<T>(low), most = broadcast<T>(high);
    const Vector<T> above = select<T>(x < least, least, x);
    return select<T>(above > most, most, above);
}

/// Correctly rounded.
template <class T>
[[gnu::always_inline]] inline Vector<T> sqrt(const Vector<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
#if FOVEA_TARGET_BYTES == 64
    if constexpr (single)
        return Vector<T>(_mm512_maskz_sqrt_ps(0xffff, __m512(x)));
    else
        return Vector<T>(_mm512_maskz_sqrt_pd(0xff, __m512d(x)));
#elif FOVEA_TARGET_BYTES == 32
    if constexpr (single)
        return Vector<T>(_mm256_sqrt_ps(__m256(x)));
    else
        return Vector<T>(_mm256_sqrt_pd(__m256d(x)));
#elif defined(__SSE2__) && defined(__GNUC__) && defined(__x86_64__)
    if constexpr (single)
        return Vector<T>(_mm_sqrt_ps(__m128(x)));
    else
        return Vector<T>(_mm_sqrt_pd(__m128d(x)));
#elif defined(__aarch64__) && defined(__GNUC__)
    if constexpr (single)
        return Vector<T>(vsqrtq_f32(float32x4_t(x)));
    else
        return Vector<T>(vsqrtq_f64(float64x2_t(x)));
#else
    Vector<T> result;
    for (Index i = 0; i < width<T>; ++i) result[i] = std::sqrt(x[i]);
    (void)single;
    return result;
#endif
}

namespace detail {

/// c[0] + c[1] x + ... + c[count - 1] x^(count - 1)
template <class T, int count, int given>
[[gnu::always_inline]] inline Vector<T> polynomial(const Vector<T>& x, const T (&c)[given]) {
    static_assert(count <= given);
    constexpr int last = count - 1; // g++ takes no template parameter in the pragma's loop
    Vector<T> sum = broadcast<T>(c[last]);
#pragma GCC unroll 16
    for (int k = last - 1; k >= 0; --k) sum = fma<T>(sum, x, broadcast<T>(c[k]));
    return sum;
}

/// 2^n for the n of a normal number.
template <class T>
[[gnu::always_inline]] inline Vector<T> power_of_two(const Vector<Integer<T>>& n) {
    using C = ExpConstants<T>;
    const Vector<Integer<T>> exponent = n + broadcast<Integer<T>>(C::bias);
#if defined(__GNUC__)
    return from_bits<T>(exponent << C::mantissa_bits);
#else
    return from_bits<T>(exponent * broadcast<Integer<T>>(Integer<T>{1} << C::mantissa_bits));
#endif
}

/// The whole number in x + shift, |x| < 2^22.
template <class T>
[[gnu::always_inline]] inline Vector<Integer<T>> whole_number(const Vector<T>& shifted) {
    return bits<T>(shifted) - bits<T>(broadcast<T>(ExpConstants<T>::shift));
}

/// x = n ln 2 + r; for NaN n may be any number.
template <class T>
struct ReducedVector {
    Vector<T> n;
    Vector<Integer<T>> whole; ///< n
    Vector<T> expm1_r;        ///< e^r - 1
};

template <class T>
[[gnu::always_inline]] inline ReducedVector<T> reduce(const Vector<T>& x) {
    using C = ExpConstants<T>;
    constexpr int terms = std::extent_v<std::remove_reference_t<decltype(C::series)>>;
    const Vector<T> shift = broadcast<T>(C::shift);
    const Vector<T> shifted = fma<T>(x, broadcast<T>(C::log2_e), shift);
    const Vector<T> n = shifted - shift;
    const Vector<T> rest = fma<T>(n, broadcast<T>(-C::ln2_high), x);
    const Vector<T> r = fma<T>(n, broadcast<T>(-C::ln2_low), rest);
    return {n, whole_number<T>(shifted), fma<T>(r * r, polynomial<T, terms>(r, C::series), r)};
}

} // namespace detail

/// e^x
template <class T>
[[gnu::always_inline]] inline Vector<T> exp(const Vector<T>& x) {
    using C = ExpConstants<T>;
    const auto part = detail::reduce<T>(clamp<T>(x, C::zero_below, C::infinite_above));
    // 2^n itself may be out of range where e^x is not.
    const Vector<Integer<T>> half =
        detail::whole_number<T>(fma<T>(part.n, broadcast<T>(T(0.5)), broadcast<T>(C::shift)));
    const Vector<T> scaled = (part.expm1_r + broadcast<T>(T{1})) * detail::power_of_two<T>(half);
    return rounded<T>(scaled * detail::power_of_two<T>(part.whole - half));
}

/// e^x - 1 for x <= 0, without loss near 0.
template <class T>
[[gnu::always_inline]] inline Vector<T> expm1_of_negative(const Vector<T>& x) {
    using C = ExpConstants<T>;
    const Vector<T> least = broadcast<T>(C::all_below);
    const auto part = detail::reduce<T>(select<T>(x < least, least, x));
    const Vector<T> scale = detail::power_of_two<T>(part.whole);
    return fma<T>(scale, part.expm1_r, scale - broadcast<T>(T{1}));
}

template <class T>
[[gnu::always_inline]] inline Vector<T> tanh(const Vector<T>& x) {
    const Vector<T> t = expm1_of_negative<T>(broadcast<T>(T{-2}) * abs<T>(x));
    return with_sign<T>(abs<T>(t / (t + broadcast<T>(T{2}))), x);
}

/// 1 / (1 + e^-x)
template <class T>
[[gnu::always_inline]] inline Vector<T> sigmoid(const Vector<T>& x) {
    const Vector<T> one = broadcast<T>(T{1});
    const Vector<T> e = exp<T>(with_sign<T>(abs<T>(x), broadcast<T>(T{-1})));
    return select<T>(x < Vector<T>{}, e, one) / (e + one);
}

/// The probability that a standard normal number is below z, and e^(-z^2/2), which is sqrt(2 pi) times its density.
template <class T>
struct Normal {
    Vector<T> below;
    Vector<T> bell;
};

/// `below` is within 8 units in the last place with float, and within 2e-16 with double.
template <class T>
[[gnu::always_inline]] inline Normal<T> normal(const Vector<T>& z) {
    const Vector<T> one = broadcast<T>(T{1}), half = broadcast<T>(T(0.5));
    const Vector<T> limit = broadcast<T>(T(std::is_same_v<T, float> ? 14.6 : 40)); // where both are 0
    const Vector<T> magnitude = abs<T>(z);
    const Vector<T> a = select<T>(magnitude > limit, limit, magnitude);
    const Vector<T> square = a * a;
    const Vector<T> lost = fma<T>(a, a, -square); // by its rounding, which e would magnify
    const Vector<T> e = exp<T>(broadcast<T>(T(-0.5)) * square);
    const Vector<T> bell = fma<T>(e, broadcast<T>(T(-0.5)) * lost, e);
    Vector<T> above;
    if constexpr (std::is_same_v<T, float>) {
        const Vector<T> four = broadcast<T>(T{4});
        const Vector<T> t = four / (a + four);
        above = rounded<T>(bell * (t * detail::polynomial<T, 10>(t, normal_tail)));
    } else {
        const Vector<T> b = a * broadcast<T>(0.70710678118654752440);
        const Vector<T> small = fma<T>(b, detail::polynomial<T, 13>(b * b, math::detail::erf_small), b);
        const Vector<T> six = broadcast<T>(6.0);
        const Vector<T> c = select<T>(b > six, six, b);
        const Vector<T> large = detail::polynomial<T, 9>(c, math::detail::erfc_large.p) /
                                detail::polynomial<T, 9>(c, math::detail::erfc_large.q);
        above = select<T>(b < one, fma<T>(-half, small, half), rounded<T>(half * bell * large));
    }
    return {select<T>(z < Vector<T>{}, above, one - above), bell};
}

} // namespace fovea::simd::FOVEA_TARGET
