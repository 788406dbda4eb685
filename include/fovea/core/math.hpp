#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <fovea/core/rounding.hpp>

/// Elementary functions that give the same bits with every compiler, instruction set and maths library: only +, *, /,
/// square roots and explicit std::fma stand here, and no rounded product meets a sum that a compiler could fuse it with.
/// The double versions are within 1 unit in the last place (ulp) for exp, log, log1p and cos_pi, 3 for expm1, sigmoid, tanh and
/// erf, 8 for normal_quantile; pow says its own. The float versions compute in double and are within 0.52 ulp.
/// Denormals, infinities and NaN are right, in and out.
namespace fovea::math {

template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

namespace detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// As std::clamp, but NaN stays NaN.
inline double clamp(double x, double low, double high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/// c[0] + c[1] x + ... + c[count - 1] x^(count - 1). Written out without a loop, so that loops over x are vectorised.
template <std::size_t count, std::size_t given>
double polynomial(double x, const double (&c)[given]) {
    static_assert(count <= given);
    double sum = c[count - 1];
    const auto descend = [&]<std::size_t... k>(std::index_sequence<k...>) {
        ((sum = std::fma(sum, x, c[count - 2 - k])), ...);
    };
    descend(std::make_index_sequence<count - 1>{});
    return sum;
}

template <std::size_t p_count, std::size_t q_count>
struct Rational {
    double p[p_count];
    double q[q_count];

    /// factor p(x) / q(x)
    double operator()(double x, double factor = 1) const {
        return factor * polynomial<p_count>(x, p) / polynomial<q_count>(x, q);
    }
};
template <std::size_t p_count, std::size_t q_count>
Rational(const double (&)[p_count], const double (&)[q_count]) -> Rational<p_count, q_count>;

// ln 2 in two parts, the first with so many zero bits at its end that its products with an exponent are exact.
inline constexpr double ln2_high = 0x1.62e42fee00000p-1;
inline constexpr double ln2_low = 0x1.a39ef35793c76p-33;

/// 2^n for -1022 <= n <= 1023.
inline double power_of_two(std::int64_t n) { return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52); }

/// (e^r - 1 - r) / r^2 in powers of r.
inline constexpr double exp_taylor[] = {1. / 2,       1. / 6,        1. / 24,        1. / 120,
                                        1. / 720,     1. / 5040,     1. / 40320,     1. / 362880,
                                        1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800};

/// x = n ln 2 + r with |r| <= 0.35, and the e^r - 1 of it. For NaN: NaN, and some n of 12 bits.
struct Reduced {
    std::int64_t n;
    double expm1_r;
};

template <Real T>
Reduced reduce(double x) {
    // From 2^52 on, neighbouring doubles are 1 apart: the addition rounds to a whole number and leaves it in the low bits.
    constexpr double shift = 0x1.8p52;
    constexpr double log2_e = 0x1.71547652b82fep+0;
    const double shifted = std::fma(x, log2_e, shift);
    const double whole = shifted - shift;
    const double r = std::fma(-whole, ln2_low, std::fma(-whole, ln2_high, x));
    constexpr std::size_t terms = std::same_as<T, float> ? 7 : 12; // the first left out is 2^-32 or 2^-57
    const double tail = polynomial<terms>(r, exp_taylor);
    return {static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(shifted) << 52) >> 52, std::fma(r * r, tail, r)};
}

template <Real T>
double exp(double x) {
    const auto [n, expm1_r] = reduce<T>(clamp(x, -746, 710));
    const std::int64_t half = n >> 1; // 2^n itself may be out of range where e^x is not
    return (1 + expm1_r) * power_of_two(half) * power_of_two(n - half);
}

template <Real T>
double expm1(double x) {
    const auto [n, expm1_r] = reduce<T>(clamp(x, -40, 710));
    const std::int64_t spare = n == 1024 ? 1 : 0; // 2^1024 is out of range, e^x may not be
    const double scale = power_of_two(n - spare);
    return std::copysign(std::fma(scale, expm1_r, scale - power_of_two(-spare)) * power_of_two(spare), x);
}

