#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include <fovea/core/shape.hpp>

/// Vectors of T as wide as the instruction set that the program is compiled for.
namespace fovea::simd {

#if defined(__AVX512F__)
inline constexpr std::size_t bytes = 64;
inline constexpr int registers = 32;
#elif defined(__AVX__)
inline constexpr std::size_t bytes = 32;
inline constexpr int registers = 16;
#else
inline constexpr std::size_t bytes = 16;
inline constexpr int registers = 16;
#endif

template <class T>
inline constexpr Index width = static_cast<Index>(bytes / sizeof(T));

/// The integer that is as wide as T, so that a vector of it has as many lanes.
template <class T>
using Integer = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;

#if defined(__GNUC__)

namespace detail {
template <class T>
struct VectorOf {
    typedef T type __attribute__((vector_size(bytes)));
};
} // namespace detail

template <class T>
using Vector = typename detail::VectorOf<T>::type;

/// Lane by lane a where the mask is set, else b. Comparisons of vectors give masks, `|` joins them.
template <class T, class Mask>
Vector<T> select(const Mask& mask, const Vector<T>& a, const Vector<T>& b) {
    return mask ? a : b;
}

#else // without vector extensions: an array, left to the optimiser

template <class T>
struct Vector {
    T lane[static_cast<std::size_t>(width<T>)]{};

    T& operator[](Index i) { return lane[i]; }
    T operator[](Index i) const { return lane[i]; }

    friend Vector operator+(Vector a, const Vector& b) {
        return a.zip(b, [](T x, T y) { return x + y; });
    }
    friend Vector operator*(Vector a, const Vector& b) {
        return a.zip(b, [](T x, T y) { return x * y; });
    }
    friend Vector operator/(Vector a, const Vector& b) {
        return a.zip(b, [](T x, T y) { return x / y; });
    }
    friend Vector operator|(Vector a, const Vector& b) {
        return a.zip(b, [](T x, T y) { return x | y; });
    }
    friend auto operator>(Vector a, const Vector& b) {
        return a.template zip<Integer<T>>(b, [](T x, T y) { return x > y; });
    }
    friend auto operator==(Vector a, const Vector& b) {
        return a.template zip<Integer<T>>(b, [](T x, T y) { return x == y; });
    }
    friend auto operator!=(Vector a, const Vector& b) {
        return a.template zip<Integer<T>>(b, [](T x, T y) { return x != y; });
    }

private:
    template <class R = T, class F>
    Vector<R> zip(const Vector& other, F f) const {
        Vector<R> result;
        for (Index i = 0; i < width<T>; ++i) result[i] = static_cast<R>(f(lane[i], other.lane[i]));
        return result;
    }
};

template <class T, class Mask>
Vector<T> select(const Mask& mask, const Vector<T>& a, const Vector<T>& b) {
    Vector<T> result;
    for (Index i = 0; i < width<T>; ++i) result[i] = mask[i] ? a[i] : b[i];
    return result;
}

#endif

template <class T>
Vector<T> load(const T* from) {
    Vector<T> result;
    std::memcpy(&result, from, sizeof(result));
    return result;
}

template <class T>
void store(T* to, const Vector<T>& vector) {
    std::memcpy(to, &vector, sizeof(vector));
}

template <class T>
Vector<T> broadcast(T value) {
#if defined(__GNUC__)
    return value - Vector<T>{}; // one instruction, and exact: x - 0 is x, whatever x is
#else
    Vector<T> result;
    for (T& lane : result.lane) lane = value;
    return result;
#endif
}

/// `f(i)` for i = 0 .. count-1, each i a compile-time constant, written out without a loop.
template <int count, class F>
inline void unroll(F&& f) {
    [&]<int... i>(std::integer_sequence<int, i...>) { (f(std::integral_constant<int, i>{}), ...); }
    (std::make_integer_sequence<int, count>{});
}

} // namespace fovea::simd
