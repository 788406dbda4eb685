#pragma once

namespace fovea {

/// `value`, a product, rounded on its own. Where there is an instruction for a * b + c in one rounding, compilers use it as they
/// like, so that results would depend on compiler and -march; they cannot look through a line of assembly, an empty one here.
/// Other ways fail: g++ drops __builtin_assoc_barrier from loops that it makes vectors of.
/// A product that feeds a sum can also be std::fma, which is slow where there is no such instruction.
template <class T>
[[nodiscard]] inline T rounded(T value) {
#if defined(__x86_64__) && defined(__GNUC__)
    __asm__("" : "+x"(value));
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__("" : "+w"(value));
#elif defined(__GNUC__)
    __asm__("" : "+m"(value));
#endif
    return value;
}

} // namespace fovea
