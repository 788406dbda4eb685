#include <cmath>
#include <vector>

#include <fovea/augment/resample.hpp>

#include "augment/moved.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

namespace {

const std::vector<FillMode> fill_modes{FillMode::reflect, FillMode::constant, FillMode::wrap, FillMode::nearest};

/// Pixels `abcd` = 1 2 3 4 read at the places x.
std::vector<float> read_row(const std::vector<double>& x, const Resampling& how) {
    const Tensor<float> row(Shape{1, 4, 1}, {1, 2, 3, 4});
    std::vector<Point2D> places;
    for (const double place : x) places.push_back({place, 0});
    Tensor<float> y(Shape{1, static_cast<Index>(x.size()), 1});
    resample<float>(row, places, how, y);
    return {y.begin(), y.end()};
}

/// Places in and around an image of 4 rows and 5 columns, and nowhere.
std::vector<Point2D> scattered() {
    std::vector<Point2D> places;
    Draw draw(5, 0, 0, 0);
    for (int i = 0; i < 40; ++i) {
        const double x = draw.uniform(-9, 14);
        places.push_back({x, draw.uniform(-9, 13)});
    }
    places.push_back(Point2D::nowhere());
    places.push_back({1e300, 0});
    return places;
}

} // namespace

TEST_CASE("resample: between pixels, in the middle of them, at the edges", "[augment]") {
    const Resampling how{Interpolation::bilinear, FillMode::nearest, 0};
    CHECK(read_row({0, 3, 1.5, 2.25, -0.75, 3.5}, how) == std::vector<float>{1, 4, 2.5F, 3.25F, 1, 4});
    const Tensor<double> x(Shape{2, 2, 1}, {0, 1, 10, 31});
    Tensor<double> y(Shape{1, 1, 1});
    const std::vector<Point2D> place{{0.25, 0.5}};
    resample<double>(x, place, how, y); // (0 * 0.75 + 1 * 0.25) / 2 + (10 * 0.75 + 31 * 0.25) / 2
    CHECK(y[0] == 7.75);
}

TEST_CASE("resample: what is outside", "[augment]") {
    const std::vector<double> outside{-4, -3, -2, -1, 4, 5, 6, 7, 8};
    const auto read = [&](FillMode mode) { return read_row(outside, {Interpolation::nearest, mode, 9}); };
    CHECK(read(FillMode::reflect) == std::vector<float>{4, 3, 2, 1, 4, 3, 2, 1, 1});
    CHECK(read(FillMode::constant) == std::vector<float>(9, 9));
    CHECK(read(FillMode::wrap) == std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4, 1});
    CHECK(read(FillMode::nearest) == std::vector<float>{1, 1, 1, 1, 4, 4, 4, 4, 4});
    for (const FillMode mode : fill_modes) CHECK(read_row(outside, {Interpolation::bilinear, mode, 9}) == read(mode));
    // Half of what is inside and half of the fill value, or of the other end.
    CHECK(read_row({-0.5, 3.5}, {Interpolation::bilinear, FillMode::constant, 9}) == std::vector<float>{5, 6.5F});
    CHECK(read_row({-0.5, 3.25}, {Interpolation::bilinear, FillMode::wrap, 9}) == std::vector<float>{2.5F, 3.25F});
    for (const FillMode mode : fill_modes)
        for (const Interpolation interpolation : {Interpolation::nearest, Interpolation::bilinear})
            CHECK(read_row({Point2D::nowhere().x, 1e18, -1e300}, {interpolation, mode, 9}) ==
                  std::vector<float>{9, 9, 9});
}

TEST_CASE("resample: the nearest pixel, halves away from the first one", "[augment]") {
    const Resampling how{Interpolation::nearest, FillMode::constant, 9};
    CHECK(read_row({0.4, 0.5, 1.5, 2.6, -0.4, -0.5, 3.4, 3.5}, how) == std::vector<float>{1, 2, 3, 4, 1, 9, 4, 9});
}

TEST_CASE("resample_nearest: masks of classes with any further axes", "[augment]") {
    const Tensor<std::int32_t> mask(Shape{1, 2, 2}, {1, 2, 3, 4});
    Tensor<std::int32_t> y(Shape{1, 3, 2});
    const std::vector<Point2D> places{{1, 0}, {5, 0}, {0.2, 0}};
    resample_nearest<std::int32_t>(mask, places, FillMode::constant, -1, y);
    CHECK(y == Tensor<std::int32_t>(Shape{1, 3, 2}, {3, 4, -1, -1, 1, 2}));
}

TEST_CASE("resample_backward: the adjoint, and the same bits on every instruction set", "[augment]") {
    const std::vector<Point2D> places = scattered();
    const Shape from{4, 5, 3}, to{6, 7, 3};
    const auto x = uniform_numbers<double>(from, 1), g = uniform_numbers<double>(to, 2);
    for (const FillMode mode : fill_modes)
        for (const Interpolation interpolation : {Interpolation::nearest, Interpolation::bilinear}) {
            INFO(mode << ' ' << interpolation);
            const Resampling how{interpolation, mode, 0};
            Tensor<double> y(to), dx(from);
            resample<double>(x, places, how, y);
            resample_backward<double>(g, places, how, dx);
            double forward = 0, backward = 0;
            for (Index i = 0; i < y.size(); ++i) forward += y[i] * g[i];
            for (Index i = 0; i < x.size(); ++i) backward += x[i] * dx[i];
            CHECK(forward == Catch::Approx(backward).epsilon(1e-13)); // a hundred sums of numbers of about 1
            const auto narrow_x = x.cast<float>(), narrow_g = g.cast<float>();
            on_all_isas([&] {
                Tensor<float> narrow_y(to), narrow_dx(from);
                resample<float>(narrow_x, places, how, narrow_y);
                resample_backward<float>(narrow_g, places, how, narrow_dx);
                CHECK(allclose(narrow_y.cast<double>(), y, 1e-6, 1e-6));
                CHECK(allclose(narrow_dx.cast<double>(), dx, 1e-6, 1e-6));
                return std::vector<Tensor<float>>{narrow_y, narrow_dx};
            });
        }
}
