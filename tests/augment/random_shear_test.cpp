#include <set>

#include <fovea/augment/random_shear.hpp>

#include "augment/moved.hpp"

using namespace fovea;

TEST_CASE("RandomShear: known points", "[augment]") {
    // Of 5 rows and 9 columns, whose middle (4, 2) stays. Rows are shifted by half of their distance from it, columns by a quarter.
    std::set<std::pair<double, double>> signs;
    for (Index sample = 0; sample < 50; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomShear{{0.5, 0.5}, {0.25, 0.25}}, {5, 9}, sample);
        const double f = map.a1 > 0 ? 0.5 : -0.5, g = map.b0 > 0 ? 0.25 : -0.25;
        signs.insert({f, g});
        moved::check_point(map, {4, 2}, {4, 2});
        moved::check_point(map, {4, 4}, {4 + 2 * f, 4});
        moved::check_point(map, {0, 2}, {0, 2 - 4 * g});
        moved::check_point(map, {6, 1}, {6 - f, 1 + 2 * g});
    }
    CHECK(signs.size() == 4);
}

TEST_CASE("RandomShear: slopes are between the bounds", "[augment]") {
    double least = 9, most = 0;
    for (Index sample = 0; sample < 1000; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomShear{{0.125, 0.5}}, {5, 9}, sample);
        CHECK(map.b0 == 0);
        least = std::min(least, std::abs(map.a1));
        most = std::max(most, std::abs(map.a1));
    }
    CHECK(least == Catch::Approx(0.125).margin(0.004));
    CHECK(most == Catch::Approx(0.5).margin(0.004));
}

TEST_CASE("RandomShear: what makes no sense is refused", "[augment]") {
    CHECK_THROWS_MATCHES((RandomShear{-0.5}.check()), ValueError,
                         says("RandomShear: x_factor must be from 0 to 1, or two such numbers in order, got -0.5"));
    CHECK_THROWS_MATCHES((RandomShear{0, 1.5}.check()), ValueError, says("RandomShear: y_factor"));
}
