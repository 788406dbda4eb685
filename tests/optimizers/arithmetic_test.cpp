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
        const detail::RmsFactors<T> rms{T(0.9), T(0.1), T(0.8), T(0.01), T(0.5)};
        const auto mean = [&](T x, T fresh) { return times(x, rms.rho) + times(fresh, rms.fresh); };
        for (const bool with : {false, true})
            check(
                [&](auto target, FourBlocks<T>& b) {
                    rmsprop_step(target, rms, b.w.data(), b.g.data(), b.v.data(), with ? b.m.data() : nullptr,
                                 static_cast<T*>(nullptr), count);
                },
                [&](T& w, T g, T& m, T& v) {
                    v = mean(v, times(g, g));
                    const T move = times(g, rms.rate) / std::sqrt(v + rms.epsilon);
                    if (with) m = times(m, rms.momentum) + move;
                    w -= with ? m : move;
                });
        check(
            [&](auto target, FourBlocks<T>& b) {
                rmsprop_step(target, rms, b.w.data(), b.g.data(), b.v.data(), static_cast<T*>(nullptr), b.m.data(),
                             count);
            },
            [&](T& w, T g, T& a, T& v) {
                v = mean(v, times(g, g));
                a = mean(a, g);
                w -= times(g, rms.rate) / std::sqrt(std::max(v - times(a, a), T{0}) + rms.epsilon);
            });
        check([&](auto target,
                  FourBlocks<T>& b) { adagrad_step(target, rate, T(0.5), b.w.data(), b.g.data(), b.v.data(), count); },
              [&](T& w, T g, T&, T& a) {
                  a += times(g, g);
                  w -= times(g, rate) / std::sqrt(a + T(0.5));
              });
        check(
            [&](auto target, FourBlocks<T>& b) {
                for (T& d : b.m) d = std::abs(d);
                adadelta_step(target, rms, b.w.data(), b.g.data(), b.v.data(), b.m.data(), count);
            },
            [&](T& w, T g, T& d, T& a) {
                d = std::abs(d);
                a = mean(a, times(g, g));
                const T move = times(std::sqrt(d + rms.epsilon), g) / std::sqrt(a + rms.epsilon);
                d = mean(d, times(move, move));
                w -= times(move, rms.rate);
            });
        const detail::NadamFactors<T> nadam{T(0.1), T(0.001), T(0.7), T(0.3), T(0.01), T(1.5), T(1e-7)};
        check(
            [&](auto target, FourBlocks<T>& b) {
                nadam_step(target, nadam, b.w.data(), b.g.data(), b.m.data(), b.v.data(), count);
            },
            [&](T& w, T g, T& m, T& v) {
                m += times<T>(g - m, nadam.new_1);
                v += times<T>(times(g, g) - v, nadam.new_2);
                w -= times<T>(times(m, nadam.ahead) + times(g, nadam.now), nadam.rate) /
                     (std::sqrt(times(v, nadam.correction)) + nadam.epsilon);
            });
        const detail::LionFactors<T> lion{T(0.9), T(0.1), T(0.99), T(0.01), T(0.25)};
        check(
            [&](auto target, FourBlocks<T>& b) { lion_step(target, lion, b.w.data(), b.g.data(), b.m.data(), count); },
            [&](T& w, T g, T& m, T&) {
                const T direction = times(m, lion.beta_1) + times(g, lion.new_1);
                w -= direction > 0 ? lion.rate : direction < 0 ? -lion.rate : T{0};
                m = times(m, lion.beta_2) + times(g, lion.new_2);
            });
        for (const bool nesterov : {false, true})
            check(
                [&](auto target, FourBlocks<T>& b) {
                    muon_momentum(target, keep, nesterov, b.g.data(), b.m.data(), b.v.data(), count);
                },
                [&](T&, T g, T& m, T& direction) {
                    m += g + times<T>(m, keep - 1);
                    direction = nesterov ? g + times(m, keep) : m;
                });
        check([&](auto target, FourBlocks<T>& b) { average_weights(target, keep, b.m.data(), b.w.data(), count); },
              [&](T& w, T, T& average, T&) { average = times(average, keep) + times<T>(w, 1 - keep); });
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
