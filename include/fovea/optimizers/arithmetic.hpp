#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <tuple>
#include <type_traits>

#include <fovea/core/shape.hpp>

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/// What the loops over the flat block are made of, so that compilers turn them into vector instructions at -O2 already.
namespace fovea::detail {

/// a * b + c in one rounding where the hardware can, else in two. Written out, because compilers differ in which of
/// several products they fuse, and may fuse none.
template <class T>
T multiply_add(T a, T b, T c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return std::fma(a, b, c);
#else
    return a * b + c;
#endif
}

/// Elements that a loop body handles at once: a constant number, a multiple of every vector's width.
inline constexpr Index update_block = 32;

/// `step(pointer...)` for every `update_block` elements of the arrays, all `count` long. What is left over goes through the
/// same code in a copy filled up with zeros, so that an element's bits do not depend on where in the arrays it stands.
template <class F, class... E>
void in_blocks(Index count, F&& step, E*... arrays) {
    const Index whole = count - count % update_block;
    for (Index i = 0; i < whole; i += update_block) step((arrays + i)...);
    if (whole == count) return;
    std::tuple<std::array<std::remove_const_t<E>, update_block>...> copies{};
    const auto copy_in = [&](auto& copy, const auto* array) { std::copy(array + whole, array + count, copy.begin()); };
    const auto copy_out = [&]<class A>(const auto& copy, A* array) {
        if constexpr (!std::is_const_v<A>) std::copy(copy.begin(), copy.begin() + (count - whole), array + whole);
    };
    std::apply([&](auto&... copy) { (copy_in(copy, arrays), ...); }, copies);
    std::apply([&](auto&... copy) { step(copy.data()...); }, copies);
    std::apply([&](auto&... copy) { (copy_out(copy, arrays), ...); }, copies);
}

// std::sqrt may set errno, for which compilers leave a loop around it unvectorised: 4 times slower in Adam.
#if defined(__AVX__)
inline constexpr Index sqrt_bytes = 32;
inline void sqrt_vector(float* x) { _mm256_storeu_ps(x, _mm256_sqrt_ps(_mm256_loadu_ps(x))); }
inline void sqrt_vector(double* x) { _mm256_storeu_pd(x, _mm256_sqrt_pd(_mm256_loadu_pd(x))); }
#elif defined(__SSE2__)
inline constexpr Index sqrt_bytes = 16;
inline void sqrt_vector(float* x) { _mm_storeu_ps(x, _mm_sqrt_ps(_mm_loadu_ps(x))); }
inline void sqrt_vector(double* x) { _mm_storeu_pd(x, _mm_sqrt_pd(_mm_loadu_pd(x))); }
#elif defined(__aarch64__)
inline constexpr Index sqrt_bytes = 16;
inline void sqrt_vector(float* x) { vst1q_f32(x, vsqrtq_f32(vld1q_f32(x))); }
inline void sqrt_vector(double* x) { vst1q_f64(x, vsqrtq_f64(vld1q_f64(x))); }
#else
inline constexpr Index sqrt_bytes = sizeof(double);
template <class T>
void sqrt_vector(T* x) {
    for (std::size_t j = 0; j < sqrt_bytes / sizeof(T); ++j) x[j] = std::sqrt(x[j]);
}
#endif

/// The square roots of `update_block` elements, in place; correctly rounded, as std::sqrt.
template <class T>
void square_roots(T* x) {
    for (Index j = 0; j < update_block; j += sqrt_bytes / static_cast<Index>(sizeof(T))) sqrt_vector(x + j);
}

/// x^n for n >= 0, in O(log n) multiplications.
inline double power(double x, Index n) {
    double result = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n % 2 == 1) result *= x;
    return result;
}

/// The sum of squares, in double and one fixed order.
template <class T>
double sum_of_squares(std::span<const T> x) {
    std::array<double, update_block> lanes{};
    in_blocks(
        static_cast<Index>(x.size()),
        [&](const T* __restrict part) {
            for (Index j = 0; j < update_block; ++j) {
                const auto value = static_cast<double>(part[j]);
                lanes[static_cast<std::size_t>(j)] = multiply_add(value, value, lanes[static_cast<std::size_t>(j)]);
            }
        },
        x.data());
    double sum = 0;
    for (const double lane : lanes) sum += lane;
    return sum;
}

} // namespace fovea::detail
