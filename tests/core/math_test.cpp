#include "catch.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <fovea/core/math.hpp>

namespace math = fovea::math;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double denormal = std::numeric_limits<double>::denorm_min();

/// The distance in units in the last place of T at `expected`.
template <class T = double>
double ulps(T got, double expected) {
    const T size = std::abs(static_cast<T>(expected));
    const double unit =
        static_cast<double>(std::nextafter(size, std::numeric_limits<T>::infinity())) - static_cast<double>(size);
    return std::abs(static_cast<double>(got) - expected) / unit;
}

/// Pairs of x and the value there, as mpmath gives it with 60 digits, rounded to double.
void check(const std::vector<std::pair<double, double>>& values, double (*f)(double), double most) {
    for (const auto& [x, expected] : values) {
        INFO("x = " << x << ", got " << f(x) << ", expected " << expected);
        CHECK(ulps(f(x), expected) <= most);
    }
}

/// The greatest distance between f and the platform's own g at 20001 places from low to high.
template <class T, class F, class G>
double worst(F&& f, G&& g, double low, double high) {
    double result = 0;
    for (int i = 0; i <= 20000; ++i) {
        const T x = static_cast<T>(low + (high - low) * i / 20000);
        result = std::max(result, ulps<T>(f(x), g(static_cast<double>(x))));
    }
    return result;
}

bool is_positive_zero(double x) { return x == 0 && !std::signbit(x); }
bool is_negative_zero(double x) { return x == 0 && std::signbit(x); }

double platform_sigmoid(double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }

} // namespace

TEST_CASE("exp equals values of mpmath") {
    check({{-745, 0x0.0000000000001p-1022},
           {-700.5, 0x1.4ff475c68ca02p-1011},
           {-30.25, 0x1.4835bd010a41bp-44},
           {-0.3, 0x1.7b4c869c37c05p-1},
           {1e-10, 0x1.000000006df38p+0},
           {0.5, 0x1.a61298e1e069cp+0},
           {1, 0x1.5bf0a8b145769p+1},
           {88.7, 0x1.f4705bbffae5cp+127},
           {709.5, 0x1.81e9b4b52d0c9p+1023}},
          math::exp<double>, 1);
}

TEST_CASE("expm1 equals values of mpmath") {
    check({{-30, -0x1.ffffffffffcb5p-1},
           {-0.7, -0x1.01bf92311555fp-1},
           {-1e-05, -0x1.4f8aea9acf2c9p-17},
           {1e-300, 0x1.56e1fc2f8f359p-997},
           {1e-08, 0x1.5798ee3fdb764p-27},
           {0.3, 0x1.6641632306a56p-2},
           {0.35, 0x1.ad200b20177b2p-2},
           {5, 0x1.26d389970338fp+7},
           {709.5, 0x1.81e9b4b52d0c9p+1023}},
          math::expm1<double>, 2);
}

TEST_CASE("log equals values of mpmath") {
    check({{5e-324, -0x1.74385446d71c3p+9},
           {1e-310, -0x1.64e69394d9508p+9},
           {1e-05, -0x1.7069e2aa2aa5bp+3},
           {0.7, -0x1.6d3c324e13f50p-2},
           {0.9999999, -0x1.ad7f2b1049b9fp-24},
           {1.0000001, 0x1.ad7f2847b6492p-24},
           {1.5, 0x1.9f323ecbf984cp-2},
           {10, 0x1.26bb1bbb55516p+1},
           {1.7e+308, 0x1.62dd08fdc6f88p+9}},
          math::log<double>, 1);
}

TEST_CASE("log1p equals values of mpmath") {
    check({{-0.9999999, -0x1.01e3b8440ed2fp+4},
           {-0.5, -0x1.62e42fefa39efp-1},
           {-1e-09, -0x1.12e0be84bbb51p-30},
           {1e-300, 0x1.56e1fc2f8f359p-997},
           {1e-16, 0x1.cd2b297d889bcp-54},
           {1e-05, 0x1.4f8aea9ae7317p-17},
           {0.4, 0x1.588c2d9133490p-2},
           {7, 0x1.0a2b23f3bab73p+1},
           {1e+300, 0x1.5963447f87fb5p+9}},
          math::log1p<double>, 1);
}

