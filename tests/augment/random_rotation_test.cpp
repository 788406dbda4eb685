#include <cmath>

#include <fovea/augment/random_rotation.hpp>

#include "augment/moved.hpp"

using namespace fovea;
using moved::check_point;

TEST_CASE("RandomRotation: a quarter turn, counter-clockwise", "[augment]") {
    const Tensor<double> x(Shape{3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
    const Tensor<double> turned(Shape{3, 3, 1}, {3, 6, 9, 2, 5, 8, 1, 4, 7});
    CHECK(moved::image(RandomRotation{.factor = {0.25, 0.25}}, x) == turned);
    CHECK(moved::image(RandomRotation{.degrees = {90, 90}}, x) == turned);
    CHECK(moved::image(RandomRotation{.factor = {-0.75, -0.75}}, x) == turned);
    CHECK(moved::image(RandomRotation{}, x) == x);
}

TEST_CASE("RandomRotation: known points", "[augment]") {
    // By 30 degrees about the middle (3, 2): what is right of it comes from below on the right.
    const auto map = moved::mapping_of(RandomRotation{.degrees = {30, 30}}, {5, 7});
    const double cosine = std::sqrt(0.75);
    check_point(map, {3, 2}, {3, 2});
    check_point(map, {5, 2}, {3 + 2 * cosine, 2 + 1});
    check_point(map, {3, 0}, {3 + 1, 2 - 2 * cosine});
}

TEST_CASE("RandomRotation: angles are between the bounds, and reach them", "[augment]") {
    double least = 9, most = -9;
    for (Index sample = 0; sample < 1000; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomRotation{.degrees = {-10, 40}}, {3, 3}, sample);
        const double degrees = std::atan2(map.b0, map.a0) * 180 / std::acos(-1);
        least = std::min(least, degrees);
        most = std::max(most, degrees);
    }
    CHECK(least == Catch::Approx(-10).margin(0.5));
    CHECK(most == Catch::Approx(40).margin(0.5));
}

TEST_CASE("RandomRotation: what makes no sense is refused", "[augment]") {
    CHECK_THROWS_MATCHES((RandomRotation{.factor = 2}.check()), ValueError,
                         says("RandomRotation: factor must be from -1 to 1, or two such numbers in order, got 2"));
    CHECK_THROWS_MATCHES((RandomRotation{.degrees = {20, 10}}.check()), ValueError,
                         says("RandomRotation: degrees must be from -360 to 360, or two such numbers in order, got "
                              "[20, 10]"));
    CHECK_THROWS_MATCHES((RandomRotation{.factor = 0.1, .degrees = 10}.check()), ValueError,
                         says("expected an angle as factor or in degrees, got factor 0.1 and degrees 10"));
}
