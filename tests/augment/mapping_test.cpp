#include <cmath>
#include <vector>

#include <fovea/augment/mapping.hpp>

#include "augment/moved.hpp"

using namespace fovea;
using moved::check_point;

namespace {

/// The cubic B-spline by truncated powers: sum of (-1)^k C(4, k) max(0, t + 2 - k)^3 / 6.
double b_spline(double t) {
    const double binomials[] = {1, -4, 6, -4, 1};
    double sum = 0;
    for (int k = 0; k < 5; ++k) sum += binomials[k] * std::pow(std::max(0.0, t + 2 - k), 3) / 6;
    return sum;
}

} // namespace

TEST_CASE("ProjectiveMap: known points of the plain ones", "[augment]") {
    check_point(ProjectiveMap{}, {3, 4}, {3, 4});
    check_point(ProjectiveMap::shift(2, -1), {3, 4}, {5, 3});
    // A quarter turn of an image of 3 rows and 5 columns, whose middle is (2, 1).
    const auto turned = ProjectiveMap::about_middle({3, 5}, 0, -1, 1, 0);
    check_point(turned, {2, 1}, {2, 1});
    check_point(turned, {3, 1}, {2, 2});
    check_point(turned, {2, 0}, {3, 1});
    check_point(ProjectiveMap::about_middle({3, 5}, 2, 0, 0, 1), {4, 2}, {6, 2});
}

TEST_CASE("ProjectiveMap: a tilt by hand", "[augment]") {
    // k = 1 + x / 4: (2, 2) from (2 * 2 + 1, 2) / 1.5.
    const ProjectiveMap map{2, 0, 1, 0, 1, 0, 0.25, 0};
    check_point(map, {2, 2}, {10.0 / 3, 4.0 / 3});
    check_point(map, {0, 0}, {1, 0});
    CHECK(std::isnan(map(Point2D{-4, 0}).x)); // the horizon
    CHECK(std::isnan(map(Point2D{-5, 0}).y));
    const ProjectiveMap there_and_back = map.inverse().inverse();
    check_point(there_and_back, {2, 2}, {10.0 / 3, 4.0 / 3});
}

TEST_CASE("ProjectiveMap: corners go where they are told to", "[augment]") {
    const std::array<Point2D, 4> corners{{{1, 0.5}, {6, -1}, {9, 5}, {-0.5, 3}}};
    const auto map = ProjectiveMap::corners_to({4, 8}, corners);
    check_point(map, corners[0], {-0.5, -0.5});
    check_point(map, corners[1], {7.5, -0.5});
    check_point(map, corners[2], {7.5, 3.5});
    check_point(map, corners[3], {-0.5, 3.5});
    // Straight lines stay straight, so diagonals cross where the middle went. By hand: (1, 0.5) + t (8, 4.5) = (6, -1) + u (-6.5, 4).
    const double t = (5 * 4 + 6.5 * -1.5) / (8 * 4 + 6.5 * 4.5);
    check_point(map, {1 + 8 * t, 0.5 + 4.5 * t}, {3.5, 1.5});
}

TEST_CASE("DisplacementField: a B-spline through its control points", "[augment]") {
    // 13 columns, points 4 apart: at -4, 0 ... 16; 5 rows likewise -4 ... 8.
    Draw draw(1, 2, 3, 4), again(1, 2, 3, 4);
    const DisplacementField field({5, 13}, 4, 0.5, draw);
    // The last cell begins at the last place that is a multiple of the spacing, so there is one point more than cells and two.
    Point2D points[5][7];
    for (auto& row : points)
        for (Point2D& point : row) {
            point.x = again.uniform(-std::sqrt(0.75), std::sqrt(0.75)); // whose standard deviation is 0.5
            point.y = again.uniform(-std::sqrt(0.75), std::sqrt(0.75));
        }
    for (const Point2D place :
         {Point2D{0, 0}, Point2D{4, 4}, Point2D{12, 3}, Point2D{6.3, 1.7}, Point2D{11.99, 0.01}}) {
        Point2D sum;
        for (int row = 0; row < 5; ++row)
            for (int column = 0; column < 7; ++column) {
                const double weight = b_spline(place.y / 4 - (row - 1)) * b_spline(place.x / 4 - (column - 1));
                sum.x += weight * points[row][column].x;
                sum.y += weight * points[row][column].y;
            }
        const Point2D d = field.displacement(place);
        CHECK(d.x == Catch::Approx(sum.x).margin(1e-13));
        CHECK(d.y == Catch::Approx(sum.y).margin(1e-13));
        check_point(field, place, {place.x + d.x, place.y + d.y});
    }
    const Point2D edge = field.displacement({0, 2}), beyond = field.displacement({-7, 2});
    CHECK(edge.x == beyond.x);
    CHECK(edge.y == beyond.y);
    CHECK(std::isnan(field(Point2D::nowhere()).x));
}

TEST_CASE("DisplacementField: as many points as fit, none for no deviation", "[augment]") {
    Draw draw(1, 0, 0, 0);
    const DisplacementField fine({1000, 1}, 1, 1, draw);
    CHECK(std::isfinite(fine.displacement({0, 999}).y));
    CHECK(fine.displacement({0, 999}).y != fine.displacement({0, 900}).y);
    const DisplacementField none({9, 9}, 3, 0, draw);
    check_point(none, {3, 4}, {3, 4});
}
