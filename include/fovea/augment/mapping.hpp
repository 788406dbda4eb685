#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fovea/augment/draw.hpp>
#include <fovea/core/rounding.hpp>
#include <fovea/ops/window.hpp>

namespace fovea {

/// A place in an image, in pixels: (0, 0) is the middle of the pixel in the top left corner, x goes right and y down.
struct Point2D {
    double x = 0;
    double y = 0;

    /// The place of what comes from none.
    static constexpr Point2D nowhere() {
        return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    }
};

/// Where the pixels of an image come from that was moved, turned, stretched or tilted:
///
///     (x, y) from ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1
///
/// The eight numbers are those of Keras's affine_transform, in its order.
struct ProjectiveMap {
    double a0 = 1, a1 = 0, a2 = 0;
    double b0 = 0, b1 = 1, b2 = 0;
    double c0 = 0, c1 = 0;

    /// From x + dx, y + dy.
    static ProjectiveMap shift(double dx, double dy) { return {.a2 = dx, .b2 = dy}; }

    /// The matrix ((a0, a1), (b0, b1)), with the middle of the image staying where it is.
    static ProjectiveMap about_middle(Size2D size, double a0, double a1, double b0, double b1) {
        const double x = static_cast<double>(size.width - 1) / 2;
        const double y = static_cast<double>(size.height - 1) / 2;
        return {a0, a1, x - rounded(a0 * x) - rounded(a1 * y), b0, b1, y - rounded(b0 * x) - rounded(b1 * y), 0, 0};
    }

    /// The image's four corners, from (-0.5, -0.5) on, go to `corners`: top left, top right, bottom right, bottom left. They must be
    /// those of a convex quadrilateral. After Heckbert, "Fundamentals of texture mapping and image warping", 1989.
    static ProjectiveMap corners_to(Size2D size, const std::array<Point2D, 4>& corners) {
        const auto [p, q, r, s] = corners;
        const double sum_x = p.x - q.x + r.x - s.x, sum_y = p.y - q.y + r.y - s.y;
        const double area = cross(q.x - r.x, s.x - r.x, q.y - r.y, s.y - r.y);
        const double g = cross(sum_x, s.x - r.x, sum_y, s.y - r.y) / area;
        const double h = cross(q.x - r.x, sum_x, q.y - r.y, sum_y) / area;
        const ProjectiveMap from_unit_square{q.x - p.x + rounded(g * q.x),
                                             s.x - p.x + rounded(h * s.x),
                                             p.x,
                                             q.y - p.y + rounded(g * q.y),
                                             s.y - p.y + rounded(h * s.y),
                                             p.y,
                                             g,
                                             h};
        const ProjectiveMap to_image = from_unit_square.inverse();
        const auto width = static_cast<double>(size.width), height = static_cast<double>(size.height);
        const auto row = [](double a, double c, double extent) { return rounded(extent * a) - 0.5 * c; };
        return {row(to_image.a0, to_image.c0, width),
                row(to_image.a1, to_image.c1, width),
                row(to_image.a2, 1, width),
                row(to_image.b0, to_image.c0, height),
                row(to_image.b1, to_image.c1, height),
                row(to_image.b2, 1, height),
                to_image.c0,
                to_image.c1};
    }

    /// Where (x, y) comes from. `nowhere` beyond the horizon, which is where k is not positive.
    Point2D operator()(Point2D p) const {
        const double x = rounded(a0 * p.x) + rounded(a1 * p.y) + a2;
        const double y = rounded(b0 * p.x) + rounded(b1 * p.y) + b2;
        if (c0 == 0 && c1 == 0) return {x, y};
        const double k = rounded(c0 * p.x) + rounded(c1 * p.y) + 1;
        return k > 0 ? Point2D{x / k, y / k} : Point2D::nowhere();
    }

    /// The other way: where what was at (x, y) is now.
    Point2D forward(Point2D p) const { return inverse()(p); }