template <Real T>
double tanh(double x) {
    const double t = expm1<T>(-2 * std::abs(x));
    return std::copysign(t / (t + 2), x);
}

template <Real T>
double sigmoid(double x) {
    const double e = exp<T>(-std::abs(x));
    return (x < 0 ? e : 1.0) / (1 + e);
}

/// 2 atanh(s) / s - 2 in powers of s^2, from the first.
inline constexpr double atanh_series[] = {2. / 3,  2. / 5,  2. / 7,  2. / 9,  2. / 11,
                                          2. / 13, 2. / 15, 2. / 17, 2. / 19, 2. / 21};

/// log(u + c) for a normal u > 0 and |c| within an ulp of u: with u = 2^k (1 + f), sqrt(1/2) < 1 + f < sqrt(2), and
/// s = f / (2 + f), log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + series). So f, which is exact, stays outside.
inline double log_sum(double u, double c) {
    constexpr std::uint64_t one = 0x3ff0000000000000;
    constexpr std::uint64_t root = 0x3fe6a09e667f3bcd;
    constexpr std::uint64_t mantissa = 0x000fffffffffffff;
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(u) + (one - root);
    const double k = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
    const double f = std::bit_cast<double>((bits & mantissa) + root) - 1;
    const double s = f / (2 + f);
    const double square = s * s;
    const double series = square * polynomial<10>(square, atanh_series);
    const double half = 0.5 * f;
    const double low = std::fma(k, ln2_low, c / u);
    const double correction = std::fma(-half, f, std::fma(s, std::fma(half, f, series), low));
    return std::fma(k, ln2_high, f + correction);
}

inline double log(double x) {
    if (!(x > 0)) return x == 0 ? -infinity : nan;
    if (x == infinity) return x;
    constexpr double smallest_normal = std::numeric_limits<double>::min();
    if (x < smallest_normal) return log_sum(x * 0x1p54, 0) - 54 * (ln2_high + ln2_low);
    return log_sum(x, 0);
}

inline double log1p(double x) {
    if (!(x > -1)) return x == -1 ? -infinity : nan;
    if (x == infinity) return x;
    const double u = 1 + x;
    const double rest = u - 1;
    const double c = (1 - (u - rest)) + (x - rest); // what the rounding of 1 + x lost, exactly
    return std::copysign(log_sum(u, c), x);
}

// The coefficients below, and their errors, come from tests/reference/fit_math.py.

/// erf(x) / x - 1 over x^2, |x| <= 1.
inline constexpr double erf_small[] = {0x1.06eba8214db69p-3,   -0x1.812746b0379e6p-2,  0x1.ce2f21a042b30p-4,
                                       -0x1.b82ce31284e00p-6,  0x1.565bcd0dbaa38p-8,   -0x1.c02db3dac435fp-11,
                                       0x1.f9a321d5b8e1ep-14,  -0x1.f4d1e3183f7aep-17, 0x1.b9df224ca4b97p-20,
                                       -0x1.5f1ecb6f0764cp-23, 0x1.f7b4bf3b13964p-27,  -0x1.389d4f2641625p-30,
                                       0x1.05ffd737fb32ep-34};

/// erfc(x) exp(x^2), 1 <= x <= 6.
inline constexpr Rational erfc_large{
    {0x1.ffffff2f0d941p-1, 0x1.db665427dd45bp+0, 0x1.b36e0252531d4p+0, 0x1.ee5761b4fb497p-1, 0x1.74501731bba05p-2,
     0x1.747bcbf8f1b8ep-4, 0x1.cf6c531f35583p-7, 0x1.1e0820dfdec9ep-10, 0x1.ecd91bf8c6952p-42},
    {1.0, 0x1.7e21e28a9696cp+1, 0x1.0473ddec7d179p+2, 0x1.a984fa0342d4cp+1, 0x1.ca7c198145061p+0, 0x1.505ed7419a43cp-1,
     0x1.4c15e04969f21p-3, 0x1.9ab2b263f58eap-6, 0x1.fafa6469b585ap-10}};

