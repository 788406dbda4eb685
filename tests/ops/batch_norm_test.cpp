#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/batch_norm.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

namespace {

template <class T>
struct Moments {
    Tensor<T> mean, variance;
};

template <class T>
Moments<T> moments(const Tensor<T>& x) {
    const Index channels = x.shape().last();
    Moments<T> result{Tensor<T>(Shape{channels}), Tensor<T>(Shape{channels})};
    Tensor<double> sums(Shape{ops::batch_norm_sums(x.size() / channels, channels)},
                        std::numeric_limits<double>::quiet_NaN());
    ops::batch_moments<T>(x, result.mean, result.variance, sums.data());
    return result;
}

} // namespace

TEST_CASE("batch_moments: by hand") {
    const auto found = moments(Tensor<double>(Shape{1, 2, 2, 2}, {1, -1, 2, -1, 3, -1, 6, -1}));
    CHECK(found.mean == Tensor<double>{3, -1});
    CHECK(found.variance == Tensor<double>{3.5, 0}); // (4 + 1 + 0 + 9) / 4
}

TEST_CASE("batch_moments: any number of rows and channels") {
    for (const Index channels : {1, 5, 64, 65}) {
        for (const Index rows : {1, 63, 64, 255, 256, 257, 20000}) {
            const auto x = uniform_numbers<double>({rows, channels}, 1, 0, 1);
            const auto found = moments(x);
            const auto count = static_cast<double>(rows);
            std::vector<double> mean(static_cast<std::size_t>(channels)), variance(mean);
            for (Index i = 0; i < x.size(); ++i) mean[static_cast<std::size_t>(i % channels)] += x[i] / count;
            for (Index i = 0; i < x.size(); ++i) {
                const auto c = static_cast<std::size_t>(i % channels);
                variance[c] += (x[i] - mean[c]) * (x[i] - mean[c]) / count;
            }
            INFO(rows << " rows, " << channels << " channels");
            // 20,000 sums of doubles one by one: at most 20,000 times 1e-16 of error.
            CHECK(allclose(found.mean, Tensor<double>(Shape{channels}, mean), 2e-12, 0));
            CHECK(allclose(found.variance, Tensor<double>(Shape{channels}, variance), 2e-12, 1e-28));
        }
    }
}

TEST_CASE("batch_norm_forward: with and without gamma and beta") {
    const Tensor<double> x{{4, 1}, {8, 3}}, mean{2, 1}, variance{3, 0}, gamma{10, 100}, beta{1, 2};
    Tensor<double> y(x.shape()), factors(Shape{2});
    const auto run = [&](ConstView<double> scale, ConstView<double> shift) {
        ops::batch_norm_forward<double>(x, mean, variance, scale, shift, 1.0, y, factors.data());
        return y;
    };
    CHECK(run(gamma, beta) == Tensor<double>{{11, 2}, {31, 202}});
    CHECK(run({}, beta) == Tensor<double>{{2, 2}, {4, 4}});
    CHECK(run(gamma, {}) == Tensor<double>{{10, 0}, {30, 200}});
    CHECK(run({}, {}) == Tensor<double>{{1, 0}, {3, 2}});
}

