#include <fovea/augment/random_gaussian_blur.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomGaussianBlur: a point becomes a bell of the kernel's size", "[augment]") {
    Tensor<double> x(Shape{9, 9, 1});
    x(4, 4, 0) = 1;
    const auto y = applied(RandomGaussianBlur{.factor = {1, 1}, .kernel_size = {3, 5}, .sigma = {1, 1}}, x);
    // exp(-1/2) = 0.60653066, exp(-2) = 0.13533528: the sums are 2.21306132 and 2.48373188.
    const double down[] = {0.60653066 / 2.21306132, 1 / 2.21306132, 0.60653066 / 2.21306132};
    const double across[] = {0.13533528 / 2.48373188, 0.60653066 / 2.48373188, 1 / 2.48373188, 0.60653066 / 2.48373188,
                             0.13533528 / 2.48373188};
    double sum = 0;
    for (Index h = 0; h < 9; ++h)
        for (Index w = 0; w < 9; ++w) {
            const bool near = std::abs(h - 4) <= 1 && std::abs(w - 4) <= 2;
            CHECK(y(h, w, 0) ==
                  Catch::Approx(near ? down[h - 3] * across[w - 2] : 0).margin(1e-6)); // sigma is 1 + 1e-6
            sum += y(h, w, 0);
        }
    CHECK(sum == Catch::Approx(1).epsilon(1e-14));
    CHECK(applied(RandomGaussianBlur{.factor = {1, 1}, .sigma = {0, 0}}, x) == x);
}

TEST_CASE("RandomGaussianBlur: done as often as factor says", "[augment]") {
    const Index of_1000 = changed(RandomGaussianBlur{.factor = 0.5, .sigma = {1, 1}}, 0.5, 1000);
    CHECK(of_1000 > 250 - 5 * 14); // a quarter, within five standard deviations
    CHECK(of_1000 < 250 + 5 * 14);
    CHECK(changed(RandomGaussianBlur{.factor = {0, 0}}, 0.5, 100) == 0);
}

TEST_CASE("RandomGaussianBlur: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandomGaussianBlur{.kernel_size = 4}.check(), ValueError,
                         says("RandomGaussianBlur: kernel_size must be odd and at most 99, got (4, 4)"));
    CHECK_THROWS_AS(RandomGaussianBlur{.kernel_size = 101}.check(), ValueError);
    CHECK_THROWS_AS((RandomGaussianBlur{.kernel_size = {3, -1}}.check()), ValueError);
    CHECK_THROWS_MATCHES(RandomGaussianBlur{.sigma = -1}.check(), ValueError,
                         says("RandomGaussianBlur: sigma must be"));
    CHECK_THROWS_MATCHES(RandomGaussianBlur{.factor = 2}.check(), ValueError,
                         says("RandomGaussianBlur: factor must be"));
}
