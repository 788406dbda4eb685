#include <fovea/augment/random_grayscale.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("RandomGrayscale: three times the luma", "[augment]") {
    // 0.299 * 0.5 + 0.587 * 1 + 0.114 * 0.25
    const double grey = 0.1495 + 0.587 + 0.0285;
    for (const double part : pixel(RandomGrayscale{1}, {0.5, 1, 0.25}))
        CHECK(part == Catch::Approx(grey).epsilon(1e-14));
    CHECK(pixel(RandomGrayscale{0}, {0.5, 1, 0.25}) == std::vector<double>{0.5, 1, 0.25});
    CHECK(pixel(RandomGrayscale{1}, {0.5}) == std::vector<double>{0.5});
}

TEST_CASE("RandomGrayscale: as often as it should be", "[augment]") {
    Index grey = 0;
    for (Index sample = 0; sample < 1000; ++sample)
        grey += pixel(RandomGrayscale{0.2}, {1, 0, 0}, sample)[0] == 1 ? 0 : 1;
    CHECK(grey > 200 - 5 * 13); // five standard deviations
    CHECK(grey < 200 + 5 * 13);
    CHECK_THROWS_MATCHES(RandomGrayscale{1.1}.check(), ValueError, says("RandomGrayscale: factor must be from 0 to 1"));
    CHECK_THROWS_MATCHES(pixel(RandomGrayscale{}, {0, 0}), ShapeError, says("got (1, 1, 2)"));
}