    ProjectiveMap inverse() const {
        const double k = cross(a0, a1, b0, b1);
        return {(b1 - rounded(b2 * c1)) / k, (rounded(a2 * c1) - a1) / k, cross(a1, a2, b1, b2) / k,
                (rounded(b2 * c0) - b0) / k, (a0 - rounded(a2 * c0)) / k, cross(a2, a0, b2, b0) / k,
                cross(b0, b1, c0, c1) / k,   cross(a1, a0, c1, c0) / k};
    }

private:
    /// The determinant of ((a, b), (c, d)).
    static double cross(double a, double b, double c, double d) { return rounded(a * d) - rounded(b * c); }
};

/// Where the pixels of an image come from that was distorted smoothly: (x, y) from (x, y) plus the displacement there, a cubic
/// B-spline over a grid of control points.
class DisplacementField {
public:
    static constexpr Index most_points = 24; ///< along an axis: a field is 9 KB, on the stack
    static constexpr double smoothed =
        151.0 / 315; ///< how much smaller a standard deviation is between the points, on the average

    /// Control points at least `spacing` pixels apart, with standard deviation `deviation`, in pixels. They are uniform, which is cheaper
    /// than normal, as the sums of 16 of them nearly are.
    DisplacementField(Size2D size, double spacing, double deviation, Draw& draw)
        : rows_(size.height, spacing), columns_(size.width, spacing) {
        if (deviation == 0) return;
        const double most = deviation * 1.7320508075688772; // sqrt(3)
        for (Index row = 0; row < rows_.cells + 3; ++row)
            for (Index column = 0; column < columns_.cells + 3; ++column) {
                const double x = draw.uniform(-most, most);
                point(row, column) = {x, draw.uniform(-most, most)};
            }
    }

    Point2D operator()(Point2D p) const {
        const Point2D d = displacement(p);
        return {p.x + d.x, p.y + d.y};
    }

    /// The other way, as the fixed point of q = p - displacement(q); where the field folds, one of several.
    Point2D forward(Point2D p) const {
        Point2D q = p;
        for (int step = 0; step < 30; ++step) {
            const Point2D d = displacement(q);
            q = {p.x - d.x, p.y - d.y};
        }
        return q;
    }

    Point2D displacement(Point2D p) const {
        const auto [row, down] = rows_.at(p.y);
        const auto [column, right] = columns_.at(p.x);
        Point2D sum;
        for (std::size_t i = 0; i < 4; ++i)
            for (std::size_t j = 0; j < 4; ++j) {
                const Point2D& d = point(row + static_cast<Index>(i), column + static_cast<Index>(j));
                const double weight = down[i] * right[j];
                sum.x += rounded(weight * d.x);
                sum.y += rounded(weight * d.y);
            }
        return sum;
    }

private:
    struct Weights {
        Index first;
        std::array<double, 4> of;
    };

    /// Control point k lies at (k - 1) * spacing.
    struct Axis {
        Axis(Index extent, double apart) {
            const auto length = static_cast<double>(extent - 1);
            constexpr auto most = static_cast<double>(most_points - 3);
            cells = static_cast<Index>(std::min(std::floor(length / apart) + 1, most));
            spacing = std::max(apart, length / static_cast<double>(cells));
        }

        /// Beyond its ends a field goes on as it is there.
        Weights at(double place) const {
            const double t = place > 0 ? std::min(place / spacing, static_cast<double>(cells)) : 0; // 0 for nowhere
            const Index cell = std::min(static_cast<Index>(t), cells - 1);
            const double u = t - static_cast<double>(cell), v = 1 - u;
            const double uu = u * u, vv = v * v;
            return {cell,
                    {rounded(vv * v) / 6, (4 - rounded(3 * uu * (2 - u))) / 6, (4 - rounded(3 * vv * (2 - v))) / 6,
                     rounded(uu * u) / 6}};
        }

        Index cells;
        double spacing;
    };

    Point2D& point(Index row, Index column) { return points_[static_cast<std::size_t>(row * most_points + column)]; }
    const Point2D& point(Index row, Index column) const {
        return points_[static_cast<std::size_t>(row * most_points + column)];
    }

    Axis rows_;
    Axis columns_;
    std::array<Point2D, most_points * most_points> points_{};
};

} // namespace fovea
