#include <fovea/augment/random_invert.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomInvert: white becomes black", "[augment]") {
    CHECK(pixel(RandomInvert{{1, 1}}, {0, 0.25, 1}) == std::vector<double>{1, 0.75, 0});
    CHECK(pixel(RandomInvert{{1, 1}, {-1, 3}}, {-1, 0, 3}) == std::vector<double>{3, 2, -1});
    CHECK(changed(RandomInvert{{0, 0}}, 0.25, 100) == 0);
    const Index of_1000 = changed(RandomInvert{0.5}, 0.25, 1000); // a quarter, within five standard deviations
    CHECK(of_1000 > 250 - 5 * 14);
    CHECK(of_1000 < 250 + 5 * 14);
    CHECK_THROWS_MATCHES(RandomInvert{1.1}.check(), ValueError, says("RandomInvert: factor must be from 0 to 1"));
}
