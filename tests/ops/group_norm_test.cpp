#include <cmath>

#include <fovea/core/tensor.hpp>
#include <fovea/ops/group_norm.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

TEST_CASE("group_norm_forward: mean and variance of each group, on every instruction set") {
    for (const ops::GroupNormGeometry g :
         {ops::GroupNormGeometry{1, 6, 2}, {7, 6, 3}, {200, 40, 40}, {65, 64, 4}, {9, 5, 1}}) {
        INFO(g.positions << ' ' << g.channels << ' ' << g.groups);
        const auto x = uniform_numbers<double>({g.positions, g.channels}, 1, -1, 3);
        const auto gamma = uniform_numbers<double>({g.channels}, 2), beta = uniform_numbers<double>({g.channels}, 3);
        const auto found = on_all_isas([&] {
            Tensor<double> y(x.shape()), mean(Shape{g.groups}), inverse(Shape{g.groups});
            Tensor<double> sums(Shape{2 * g.channels}), factors(Shape{2 * g.channels});
            ops::group_norm_forward<double>(g, x.data(), gamma, beta, 1e-3, y.data(), mean.data(), inverse.data(),
                                            sums.data(), factors.data());
            return std::vector{y, mean, inverse};
        });
        for (Index group = 0; group < g.groups; ++group) {
            const auto is_in = [&](Index i) { return i % g.channels / g.group_channels() == group; };
            double mean = 0, variance = 0;
            for (Index i = 0; i < x.size(); ++i)
                if (is_in(i)) mean += x[i] / g.group_size();
            for (Index i = 0; i < x.size(); ++i)
                if (is_in(i)) variance += (x[i] - mean) * (x[i] - mean) / g.group_size();
            const double inverse = 1 / std::sqrt(variance + 1e-3);
            // Sums of at most 8000 / 4 doubles near 1: errors of some 1e-13.
            CHECK(found[1][group] == Catch::Approx(mean).epsilon(1e-12));
            CHECK(found[2][group] == Catch::Approx(inverse).epsilon(1e-12));
            for (Index i = 0; i < x.size(); ++i) {
                if (!is_in(i)) continue;
                const double n = (x[i] - mean) * inverse;
                REQUIRE(found[0][i] == Catch::Approx(n * gamma[i % g.channels] + beta[i % g.channels]).margin(1e-11));
            }
        }
    }
}

TEST_CASE("group_norm_backward: the same bits on every instruction set, and what is not wanted is left alone") {
    const ops::GroupNormGeometry g{70, 36, 4};
    const auto x = uniform_numbers<float>({70, 36}, 1), dy = uniform_numbers<float>({70, 36}, 2);
    const auto gamma = uniform_numbers<float>({36}, 3);
    Tensor<float> y(x.shape()), mean(Shape{4}), inverse(Shape{4}), factors(Shape{5 * 36});
    Tensor<double> sums(Shape{2 * 36});
    ops::group_norm_forward<float>(g, x.data(), gamma, {}, 1e-3, y.data(), mean.data(), inverse.data(), sums.data(),
                                   factors.data());
    const auto run = [&](View<float> dgamma, View<float> dbeta, float* dx) {
        ops::group_norm_backward<float>(g, x.data(), gamma, mean.data(), inverse.data(), dy.data(), dgamma, dbeta, dx,
                                        sums.data(), factors.data());
    };
    const auto found = on_all_isas([&] {
        Tensor<float> dgamma(Shape{36}, 1), dbeta(Shape{36}, 2), dx(x.shape());
        run(dgamma, dbeta, dx.data());
        return std::vector{dgamma, dbeta, dx};
    });
    Tensor<float> dgamma(Shape{36}, 1), dbeta(Shape{36}, 2), dx(x.shape());
    run(dgamma, {}, nullptr);
    run({}, dbeta, nullptr);
    run({}, {}, dx.data());
    CHECK(dgamma == found[0]);
    CHECK(dbeta == found[1]);
    CHECK(dx == found[2]);
}