TEST_CASE("tanh equals values of mpmath") {
    check({{-20, -0x1.0000000000000p+0},
           {-0.6, -0x1.12f8292d2ccfcp-1},
           {-1e-07, -0x1.ad7f29abcaf2fp-24},
           {1e-300, 0x1.56e1fc2f8f359p-997},
           {0.001, 0x1.0624d77516ce2p-10},
           {0.2, 0x1.9439830b3a590p-3},
           {0.55, 0x1.00442f6419203p-1},
           {1.5, 0x1.cf6f9786df577p-1},
           {9, 0x1.fffffefa59d78p-1}},
          math::tanh<double>, 3);
}

TEST_CASE("sigmoid equals values of mpmath") {
    check({{-740, 0x0.0000000000055p-1022},
           {-100, 0x1.a8c1f14e2af5dp-145},
           {-5, 0x1.b69f67d638f8ep-8},
           {-0.1, 0x1.e66bdb1aca090p-2},
           {1e-09, 0x1.0000000225c18p-1},
           {0.25, 0x1.1fd5992bc4b83p-1},
           {1, 0x1.764d4f5d5a2bdp-1},
           {5, 0x1.fc92c130538e1p-1},
           {30, 0x1.ffffffffffcb5p-1}},
          math::sigmoid<double>, 3);
}

TEST_CASE("erf equals values of mpmath") {
    check({{-5.5, -0x1.fffffffffffbep-1},
           {-1.1, -0x1.c2aa3d27302c0p-1},
           {-0.999, -0x1.af4003d2e0fcap-1},
           {1e-300, 0x1.82e6d98711d3ap-997},
           {0.0001, 0x1.d946ca4401e6ep-14},
           {0.3, 0x1.50838881dea0fp-2},
           {0.8, 0x1.7bf4a85b7fb83p-1},
           {2.5, 0x1.ffcaa8f4c9beap-1},
           {4, 0x1.ffffff7b91176p-1}},
          math::erf<double>, 2);
}

TEST_CASE("cos_pi equals values of mpmath") {
    check({{0, 1},
           {1e-09, 1},
           {0.1, 0x1.e6f0e134454ffp-1},
           {0.25, 0x1.6a09e667f3bcdp-1},
           {0.2500001, 0x1.6a09def3bf840p-1},
           {0.3, 0x1.2cf2304755a5ep-1},
           {0.49999, 0x1.078930424b7efp-15},
           {0.500001, -0x1.a5a84d383860ep-19},
           {0.75, -0x1.6a09e667f3bcdp-1},
           {0.9, -0x1.e6f0e13445500p-1},
           {1, -1},
           {1.7, 0x1.2cf2304755a5dp-1},
           {-0.4, 0x1.3c6ef372fe94ep-2},
           {7.3, -0x1.2cf2304755a62p-1},
           {1000000.4, 0x1.3c6ef371cca0cp-2},
           {9007199254740992, 1},
           {1e300, 1}},
          math::cos_pi<double>, 1);
    for (const double half : {0.5, -0.5, 1.5, 2.5, 3.5, 4503599627370495.5})
        CHECK(is_positive_zero(math::cos_pi(half)));
}

TEST_CASE("power: by repeated multiplication") {
    CHECK(math::power(0.9, 0) == 1);
    CHECK(math::power(0.9, 1) == 0.9);
    CHECK(math::power(0.5, 10) == 0x1p-10);
    CHECK(math::power(0.75, 3) == 0.421875);
    CHECK(math::power(0.999, 1000) == Catch::Approx(0.36769542477096373).epsilon(1e-13));
    CHECK(math::power(0.9, 1'000'000) == 0);
}

