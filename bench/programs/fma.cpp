#include "fma.hpp"

namespace bench {

namespace {

/// 12 chains: 2 units with 4 cycles of latency want 8 at least, and 16 registers hold no more than 14 with the two factors.
constexpr int chains = 12;

typedef float Vector4 __attribute__((vector_size(16)));
typedef float Vector8 __attribute__((vector_size(32)));
typedef float Vector16 __attribute__((vector_size(64)));

/// Inlined into functions of one instruction set each, whose code it becomes. The values converge to 1.
template <class Vector>
[[gnu::always_inline]] inline double multiply_add(long iterations) {
    const Vector factor = Vector{} + 0.5F;
    const Vector term = Vector{} + 0.5F;
    Vector sums[chains];
    for (int c = 0; c < chains; ++c) sums[c] = Vector{} + static_cast<float>(c);
    for (long i = 0; i < iterations; ++i)
        for (int c = 0; c < chains; ++c) sums[c] = sums[c] * factor + term;
    Vector total{};
    for (int c = 0; c < chains; ++c) total += sums[c];
    return static_cast<double>(total[0]);
}

double plain(long iterations) { return multiply_add<Vector4>(iterations); }

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] double avx2(long iterations) { return multiply_add<Vector8>(iterations); }
[[gnu::target("avx512f,fma")]] double avx512(long iterations) { return multiply_add<Vector16>(iterations); }
#endif

double flops(std::size_t lanes) { return 2.0 * chains * static_cast<double>(lanes); }

} // namespace

std::vector<FmaLoop> fma_loops() {
    std::vector<FmaLoop> loops{{"baseline", plain, flops(4)}};
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) loops.push_back({"avx2", avx2, flops(8)});
    if (__builtin_cpu_supports("avx512f")) loops.push_back({"avx512", avx512, flops(16)});
#endif
    return loops;
}

} // namespace bench
