#include <fovea/layers/gaussian_noise.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

namespace {

Tensor<double> noisy(double stddev, const Tensor<double>& x, std::uint64_t seed, std::uint32_t step = 3,
                     Index first_sample = 0) {
    ParameterRegistry registry;
    const GaussianNoise::Layer<double> layer({stddev}, x.shape().tail(), registry);
    Pass<double> pass;
    pass.training = true;
    pass.random = {seed, random::Purpose::dropout, 2, step};
    pass.first_sample = first_sample;
    Tensor<double> y(x.shape());
    layer.forward(x, y, pass);
    return y;
}

} // namespace

TEST_CASE("GaussianNoise: adds normal numbers of the standard deviation") {
    const Tensor<double> x(Shape{100, 1000}, 3);
    const auto y = noisy(0.5, x, 1);
    double sum = 0, squares = 0;
    Index within_one = 0;
    for (const double value : y) {
        const double noise = value - 3;
        sum += noise;
        squares += noise * noise;
        within_one += std::abs(noise) < 0.5 ? 1 : 0;
    }
    // Of 100,000 numbers: five standard deviations of the mean, of the mean square, of the share (68.27 %) within one.
    CHECK(sum / 1e5 == Catch::Approx(0).margin(5 * 0.5 / std::sqrt(1e5)));
    CHECK(squares / 1e5 == Catch::Approx(0.25).margin(5 * 0.25 * std::sqrt(2 / 1e5)));
    CHECK(static_cast<double>(within_one) / 1e5 == Catch::Approx(0.6827).margin(5 * 0.0015));
}

TEST_CASE("GaussianNoise: nothing happens in inference or without a deviation, and gradients go through") {
    const auto x = contract::numbers<double>({3, 50}, 1), g = contract::numbers<double>({3, 50}, 2);
    CHECK(contract::evaluate(GaussianNoise{0.5}, x, g, {}, {.training = false}).y == x);
    CHECK(contract::evaluate(GaussianNoise{}, x, g).y == x);
    CHECK(contract::evaluate(GaussianNoise{0.5}, x, g).y != x);
    CHECK(contract::evaluate(GaussianNoise{0.5}, x, g).dx == g);
}

TEST_CASE("GaussianNoise: differs with seed and step, and follows the place in the batch") {
    const Tensor<double> x(Shape{6, 7}, 1);
    const auto usual = noisy(0.5, x, 1);
    CHECK(noisy(0.5, x, 1) == usual);
    CHECK(noisy(0.5, x, 2) != usual);
    CHECK(noisy(0.5, x, 1, 4) != usual);
    CHECK(noisy(0.5, Tensor<double>(x.slice(4, 6)), 1, 3, 4) == Tensor<double>(usual.slice(4, 6)));
}

TEST_CASE("GaussianNoise: a deviation outside of [0, 1] is refused") {
    CHECK_THROWS_MATCHES(GaussianNoise{-0.1}.output_shape({3}), ValueError,
                         says("GaussianNoise: stddev must be from 0 to 1, got -0.1"));
    CHECK_THROWS_MATCHES(GaussianNoise{2}.output_shape({3}), ValueError, says("got 2"));
}

TEST_CASE("GaussianNoise keeps a layer's contract") {
    contract::check(GaussianNoise{0.5}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(GaussianNoise{0.1}, {5, 3}, {3}, false);
    CHECK(gradient_check(GaussianNoise{0.3}, {3, 5, 3}).passed(1e-6));
}
