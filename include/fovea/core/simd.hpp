#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__GNUC__)
#include <arm_neon.h>
#endif

#include <fovea/core/isa.hpp>
#include <fovea/core/shape.hpp>

/// What kernels are written in: vectors of T, once for each instruction set, in namespaces simd::generic, simd::avx2 and
/// simd::avx512. A file of kernels stands in `namespace fovea::simd::FOVEA_TARGET`, uses the vocabulary of simd/vector.inl
/// there, takes a `Target` as its functions' first argument, and is compiled by
///
///     #define FOVEA_KERNELS <fovea/ops/kernels/product.inl>
///     #include <fovea/core/simd/for_each_target.inl>
///
/// `dispatch([&](auto target) { multiply(target, ...); })` then calls the function that fits the machine.
///
/// The same bits on all of them take three rules: a sum's order must not depend on the width of a vector; a product that
/// feeds a sum is written fma(a, b, c), in one rounding everywhere; and no other product meets a sum in the same function,
/// since compilers fuse what they can. No lambda either: g++ compiles one for the generic target wherever it stands.
namespace fovea::simd {

/// A panel is as many numbers as the widest vector has: kernels lay out memory by it, and so equally for every instruction set.
template <class T>
inline constexpr Index panel = static_cast<Index>(64 / sizeof(T));

/// Numbers in as many whole panels as `count` need.
template <class T>
constexpr Index padded(Index count) {
    return (count + panel<T> - 1) / panel<T> * panel<T>;
}

/// The integer that is as wide as T, so that a vector of it has as many lanes.
template <class T>
using Integer = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;

} // namespace fovea::simd

#define FOVEA_KERNELS <fovea/core/simd/vector.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::simd {

/// f(target) for the instruction set in use.
template <class F>
decltype(auto) dispatch(F&& f) {
#if defined(__x86_64__) && defined(__GNUC__)
    switch (isa()) {
    case Isa::avx512:
        return f(avx512::Target{});
    case Isa::avx2:
        return f(avx2::Target{});
    case Isa::generic:
        break;
    }
#endif
    return f(generic::Target{});
}

} // namespace fovea::simd
