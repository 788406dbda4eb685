#include <fovea/augment/random_brightness.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomBrightness: adds one number to all of a picture", "[augment]") {
    const Tensor<double> x(Shape{2, 2, 2}, {0, 0.25, 0.5, 0.75, 0.25, 0.5, 0.25, 0.875});
    CHECK(applied(RandomBrightness{.factor = {0.25, 0.25}}, x) ==
          Tensor<double>(Shape{2, 2, 2}, {0.25, 0.5, 0.75, 1, 0.5, 0.75, 0.5, 1})); // cut at 1
    CHECK(applied(RandomBrightness{.factor = {-0.5, -0.5}}, x) ==
          Tensor<double>(Shape{2, 2, 2}, {0, 0, 0, 0.25, 0, 0, 0, 0.375}));
    // A part of the length of the range.
    CHECK(pixel(RandomBrightness{.factor = {0.1, 0.1}, .value_range = {-100, 100}}, {10, 95}) ==
          std::vector<double>{30, 100});
    CHECK(applied(RandomBrightness{}, x) == x);
}

TEST_CASE("RandomBrightness: one number stands for both signs, two for what is between", "[augment]") {
    const auto y = numbers(RandomBrightness{0.5}, 0.5, 2000);
    const auto [least, most] = std::minmax_element(y.begin(), y.end());
    CHECK(*least >= 0);
    CHECK(*least < 0.01); // 1 in 100 is below that
    CHECK(*most <= 1);
    CHECK(*most > 0.99);
    const auto z = numbers(RandomBrightness{{0.1, 0.2}}, 0.5, 500);
    CHECK(*std::min_element(z.begin(), z.end()) >= 0.6);
    CHECK(*std::max_element(z.begin(), z.end()) <= 0.7);
    const Tensor<double> x(Shape{1, 1, 1}, 0.5);
    CHECK(applied(RandomBrightness{0.5}, x, 3, 1) != applied(RandomBrightness{0.5}, x, 3, 2)); // another epoch
}

TEST_CASE("RandomBrightness: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandomBrightness{1.5}.check(), ValueError,
                         says("RandomBrightness: factor must be from -1 to 1, or two such numbers in order, got 1.5"));
    CHECK_THROWS_MATCHES((RandomBrightness{{0.2, 0.1}}.check()), ValueError, says("got [0.2, 0.1]"));
    CHECK_THROWS_MATCHES((RandomBrightness{0.1, {1, 0}}.check()), ValueError,
                         says("RandomBrightness: value_range must go from a number to a larger one, got [1, 0]"));
}