TEST_CASE("batch_norm_backward: what is not wanted is left alone") {
    const auto x = uniform_numbers<double>({300, 3}, 1, 0, 1), dy = uniform_numbers<double>({300, 3}, 2, 0, 1);
    const auto found = moments(x);
    Tensor<double> sums(Shape{ops::batch_norm_sums(300, 3)}), factors(Shape{12});
    const auto run = [&](bool of_this_batch, View<double> dgamma, View<double> dbeta, View<double> dx) {
        ops::batch_norm_backward<double>(x, found.mean, found.variance, {}, 1e-3, of_this_batch, dy, dgamma, dbeta, dx,
                                         sums.data(), factors.data());
    };
    Tensor<double> dgamma(Shape{3}, 1), dbeta(Shape{3}, 2), dx(x.shape()), dx_alone(x.shape());
    run(true, dgamma, dbeta, dx);
    run(true, {}, {}, dx_alone);
    CHECK(dx == dx_alone);
    Tensor<double> dgamma_alone(Shape{3}, 1), dbeta_alone(Shape{3}, 2);
    run(true, dgamma_alone, {}, {});
    run(true, {}, dbeta_alone, {});
    CHECK(dgamma == dgamma_alone);
    CHECK(dbeta == dbeta_alone);
    // The statistics take out of dx its mean and its part along x.
    double sum = 0, along = 0;
    for (Index i = 0; i < x.size(); i += 3) {
        sum += dx[i];
        along += dx[i] * (x[i] - found.mean[0]);
    }
    CHECK(sum == Catch::Approx(0).margin(1e-11));
    CHECK(along < 0.02 * dgamma[0] + 0.1);
    // With statistics that stand still, dx is dy up to a factor.
    run(false, {}, {}, dx);
    CHECK(dx[0] / dy[0] == Catch::Approx(1 / std::sqrt(found.variance[0] + 1e-3)));
    CHECK(dx[3] / dy[3] == Catch::Approx(dx[0] / dy[0]));
}

TEMPLATE_TEST_CASE("Batch normalization: against plain loops, with the same bits on all instruction sets", "", float,
                   double) {
    using T = TestType;
    // Sums of up to 64 numbers in T, each addition with half a unit of error, and some operations.
    const double tolerance = 64 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const Index channels : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64, 65})
        for (const Index rows : {2, 63, 65, 300, 700}) {
            INFO(rows << " rows, " << channels << " channels");
            const auto x = uniform_numbers<T>({rows, channels}, 1, -1, 3), dy = uniform_numbers<T>({rows, channels}, 2);
            const auto gamma = uniform_numbers<T>({channels}, 3), beta = uniform_numbers<T>({channels}, 4);
            const auto results = on_all_isas([&] {
                const auto found = moments(x);
                Tensor<double> sums(Shape{ops::batch_norm_sums(rows, channels)});
                Tensor<T> factors(Shape{4 * channels}), y(x.shape()), dx(x.shape());
                Tensor<T> dgamma(Shape{channels}, 1), dbeta(Shape{channels}, 2);
                ops::batch_norm_forward<T>(x, found.mean, found.variance, gamma, beta, 1e-3, y, factors.data());
                ops::batch_norm_backward<T>(x, found.mean, found.variance, gamma, 1e-3, true, dy, dgamma, dbeta, dx,
                                            sums.data(), factors.data());
                return std::vector{found.mean, found.variance, y, dgamma, dbeta, dx};
            });
            const auto near = [&](T got, double expected, double size) {
                return std::abs(static_cast<double>(got) - expected) <= tolerance * size;
            };
            for (Index c = 0; c < channels; ++c) {
                const auto at = [&](const Tensor<T>& t, Index row) { return static_cast<double>(t(row, c)); };
                const auto n = static_cast<double>(rows);
                double mean = 0, variance = 0, sum = 0, along = 0;
                for (Index i = 0; i < rows; ++i) mean += at(x, i) / n;
                for (Index i = 0; i < rows; ++i) variance += (at(x, i) - mean) * (at(x, i) - mean) / n;
                const double inverse = 1 / std::sqrt(variance + 1e-3);
                for (Index i = 0; i < rows; ++i) {
                    sum += at(dy, i);
                    along += at(dy, i) * (at(x, i) - mean) * inverse;
                }
                CHECK(near(results[0][c], mean, 1));
                CHECK(near(results[1][c], variance, 1));
                CHECK(near(results[3][c], 1 + along, n));
                CHECK(near(results[4][c], 2 + sum, n));
                const double scale = static_cast<double>(gamma[c]) * inverse;
                const double most = 4 * inverse * inverse; // what x - mean, and errors of the mean, are multiplied by
                bool all = true;
                for (Index i = 0; i < rows; ++i) {
                    const double normal = (at(x, i) - mean) * inverse;
                    all = all && near(results[2](i, c), (at(x, i) - mean) * scale + static_cast<double>(beta[c]), most);
                    all = all && near(results[5](i, c), scale * (at(dy, i) - sum / n - normal * along / n), most);
                }
                CHECK(all);
            }
        }
}
