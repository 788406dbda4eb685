#include <fovea/augment/random_noise.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomNoise: normal numbers of the standard deviation", "[augment]") {
    const Tensor<double> x(Shape{100, 100, 3}, 0.5);
    const auto moments = [&](const RandomNoise& noise, const Tensor<double>& from) {
        double sum = 0, squares = 0;
        const Tensor<double> y = applied(noise, from);
        for (Index i = 0; i < y.size(); ++i) {
            sum += y[i] - from[i];
            squares += (y[i] - from[i]) * (y[i] - from[i]);
        }
        return std::pair(sum / 3e4, std::sqrt(squares / 3e4));
    };
    // Of 30,000 numbers: five standard deviations of the mean and of the standard deviation. Nothing is cut at 0.05.
    const auto [mean, deviation] = moments({.stddev = {0.05, 0.05}}, x);
    CHECK(mean == Catch::Approx(0).margin(5 * 0.05 / std::sqrt(3e4)));
    CHECK(deviation == Catch::Approx(0.05).margin(5 * 0.05 / std::sqrt(6e4)));
    const auto [byte_mean, byte_deviation] = moments({{0.05, 0.05}, {0, 255}}, Tensor<double>(x.shape(), 100));
    CHECK(byte_deviation == Catch::Approx(255 * 0.05).margin(5 * 255 * 0.05 / std::sqrt(6e4)));
    for (const double value : applied(RandomNoise{{1, 1}}, x)) {
        CHECK(value >= 0);
        CHECK(value <= 1);
    }
    CHECK(applied(RandomNoise{0.0}, x) == x);
}

TEST_CASE("RandomNoise: another deviation for each picture", "[augment]") {
    const Tensor<double> x(Shape{30, 30, 1}, 0.5);
    double least = 1, most = 0;
    for (Index sample = 0; sample < 200; ++sample) {
        double squares = 0;
        for (const double value : applied(RandomNoise{0.1}, x, sample)) squares += (value - 0.5) * (value - 0.5) / 900;
        least = std::min(least, std::sqrt(squares));
        most = std::max(most, std::sqrt(squares));
    }
    CHECK(least < 0.005);
    CHECK(most > 0.09);
    CHECK(most < 0.12);
}

TEST_CASE("RandomNoise: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandomNoise{-0.1}.check(), ValueError,
                         says("RandomNoise: stddev must be from 0 to 1, or two such numbers in order, got -0.1"));
}
