#include <set>

#include <fovea/augment/random_posterization.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomPosterization: the first bits", "[augment]") {
    const std::vector<double> x{0, 37. / 255, 128. / 255, 200. / 255, 1}; // 37 is 00100101, 200 is 11001000
    CHECK(pixel(RandomPosterization{1}, x) == std::vector<double>{0, 0, 128. / 255, 128. / 255, 128. / 255});
    CHECK(pixel(RandomPosterization{3}, x) == std::vector<double>{0, 32. / 255, 128. / 255, 192. / 255, 224. / 255});
    CHECK(pixel(RandomPosterization{8}, x) == x);
    CHECK(pixel(RandomPosterization{2, {0, 255}}, {0, 37, 200, 255}) == std::vector<double>{0, 0, 192, 192});
    const auto y = numbers(RandomPosterization{{2, 4}}, 1, 200);
    CHECK(std::set<double>(y.begin(), y.end()) == std::set<double>{192. / 255, 224. / 255, 240. / 255});
}

TEST_CASE("RandomPosterization: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandomPosterization{9}.check(), ValueError,
                         says("RandomPosterization: factor must be from 1 to 8, or two such numbers in order, got 9"));
    CHECK_THROWS_MATCHES(RandomPosterization{2.5}.check(), ValueError,
                         says("RandomPosterization: factor is a number of bits, got 2.5"));
}
