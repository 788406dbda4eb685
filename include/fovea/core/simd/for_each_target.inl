// Includes FOVEA_KERNELS once for each instruction set. GCC's target pragma and clang's attribute hold for the functions
// between push and pop, templates included.
#define FOVEA_TARGET generic
#define FOVEA_TARGET_BYTES 16
#include FOVEA_KERNELS
#undef FOVEA_TARGET
#undef FOVEA_TARGET_BYTES

#if defined(__x86_64__) && defined(__GNUC__)

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define FOVEA_TARGET avx2
#define FOVEA_TARGET_BYTES 32
#include FOVEA_KERNELS
#undef FOVEA_TARGET
#undef FOVEA_TARGET_BYTES
#ifdef __clang__
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma")
#endif
#define FOVEA_TARGET avx512
#define FOVEA_TARGET_BYTES 64
#include FOVEA_KERNELS
#undef FOVEA_TARGET
#undef FOVEA_TARGET_BYTES
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

#undef FOVEA_KERNELS
