#include <fovea/augment/random_zoom.hpp>

#include "augment/moved.hpp"

using namespace fovea;
using moved::check_point;

TEST_CASE("RandomZoom: known points", "[augment]") {
    // Of 5 rows and 9 columns, whose middle is (4, 2): twice as much in its place, then half as much.
    const auto out = moved::mapping_of(RandomZoom{{1, 1}}, {5, 9});
    check_point(out, {4, 2}, {4, 2});
    check_point(out, {0, 0}, {-4, -2});
    const auto in = moved::mapping_of(RandomZoom{{-0.5, -0.5}}, {5, 9});
    check_point(in, {0, 0}, {2, 1});
    check_point(in, {8, 1}, {6, 1.5});
    const auto wide = moved::mapping_of(RandomZoom{.height_factor = {1, 1}, .width_factor = {-0.5, -0.5}}, {5, 9});
    check_point(wide, {0, 0}, {2, -2});
}

TEST_CASE("RandomZoom: the width follows the height unless it has a factor of its own", "[augment]") {
    Index different = 0;
    for (Index sample = 0; sample < 100; ++sample) {
        const ProjectiveMap both = moved::mapping_of(RandomZoom{0.3}, {5, 9}, sample);
        CHECK(both.a0 == both.b1);
        CHECK(std::abs(both.a0 - 1) <= 0.3);
        const ProjectiveMap own = moved::mapping_of(RandomZoom{0.3, 0.1}, {5, 9}, sample);
        CHECK(own.b1 == both.b1);
        CHECK(std::abs(own.a0 - 1) <= 0.1);
        different += own.a0 != own.b1 ? 1 : 0;
    }
    CHECK(different == 100);
}

TEST_CASE("RandomZoom: what makes no sense is refused", "[augment]") {
    CHECK_THROWS_MATCHES((RandomZoom{{0.5, 0.1}}.check()), ValueError,
                         says("RandomZoom: height_factor must be from -1 to 1, or two such numbers in order"));
    CHECK_THROWS_MATCHES((RandomZoom{0.5, 1.5}.check()), ValueError, says("RandomZoom: width_factor"));
    CHECK_THROWS_MATCHES((RandomZoom{1}.check()), ValueError,
                         says("RandomZoom: height_factor must be above -1, got 1"));
    RandomZoom{{0, 1}, {-0.9, 1}}.check();
}