template <Real T>
double erf(double x) {
    const double a = std::abs(x);
    if (a < 1) return std::fma(x, polynomial<13>(x * x, erf_small), x);
    const double b = std::min(a, 6.0); // erfc(6) is below half an ulp of 1
    return std::copysign(std::fma(-exp<T>(-b * b), erfc_large(b), 1.0), x);
}

/// The normal quantile of p: over q = p - 1/2, for |q| <= 0.425, by 0.425^2 - q^2 ...
inline constexpr Rational quantile_centre{
    {0x1.b18d91e9eef75p+1, 0x1.2983594fd7e7fp+7, 0x1.3e873207f0ef8p+11, 0x1.51edecb555ec5p+14, 0x1.75ccbc4a8f65fp+16,
     0x1.a11714cc49c9bp+17, 0x1.a273b0aa578a2p+17, 0x1.214cd08b4e4e1p+16, 0x1.e8603e9431aedp+11},
    {1.0, 0x1.776318ab2437dp+5, 0x1.b3a456a404a18p+9, 0x1.ff0e0daee92acp+12, 0x1.41a3f69d2d15ap+15,
     0x1.aabcb49f39b9cp+16, 0x1.122c69e2df947p+17, 0x1.1a96b28ee4223p+16, 0x1.25b3b754cc15ep+13}};

/// ... else its absolute value by r = sqrt(-log(min(p, 1 - p))), r <= 5 ...
inline constexpr Rational quantile_near{
    {-0x1.c3c975b9df2bdp+1, -0x1.1407349299532p+5, -0x1.8d9b12d1df9bcp+5, 0x1.8be9d08ceade1p+4, 0x1.10e4362f54ab7p+6,
     0x1.40d30c023e797p+5, 0x1.40890ed3c4bebp+3, 0x1.e9aee6c6608f8p-1, 0x1.91a55e8ef6b9dp-6},
    {1.0, 0x1.0379d1e2e1ed4p+4, 0x1.a5be81950424ep+5, 0x1.db25e54fb8ffcp+5, 0x1.dc5db9747fc55p+4, 0x1.c88bfcbb21c7dp+2,
     0x1.5a5052447860bp-1, 0x1.1bff8c89138f8p-6}};

/// ... and to the smallest p there is, r <= 27.5.
inline constexpr Rational quantile_far{
    {-0x1.a34eded30774bp+1, -0x1.a706a347f0fbdp+3, 0x1.c272bb61e07a5p+1, 0x1.df8b9cee1022ap+3, 0x1.7db56f4deb7d2p+2,
     0x1.924b959ac7ea7p-1, 0x1.3c977fcdb3964p-5, 0x1.4f8342c68eefdp-11, 0x1.99ec9a77cb100p-20, -0x1.c58502f9bcd52p-27},
    {1.0, 0x1.11ba605c87e6fp+3, 0x1.74ea505adf0d2p+3, 0x1.12181bf23a9f1p+2, 0x1.1d2a046264dacp-1, 0x1.bfd1300ffc266p-6,
     0x1.da7464b719b62p-12, 0x1.21daf8bcdbc38p-20, -0x1.40afa656d389fp-27}};

inline double normal_quantile(double p) {
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425) return quantile_centre(std::fma(-q, q, 0.425 * 0.425), q);
    const double tail = std::min(p, 1 - p);
    if (!(tail > 0)) return tail == 0 ? std::copysign(infinity, q) : nan;
    const double r = std::sqrt(-log(tail));
    return std::copysign(r <= 5 ? quantile_near(r) : quantile_far(r), q);
}

/// cos(pi r) - 1 and sin(pi r) - pi r for |r| <= 1/4: the Taylor series over r^2, from r^2 and r^3 on.
inline constexpr double cos_pi_series[] = {-0x1.3bd3cc9be45dep+2,  0x1.03c1f081b5ac4p+2,  -0x1.55d3c7e3cbffap+0,
                                           0x1.e1f506891babbp-3,   -0x1.a6d1f2a204a8cp-6, 0x1.f9d38a3763cc3p-10,
                                           -0x1.b6e24f44b128fp-14, 0x1.20c62c2f2d7f5p-18};
