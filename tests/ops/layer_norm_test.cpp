#include <cmath>
#include <limits>

#include <fovea/core/tensor.hpp>
#include <fovea/ops/layer_norm.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

namespace {

/// Mean and 1 / sqrt(variance + epsilon) of one row, in long double.
struct RowStatistics {
    long double mean = 0, inverse = 0;

    RowStatistics(const Tensor<double>& x, Index row, double epsilon) {
        const Index count = x.shape().last();
        for (Index i = 0; i < count; ++i) mean += x(row, i) / static_cast<long double>(count);
        long double variance = 0;
        for (Index i = 0; i < count; ++i)
            variance += (x(row, i) - mean) * (x(row, i) - mean) / static_cast<long double>(count);
        inverse = 1 / std::sqrt(variance + epsilon);
    }
};

} // namespace

TEST_CASE("layer_norm_forward: any number of features, on every instruction set") {
    for (const Index features : {1, 2, 15, 16, 17, 128, 255, 256, 257, 5000}) {
        INFO(features);
        const auto x = uniform_numbers<double>({3, features}, 1, -1, 3);
        const auto gamma = uniform_numbers<double>({features}, 2), beta = uniform_numbers<double>({features}, 3);
        const auto found = on_all_isas([&] {
            Tensor<double> y(x.shape()), bare(x.shape()), mean(Shape{3}), inverse(Shape{3});
            ops::layer_norm_forward<double>(x, features, gamma, beta, 1e-3, y, mean, inverse);
            ops::layer_norm_forward<double>(x, features, {}, {}, 1e-3, bare, {}, {});
            return std::vector{y, bare, mean, inverse};
        });
        for (Index row = 0; row < 3; ++row) {
            const RowStatistics expected(x, row, 1e-3);
            // Sums of up to 5000 doubles near 1: errors of some 1e-15.
            CHECK(found[2][row] == Catch::Approx(static_cast<double>(expected.mean)).epsilon(1e-13));
            CHECK(found[3][row] == Catch::Approx(static_cast<double>(expected.inverse)).epsilon(1e-13));
            for (const Index i : {Index{0}, features / 2, features - 1}) {
                const auto n = static_cast<double>((x(row, i) - expected.mean) * expected.inverse);
                CHECK(found[1](row, i) == Catch::Approx(n).margin(1e-12));
                CHECK(found[0](row, i) == Catch::Approx(n * gamma[i] + beta[i]).margin(1e-12));
            }
        }
    }
}

TEST_CASE("layer_norm_forward: numbers far from zero keep their variance") {
    Tensor<float> x(Shape{1, 1000}), y(x.shape()), mean(Shape{1}), inverse(Shape{1});
    for (Index i = 0; i < x.size(); ++i) x[i] = 10000 + static_cast<float>(i % 2);
    ops::layer_norm_forward<float>(x, 1000, {}, {}, 1e-6, y, mean, inverse);
    CHECK(mean[0] == Catch::Approx(10000.5).margin(0.001)); // near 10,000 floats are 0.001 apart
    CHECK(1 / (inverse[0] * inverse[0]) == Catch::Approx(0.25).margin(1e-5));
}

TEST_CASE("layer_norm_backward: the same bits on every instruction set, and what is not wanted is left alone") {
    for (const Index features : {3, 64, 301}) {
        const Index rows = 150; // more than are added up at once
        const auto x = uniform_numbers<float>({rows, features}, 1), dy = uniform_numbers<float>({rows, features}, 2);
        const auto gamma = uniform_numbers<float>({features}, 3);
        Tensor<float> y(x.shape()), mean(Shape{rows}), inverse(Shape{rows}), sums(Shape{2 * features});
        ops::layer_norm_forward<float>(x, features, gamma, {}, 1e-3, y, mean, inverse);
        const auto run = [&](View<float> dgamma, View<float> dbeta, View<float> dx) {
            ops::layer_norm_backward<float>(x, features, gamma, mean, inverse, dy, dgamma, dbeta, dx, sums.data());
        };
        const auto found = on_all_isas([&] {
            Tensor<float> dgamma(Shape{features}, 1), dbeta(Shape{features}, 2), dx(x.shape());
            run(dgamma, dbeta, dx);
            return std::vector{dgamma, dbeta, dx};
        });
        Tensor<float> dgamma(Shape{features}, 1), dbeta(Shape{features}, 2), dx(x.shape());
        run(dgamma, {}, {});
        run({}, dbeta, {});
        run({}, {}, dx);
        CHECK(dgamma == found[0]);
        CHECK(dbeta == found[1]);
        CHECK(dx == found[2]);
        double sum = 2;
        for (Index row = 0; row < rows; ++row) sum += dy(row, features - 1);
        CHECK(dbeta[features - 1] == Catch::Approx(sum).margin(1e-5));
    }
}
