#include <fovea/augment/solarization.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("Solarization: what is not below the threshold becomes its negative", "[augment]") {
    const std::vector<double> x{0, 0.25, 0.5, 1};
    CHECK(pixel(Solarization{}, x) == std::vector<double>{1, 0.75, 0.5, 0});
    CHECK(pixel(Solarization{.threshold_factor = {0.5, 0.5}}, x) == std::vector<double>{0, 0.25, 0.5, 0});
    // 0.25 is added first: 0.25, 0.5, 0.75, 1.
    CHECK(pixel(Solarization{.addition_factor = {0.25, 0.25}, .threshold_factor = {0.5, 0.5}}, x) ==
          std::vector<double>{0.25, 0.5, 0.25, 0});
    CHECK(pixel(Solarization{{0.25, 0.25}, {0.5, 0.5}, {-2, 2}}, {-2, -1, 0, 2}) == std::vector<double>{-1, 0, -1, -2});
    const auto y = numbers(Solarization{.threshold_factor = 0.5}, 0.25, 1000); // as often above the threshold as below
    const auto inverted = std::count(y.begin(), y.end(), 0.75);
    CHECK(inverted > 500 - 5 * 16);
    CHECK(inverted < 500 + 5 * 16);
    CHECK_THROWS_MATCHES(Solarization{.threshold_factor = 2}.check(), ValueError,
                         says("Solarization: threshold_factor must be from 0 to 1"));
    CHECK_THROWS_MATCHES(Solarization{.addition_factor = -1}.check(), ValueError, says("addition_factor"));
}