inline constexpr double sin_pi_series[] = {-0x1.4abbce625be53p+2,  0x1.466bc6775aae2p+1,  -0x1.32d2cce62bd86p-1,
                                           0x1.50783487ee782p-4,   -0x1.e3074fde8871fp-8, 0x1.e8f434d018d63p-12,
                                           -0x1.6fadb9f155744p-16, 0x1.aaec32af93359p-21};

inline double cos_pi(double x) {
    const double turned = std::abs(x) - 2 * std::floor(std::abs(x) / 2); // in [0, 2), exact, as all of the reduction
    if (!(turned < 2)) return nan;
    const double quarter = std::floor(2 * turned + 0.5);
    const double r = turned - quarter / 2;
    const double square = r * r;
    const auto turns = static_cast<int>(quarter) % 4;
    if (turns % 2 == 0) {
        const double y = std::fma(square, polynomial<8>(square, cos_pi_series), 1.0);
        return turns == 0 ? y : -y;
    }
    constexpr double pi = 0x1.921fb54442d18p+1, pi_low = 0x1.1a62633145c07p-53;
    const double y = r * std::fma(square, polynomial<8>(square, sin_pi_series), pi_low);
    return std::copysign(1.0, turns - 2) * std::fma(r, pi, y) + 0.0; // +0 at every 1/2
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__FMA__)

// Built for any x86-64, std::fma is a call: 50 ns an exp. Built for a processor with the instruction, and chosen at run
// time: 10 ns, and the same bits.
template <double (*f)(double)>
[[gnu::target("fma"), gnu::flatten, gnu::noinline]] double evaluate_with_fma(double x) {
    return f(x);
}

template <double (*f)(double)>
double evaluate(double x) {
    return __builtin_cpu_supports("fma") ? evaluate_with_fma<f>(x) : f(x);
}

#else

template <double (*f)(double)>
double evaluate(double x) {
    return f(x);
}

#endif

} // namespace detail

/// e^x
template <Real T>
T exp(T x) {
    return static_cast<T>(detail::evaluate<&detail::exp<T>>(x));
}

/// e^x - 1, without loss near 0.
template <Real T>
T expm1(T x) {
    return static_cast<T>(detail::evaluate<&detail::expm1<T>>(x));
}

/// The natural logarithm; -inf at 0, NaN below.
template <Real T>
T log(T x) {
    return static_cast<T>(detail::evaluate<&detail::log>(x));
}

/// log(1 + x), without loss near 0.
template <Real T>
T log1p(T x) {
    return static_cast<T>(detail::evaluate<&detail::log1p>(x));
}

template <Real T>
T tanh(T x) {
    return static_cast<T>(detail::evaluate<&detail::tanh<T>>(x));
}

/// 1 / (1 + e^-x).
template <Real T>
T sigmoid(T x) {
    return static_cast<T>(detail::evaluate<&detail::sigmoid<T>>(x));
}

/// The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.
template <Real T>
T erf(T x) {
    return static_cast<T>(detail::evaluate<&detail::erf<T>>(x));
}

/// cos(pi x), for which no multiple of pi needs rounding: cos_pi(0.5) is 0.
template <Real T>
T cos_pi(T x) {
    return static_cast<T>(detail::evaluate<&detail::cos_pi>(static_cast<double>(x)));
}

/// x^n for n >= 0, in O(log n) multiplications.
inline double power(double x, std::ptrdiff_t n) {
    double result = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n % 2 == 1) result *= x;
    return rounded(result);
}

/// x^y for x >= 0 and 0 <= y < 2^53: the whole part of y by multiplication, so that whole powers of short numbers are exact, and
/// the rest by exp and log. Within y / 2 + |log x| + 3 ulp.
inline double pow(double x, double y) {
    const double whole = std::floor(y);
    const double by_whole = power(x, static_cast<std::ptrdiff_t>(whole));
    return y == whole ? by_whole : rounded(by_whole * exp((y - whole) * log(x)));
}

/// The x below which a standard normal variable lies with probability p; infinite for 0 and 1, NaN outside.
template <Real T>
T normal_quantile(T p) {
    return static_cast<T>(detail::evaluate<&detail::normal_quantile>(p));
}

} // namespace fovea::math
