#include <fovea/augment/random_color_degeneration.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomColorDegeneration: part of the way to grey", "[augment]") {
    const double grey = 0.1495 + 0.587 + 0.0285; // 0.299 * 0.5 + 0.587 * 1 + 0.114 * 0.25
    const auto half = pixel(RandomColorDegeneration{{0.5, 0.5}}, {0.5, 1, 0.25});
    const double should[] = {(0.5 + grey) / 2, (1 + grey) / 2, (0.25 + grey) / 2};
    for (std::size_t c = 0; c < 3; ++c) CHECK(half[c] == Catch::Approx(should[c]).epsilon(1e-14));
    CHECK(pixel(RandomColorDegeneration{{0, 0}}, {0.5, 1, 0.25}) == std::vector<double>{0.5, 1, 0.25});
    CHECK(pixel(RandomColorDegeneration{{1, 1}}, {0.5}) == std::vector<double>{0.5});
    CHECK(pixel(RandomColorDegeneration{0.5}, {0.5, 1, 0.25}, 1) !=
          pixel(RandomColorDegeneration{0.5}, {0.5, 1, 0.25}, 2));
    CHECK_THROWS_MATCHES(RandomColorDegeneration{2}.check(), ValueError,
                         says("RandomColorDegeneration: factor must be"));
    CHECK_THROWS_AS(pixel(RandomColorDegeneration{}, {0, 0, 0, 1}), ShapeError);
}