TEST_CASE("pow equals values of mpmath") {
    CHECK(math::pow(0.96, 0.5) == Catch::Approx(0x1.f5a7cecdb684ap-1).epsilon(1e-15));
    CHECK(math::pow(0.96, 37.25) == Catch::Approx(0x1.bfa506be398efp-3).epsilon(5e-15));
    CHECK(math::pow(0.3, 0.001) == Catch::Approx(0x1.ff6249afa2715p-1).epsilon(1e-15));
    CHECK(math::pow(2, 10.5) == Catch::Approx(0x1.6a09e667f3bcdp+10).epsilon(2e-15));
    CHECK(math::pow(0.0001, 1.9) == Catch::Approx(0x1.af89eefe0b3bap-26).epsilon(2e-15));
    CHECK(math::pow(1.5, 200.7) == Catch::Approx(0x1.5241aab65788bp+117).epsilon(2e-14));
    CHECK(math::pow(0.5, 3) == 0.125);
    CHECK(math::pow(0, 0) == 1);
    CHECK(math::pow(0, 0.5) == 0);
    CHECK(math::pow(0, 2) == 0);
    CHECK(math::pow(1, 0.3) == 1);
}

TEST_CASE("normal_quantile equals values of mpmath") {
    check({{5e-324, -0x1.33bd3f27fcd03p+5},
           {1e-300, -0x1.286074064c26ep+5},
           {1e-12, -0x1.c234fba57a32ap+2},
           {1.3e-11, -0x1.aaba256709820p+2},
           {1.1641532182693481e-10, -0x1.95a1198fcf3d6p+2},
           {0.001, -0x1.8b8cbb7204471p+1},
           {0.0749, -0x1.70b374817af52p+0},
           {0.0751, -0x1.7056dc6686c9bp+0},
           {0.3, -0x1.0c7e39582c5fbp-1},
           {0.49999, -0x1.a48add58fc7a0p-16},
           {0.6, 0x1.036d6c4a04b59p-2},
           {0.9, 0x1.4813c36e26d33p+0},
           {0.999999, 0x1.30381a97985efp+2}},
          math::normal_quantile<double>, 8);
}

TEST_CASE("double functions agree with the platform's over their range") {
    // What math.hpp promises, and one more for the platform's own error (two for sigmoid, made of three operations).
    CHECK(worst<double>(
              math::exp<double>, [](double x) { return std::exp(x); }, -745, 709.7) <= 2);
    CHECK(worst<double>(
              math::exp<double>, [](double x) { return std::exp(x); }, -1, 1) <= 2);
    CHECK(worst<double>(
              math::expm1<double>, [](double x) { return std::expm1(x); }, -2, 2) <= 4);
    CHECK(worst<double>(
              math::expm1<double>, [](double x) { return std::expm1(x); }, -40, 709.7) <= 4);
    CHECK(worst<double>(
              math::log<double>, [](double x) { return std::log(x); }, 0.4, 2.1) <= 2);
    CHECK(worst<double>(
              math::log<double>, [](double x) { return std::log(x); }, 1e-3, 1e9) <= 2);
    CHECK(worst<double>(
              math::log1p<double>, [](double x) { return std::log1p(x); }, -0.99, 3) <= 2);
    CHECK(worst<double>(
              math::tanh<double>, [](double x) { return std::tanh(x); }, -3, 3) <= 4);
    CHECK(worst<double>(
              math::tanh<double>, [](double x) { return std::tanh(x); }, -25, 25) <= 4);
    CHECK(worst<double>(math::sigmoid<double>, platform_sigmoid, -40, 40) <= 5);
    // 0.8 ulp of the platform's come from the rounded pi x.
    CHECK(worst<double>(
              math::cos_pi<double>, [](double x) { return std::cos(3.141592653589793 * x); }, -0.25, 0.25) <= 3);
    CHECK(worst<double>(
              math::cos_pi<double>, [](double x) { return -std::sin(3.141592653589793 * (x - 0.5)); }, 0.25, 0.75) <=
          3);
    CHECK(worst<double>(
              math::erf<double>, [](double x) { return std::erf(x); }, -7, 7) <= 4);
    CHECK(worst<double>(
              math::erf<double>, [](double x) { return std::erf(x); }, -1e-3, 1e-3) <= 4);
}

