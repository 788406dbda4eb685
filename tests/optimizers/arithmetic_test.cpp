#include <fovea/optimizers/arithmetic.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

namespace {

/// A product that nothing is fused with, by another way than the library's.
template <class T>
T times(T a, T b) {
    const volatile T product = a * b;
    return product;
}

template <class T>
struct FourBlocks {
    Tensor<T> w, g, m, v;

    explicit FourBlocks(Index count)
        : w(uniform_numbers<T>({count}, 1)), g(uniform_numbers<T>({count}, 2)), m(uniform_numbers<T>({count}, 3)),
          v(uniform_numbers<T>({count}, 4, 0, 1)) {}

    std::vector<Tensor<T>> all() const { return {w, m, v}; }
};

} // namespace

TEMPLATE_TEST_CASE("the optimizers' loops: every product rounded, on all instruction sets", "[optimizers]", float,
                   double) {
    using T = TestType;
    for (Index count = 0; count < 70; ++count) {
        CAPTURE(count);
        const FourBlocks<T> before(count);
        const auto check = [&](auto&& step, auto&& by_hand) {
            const auto results = on_all_isas([&] {
                FourBlocks<T> blocks = before;
                simd::dispatch([&](auto target) { step(target, blocks); });
                return blocks.all();
            });
            FourBlocks<T> expected = before;
            for (Index i = 0; i < count; ++i) by_hand(expected.w[i], expected.g[i], expected.m[i], expected.v[i]);
            CHECK(results == expected.all());
        };
        const T rate = T(0.01), keep = T(0.9);
        const detail::AdamFactors<T> f{T(0.1), T(0.001), T(0.003), T(1e-7)};
        check([&](auto target,
                  FourBlocks<T>& b) { adam_step(target, f, b.w.data(), b.g.data(), b.m.data(), b.v.data(), count); },
              [&](T& w, T g, T& m, T& v) {
                  m += times<T>(g - m, f.new_1);
                  v += times<T>(times(g, g) - v, f.new_2);
                  w -= times(m, f.alpha) / (std::sqrt(v) + f.epsilon);
              });
        check([&](auto target, FourBlocks<T>& b) { sgd_step(target, rate, b.w.data(), b.g.data(), count); },
              [&](T& w, T g, T&, T&) { w -= times(g, rate); });
        for (const bool nesterov : {false, true})
            check(
                [&](auto target, FourBlocks<T>& b) {
                    momentum_step(target, rate, keep, nesterov, b.w.data(), b.g.data(), b.m.data(), count);
                },
                [&](T& w, T g, T& m, T&) {
                    m = times(m, keep) - times(g, rate);
                    w += nesterov ? times(m, keep) - times(g, rate) : m;
                });
        check([&](auto target, FourBlocks<T>& b) { decay_weights(target, keep, rate, b.w.data(), count); },
              [&](T& w, T, T&, T&) { w -= times(times(w, keep), rate); });
    }
}

TEST_CASE("sum_of_squares: in double", "[optimizers]") {
    std::vector<float> x(1001);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    CHECK(detail::sum_of_squares<float>(x) == 333833500); // 1000 * 1001 * 2001 / 6, beyond float's 2^24
    CHECK(detail::sum_of_squares<float>({}) == 0);
}

TEMPLATE_TEST_CASE("sum_of_squares: the same bits on all instruction sets, for any number of elements", "[optimizers]",
                   float, double) {
    for (Index count = 0; count < 100; ++count) {
        const auto x = uniform_numbers<TestType>({count}, 1);
        const auto sum =
            on_all_isas([&] { return std::vector{Tensor<double>{detail::sum_of_squares<TestType>(x.span())}}; });
        double expected = 0;
        for (const TestType value : x) expected += static_cast<double>(value) * static_cast<double>(value);
        CHECK(sum[0][0] == Catch::Approx(expected).epsilon(1e-14));
    }
}
