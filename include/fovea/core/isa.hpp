#pragma once
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/core/error.hpp>

/// Which instruction set the kernels use. All that the compiler can make are in one binary, and the best one that the machine
/// has is chosen when the first kernel runs. Results have the same bits whichever it is.
namespace fovea {

/// `generic` is what the program was compiled for: SSE2 on x86-64 unless -march says more, NEON on 64-bit ARM.
enum class Isa { generic, avx2, avx512 };

namespace detail {
inline constexpr std::array<std::pair<Isa, std::string_view>, 3> isa_names{
    {{Isa::generic, "generic"}, {Isa::avx2, "avx2"}, {Isa::avx512, "avx512"}}};
} // namespace detail

inline std::string_view name_of(Isa isa) {
    for (const auto& [value, name] : detail::isa_names)
        if (value == isa) return name;
    return "?";
}

inline std::ostream& operator<<(std::ostream& out, Isa isa) { return out << name_of(isa); }

/// Whether this binary has kernels for it and this machine can run them.
inline bool is_available(Isa isa) {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    switch (isa) {
    case Isa::generic:
        return true;
    case Isa::avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::avx512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && is_available(Isa::avx2);
    }
    return false;
#else
    return isa == Isa::generic;
#endif
}

/// Throws ValueError for an unknown name or one that cannot run here, and lists those that can.
inline Isa isa_from_name(std::string_view wanted, std::string_view source = "Isa") {
    std::string available;
    for (const auto& [isa, name] : detail::isa_names) {
        if (!is_available(isa)) continue;
        if (name == wanted) return isa;
        available += (available.empty() ? "" : ", ") + std::string(name);
    }
    throw ValueError(text(source, ": no instruction set \"", wanted, "\" here; there are ", available));
}

namespace detail {

inline Isa initial_isa() {
#if defined(__GNUC__) && !defined(__OPTIMIZE__) && !defined(FOVEA_COMPILED)
    std::fputs("fovea: compiled without optimization, training will be tens of times slower; use -O2\n", stderr);
#endif
    if (const char* setting = std::getenv("FOVEA_ISA")) return isa_from_name(setting, "FOVEA_ISA");
    for (const Isa isa : {Isa::avx512, Isa::avx2})
        if (is_available(isa)) return isa;
    return Isa::generic;
}

inline std::atomic<Isa>& isa_slot() {
    static std::atomic<Isa> slot{initial_isa()};
    return slot;
}

} // namespace detail

/// The instruction set in use: FOVEA_ISA, or the best one.
inline Isa isa() { return detail::isa_slot().load(std::memory_order_relaxed); }

/// For tests and benchmarks. Throws ValueError for one that cannot run here.
inline void set_isa(Isa isa) { detail::isa_slot().store(isa_from_name(name_of(isa), "set_isa")); }

} // namespace fovea