TEST_CASE("float functions are as good as correctly rounded") {
    // Measured against the platform's double functions, whose error is no part of a float.
    CHECK(worst<float>(
              math::exp<float>, [](double x) { return std::exp(x); }, -103, 88.7) <= 0.52);
    CHECK(worst<float>(
              math::exp<float>, [](double x) { return std::exp(x); }, -1, 1) <= 0.52);
    CHECK(worst<float>(
              math::expm1<float>, [](double x) { return std::expm1(x); }, -2, 2) <= 0.52);
    CHECK(worst<float>(
              math::log<float>, [](double x) { return std::log(x); }, 0.4, 2.1) <= 0.52);
    CHECK(worst<float>(
              math::log1p<float>, [](double x) { return std::log1p(x); }, -0.99, 3) <= 0.52);
    CHECK(worst<float>(
              math::tanh<float>, [](double x) { return std::tanh(x); }, -3, 3) <= 0.52);
    CHECK(worst<float>(
              math::cos_pi<float>, [](double x) { return std::cos(3.141592653589793 * x); }, -0.25, 0.25) <= 0.52);
    CHECK(worst<float>(math::sigmoid<float>, platform_sigmoid, -40, 40) <= 0.52);
    CHECK(worst<float>(
              math::erf<float>, [](double x) { return std::erf(x); }, -5, 5) <= 0.52);
}

TEST_CASE("zeros keep their sign and denormals their value where the function is x near 0") {
    const auto odd = {math::expm1<double>, math::log1p<double>, math::tanh<double>};
    for (const auto f : odd) {
        CHECK(is_positive_zero(f(0.0)));
        CHECK(is_negative_zero(f(-0.0)));
        CHECK(f(denormal) == denormal);
        CHECK(f(-3 * denormal) == -3 * denormal);
        CHECK(f(1e-310) == 1e-310);
    }
    CHECK(is_positive_zero(math::erf(0.0)));
    CHECK(is_negative_zero(math::erf(-0.0)));
    CHECK(math::erf(denormal) == denormal);
    CHECK(math::exp(0.0) == 1);
    CHECK(math::exp(denormal) == 1);
    CHECK(math::sigmoid(-0.0) == 0.5);
    CHECK(is_positive_zero(math::log(1.0)));
}

TEST_CASE("infinities are right, in and out") {
    CHECK(math::exp(infinity) == infinity);
    CHECK(is_positive_zero(math::exp(-infinity)));
    CHECK(math::exp(709.79) == infinity);
    CHECK(math::exp(709.78) < infinity);
    CHECK(math::exp(1e300) == infinity);
    CHECK(math::exp(-745.13) == denormal);
    CHECK(is_positive_zero(math::exp(-745.14)));
    CHECK(math::exp(88.73F) == std::numeric_limits<float>::infinity());
    CHECK(math::exp(88.72F) < std::numeric_limits<float>::infinity());
    CHECK(math::exp(-103.97F) == std::numeric_limits<float>::denorm_min());
    CHECK(math::exp(-104.0F) == 0);
    CHECK(math::expm1(infinity) == infinity);
    CHECK(math::expm1(-infinity) == -1);
    CHECK(math::expm1(709.79) == infinity);
    CHECK(math::log(infinity) == infinity);
    CHECK(math::log(0.0) == -infinity);
    CHECK(math::log(-0.0) == -infinity);
    CHECK(math::log1p(infinity) == infinity);
    CHECK(math::log1p(-1.0) == -infinity);
    CHECK(math::tanh(infinity) == 1);
    CHECK(math::tanh(-infinity) == -1);
    CHECK(math::tanh(1e300) == 1);
    CHECK(math::sigmoid(infinity) == 1);
    CHECK(is_positive_zero(math::sigmoid(-infinity)));
    CHECK(math::erf(infinity) == 1);
    CHECK(math::erf(-infinity) == -1);
    CHECK(math::erf(-6.0) == -1);
    CHECK(math::normal_quantile(0.0) == -infinity);
    CHECK(math::normal_quantile(1.0) == infinity);
}

