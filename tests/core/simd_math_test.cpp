#include "catch.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include <fovea/core/simd_math.hpp>

#include "support/isa.hpp"

#define FOVEA_KERNELS "core/simd_math_test.inl"
#include <fovea/core/simd/for_each_target.inl>

using namespace fovea;

namespace {

template <class T>
std::vector<T> evaluate_all(char function, const std::vector<T>& x) {
    std::vector<T> y(x.size());
    simd::dispatch([&](auto target) { evaluate(target, function, x.data(), y.data(), static_cast<Index>(x.size())); });
    return y;
}

/// `count` numbers from low to high, and what lies beyond the range of most functions.
template <class T>
std::vector<T> numbers(double low, double high, int count = 20001) {
    using Limits = std::numeric_limits<T>;
    std::vector<T> x;
    for (int i = 0; i < count; ++i) x.push_back(static_cast<T>(low + (high - low) * i / (count - 1)));
    for (const T special : {T{0}, Limits::denorm_min(), Limits::min(), T(1e-20), T(1e-5), T(20), T(88.5), T(104.5),
                            T(709.5), T(746.5), Limits::max(), Limits::infinity()})
        x.insert(x.end(), {-special, high > 0 ? special : -special});
    return x;
}

/// The greatest distance from g, the platform's function of double, in units in the last place of float.
double worst(char function, const std::vector<float>& x, double (*g)(double)) {
    const std::vector<float> y = evaluate_all(function, x);
    double result = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = g(static_cast<double>(x[i]));
        if (std::abs(expected) > static_cast<double>(std::numeric_limits<float>::max())) {
            CHECK(std::isinf(y[i]));
            continue;
        }
        const float size = std::abs(static_cast<float>(expected));
        const double unit = static_cast<double>(std::nextafter(size, std::numeric_limits<float>::infinity())) -
                            static_cast<double>(size);
        result = std::max(result, std::abs(static_cast<double>(y[i]) - expected) / unit);
    }
    return result;
}

double exact_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double exact_normal(double z) { return std::erfc(-z * std::sqrt(0.5)) / 2; }
double exact_bell(double z) { return std::exp(-z * z / 2); }

constexpr const char* functions = "emtsrnb";

} // namespace

TEST_CASE("float vectors: as exact as promised") {
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        for (const double range : {1.0, 12.0, 104.0}) {
            const auto x = numbers<float>(-range, range);
            CHECK(worst('e', x, [](double value) { return std::exp(value); }) <= 1);
            CHECK(worst('m', numbers<float>(-range, 0), [](double value) { return std::expm1(value); }) <= 1);
            CHECK(worst('t', x, [](double value) { return std::tanh(value); }) <= 2.5);
            CHECK(worst('s', x, exact_sigmoid) <= 2.5);
            // Not beyond 13, where numbers become denormal.
            const double most = std::min(range, 13.0);
            auto z = numbers<float>(-most, most);
            z.resize(20001);
            CHECK(worst('n', z, exact_normal) <= 8);
            CHECK(worst('b', z, exact_bell) <= 2);
        }
    }
}

TEST_CASE("double vectors: the bits of the functions of one number") {
    const auto check = [](char function, const std::vector<double>& x, double (*f)(double)) {
        const std::vector<double> y = evaluate_all(function, x);
        for (std::size_t i = 0; i < x.size(); ++i) {
            INFO(function << " of " << x[i] << " is " << y[i] << " and " << f(x[i]));
            if (y[i] != f(x[i])) FAIL();
        }
        SUCCEED();
    };
    for (const double range : {1.0, 30.0, 750.0}) {
        const auto x = numbers<double>(-range, range, 2001);
        check('e', x, math::exp<double>);
        check('m', numbers<double>(-range, 0, 2001), math::expm1<double>);
        check('t', x, math::tanh<double>);
        check('s', x, math::sigmoid<double>);
    }
}

TEST_CASE("double vectors: the normal distribution within 2e-16 and some units") {
    auto z = numbers<double>(-37, 37);
    z.resize(20001);
    const std::vector<double> below = evaluate_all('n', z), bell = evaluate_all('b', z);
    for (std::size_t i = 0; i < z.size(); ++i) {
        INFO(z[i]);
        CHECK(below[i] == Catch::Approx(exact_normal(z[i])).epsilon(0).margin(2e-16));
        // The platform's exp(-z^2/2) itself suffers from the rounding of z^2.
        CHECK(bell[i] == Catch::Approx(exact_bell(z[i])).epsilon(1e-15 + 1e-16 * z[i] * z[i]));
        if (z[i] > -8) CHECK(below[i] == Catch::Approx(exact_normal(z[i])).epsilon(1e-14));
    }
}

TEMPLATE_TEST_CASE("square roots are std::sqrt's", "", float, double) {
    std::vector<TestType> x = numbers<TestType>(0, 100);
    for (TestType& value : x) value = std::abs(value);
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        const std::vector<TestType> y = evaluate_all('r', x);
        for (std::size_t i = 0; i < x.size(); ++i)
            if (y[i] != std::sqrt(x[i])) FAIL(x[i]);
    }
}

TEMPLATE_TEST_CASE("functions of vectors: the same bits on all instruction sets, for any number of elements", "", float,
                   double) {
    std::vector<TestType> x = numbers<TestType>(-20, 20, 301);
    for (const char* function = functions; *function != 0; ++function) {
        for (std::size_t count = x.size() - 40; count <= x.size(); ++count) {
            const std::vector<TestType> part(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(count));
            std::vector<std::vector<TestType>> results;
            for (const Isa isa : available_isas()) {
                const IsaGuard guard(isa);
                results.push_back(evaluate_all(*function, part));
                for (std::size_t i = 0; i < count; ++i) {
                    INFO(isa << ' ' << *function << ' ' << x[i]);
                    const TestType first = results.front()[i], now = results.back()[i];
                    using Bits = simd::Integer<TestType>;
                    if (std::isnan(first) ? !std::isnan(now) : std::bit_cast<Bits>(first) != std::bit_cast<Bits>(now))
                        FAIL();
                }
            }
        }
    }
}

TEMPLATE_TEST_CASE("functions of vectors: NaN goes through, zeros keep their sign", "", float, double) {
    constexpr TestType nan = std::numeric_limits<TestType>::quiet_NaN();
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        for (const char* function = functions; *function != 0; ++function) {
            INFO(*function);
            const auto y = evaluate_all<TestType>(*function, {0, nan, 0});
            CHECK(std::isnan(y[1]));
            CHECK_FALSE(std::isnan(y[0]));
        }
        CHECK(std::signbit(evaluate_all<TestType>('t', {TestType{-0.0}})[0]));
        CHECK_FALSE(std::signbit(evaluate_all<TestType>('t', {TestType{0.0}})[0]));
    }
}

TEMPLATE_TEST_CASE("vectors: products are rounded, and lanes end where they should", "", float, double) {
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        const TestType epsilon = std::numeric_limits<TestType>::epsilon();
        const TestType x = 1 + epsilon; // its square is 1 + 2 e + e^2
        for (const TestType y : evaluate_all('*', std::vector<TestType>(37, x))) CHECK(y == 2 * epsilon);
        for (std::size_t count = 1; count < 40; ++count) {
            std::vector<TestType> expected(count, 3);
            expected.back() = 0;
            CHECK(evaluate_all('l', std::vector<TestType>(count, 3)) == expected);
        }
    }
}