TEST_CASE("NaN goes through, and comes out where there is no value") {
    for (const auto f :
         {math::exp<double>, math::expm1<double>, math::log<double>, math::log1p<double>, math::tanh<double>,
          math::sigmoid<double>, math::erf<double>, math::cos_pi<double>, math::normal_quantile<double>})
        CHECK(std::isnan(f(not_a_number)));
    CHECK(std::isnan(math::cos_pi(infinity)));
    for (const auto f : {math::exp<float>, math::expm1<float>, math::log<float>, math::log1p<float>, math::tanh<float>,
                         math::sigmoid<float>, math::erf<float>, math::normal_quantile<float>})
        CHECK(std::isnan(f(std::numeric_limits<float>::quiet_NaN())));
    CHECK(std::isnan(math::log(-1.0)));
    CHECK(std::isnan(math::log(-denormal)));
    CHECK(std::isnan(math::log(-infinity)));
    CHECK(std::isnan(math::log1p(-1.5)));
    CHECK(std::isnan(math::normal_quantile(-0.1)));
    CHECK(std::isnan(math::normal_quantile(1.1)));
    CHECK(std::isnan(math::normal_quantile(infinity)));
}

TEST_CASE("the normal quantile is odd about 1/2, grows, and undoes the distribution") {
    CHECK(math::normal_quantile(0.5) == 0);
    double previous = -infinity;
    for (int i = 1; i < 4096; ++i) {
        const double p = i * 0x1p-12; // so that 1 - p is exact
        const double z = math::normal_quantile(p);
        CHECK(z > previous);
        CHECK(math::normal_quantile(1 - p) == -z);
        // An error e of z becomes z^2 e of p at most; 16 ulp hold that up to |z| = 3.5 and the platform's erfc.
        CHECK(std::abs(std::erfc(-z * std::sqrt(0.5)) / 2 / p - 1) < 16 * (1 + z * z) * 0x1p-53);
        previous = z;
    }
}

TEST_CASE("the bits are the same on every platform") {
    std::uint64_t hash = 14695981039346656037U; // FNV-1a, 64 bits at a time
    const auto add = [&hash](double y) { hash = (hash ^ std::bit_cast<std::uint64_t>(y)) * 1099511628211U; };
    for (int i = -2000; i <= 2000; ++i) {
        const double x = i * 0x1.91p-8; // exact, and so are those below
        add(math::exp(x * 32));
        add(math::expm1(x));
        add(math::tanh(x));
        add(math::sigmoid(x));
        add(math::erf(x));
        add(math::exp(static_cast<float>(x)));
        add(math::tanh(static_cast<float>(x)));
        add(math::erf(static_cast<float>(x)));
        if (i <= 0) continue;
        add(math::log(x));
        add(math::log1p(x));
        add(math::normal_quantile(i * 0x1p-11 * 0.9765625));
        add(math::normal_quantile(std::ldexp(1.0, -i / 2)));
    }
    CHECK(hash == 0xcd01c4db9a702658);
    for (int i = -2000; i <= 2000; ++i) {
        const double x = i * 0x1.91p-8;
        add(math::cos_pi(x));
        add(math::cos_pi(static_cast<float>(x)));
        if (i >= 0) add(math::pow(x, i * 0x1p-6));
    }
    CHECK(hash == 0xfcb7fc751c894a05);
}
