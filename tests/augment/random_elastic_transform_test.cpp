#include <cmath>

#include <fovea/augment/random_elastic_transform.hpp>

#include "augment/moved.hpp"

using namespace fovea;

TEST_CASE("RandomElasticTransform: displacements are as large and as smooth as Keras's", "[augment]") {
    // Noise of deviation sigma, smoothed by a Gaussian of width sigma, times alpha: normal with deviation alpha / sqrt(4 pi), and two
    // places at distance d correlate by exp(-d^2 / (4 sigma^2)). Here alpha = 0.1 * 80, sigma = 0.05 * 60.
    const double sigma = 3, deviation = 8 / std::sqrt(4 * std::acos(-1));
    double sum = 0, squares = 0, near_by = 0, further = 0, other_axis = 0;
    int count = 0;
    for (Index sample = 0; sample < 400; ++sample) {
        const auto field = moved::mapping_of(RandomElasticTransform{.scale = {1, 1}}, {60, 80}, sample);
        for (double y = 2.5; y < 50; y += 7.3)
            for (double x = 1.5; x < 70; x += 7.7) {
                const Point2D d = field.displacement({x, y});
                sum += d.x;
                squares += d.x * d.x + d.y * d.y;
                near_by += d.x * field.displacement({x + sigma, y}).x + d.y * field.displacement({x, y + sigma}).y;
                further += d.x * field.displacement({x, y + 2 * sigma}).x;
                other_axis += d.x * d.y;
                ++count;
            }
    }
    // About 20,000 places, some of which go together: deviations of 1 in 100. A B-spline is not quite a Gaussian, which is as much.
    const double variance = deviation * deviation * count;
    CHECK(squares / (2 * variance) == Catch::Approx(1).margin(0.04));
    CHECK(near_by / (2 * variance) == Catch::Approx(std::exp(-0.25)).margin(0.04));
    CHECK(further / variance == Catch::Approx(std::exp(-1)).margin(0.04));
    CHECK(other_axis / variance == Catch::Approx(0).margin(0.04));
    CHECK(sum / count / deviation == Catch::Approx(0).margin(0.04));
}

TEST_CASE("RandomElasticTransform: there and back", "[augment]") {
    const auto field = moved::mapping_of(RandomElasticTransform{.scale = {1, 1}}, {28, 28});
    for (const Point2D place : {Point2D{3, 4}, Point2D{14, 14.5}, Point2D{26, 9}}) {
        const Point2D back = field.forward(field(place)); // by steps that each get nearer by a third or more
        CHECK(back.x == Catch::Approx(place.x).margin(1e-4));
        CHECK(back.y == Catch::Approx(place.y).margin(1e-4));
    }
}

TEST_CASE("RandomElasticTransform: factor and scale", "[augment]") {
    const Tensor<float> x(Shape{4, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    CHECK(moved::image(RandomElasticTransform{.factor = 0}, x) == x);
    CHECK(moved::image(RandomElasticTransform{.scale = 0}, x) == x);
    CHECK(moved::image(RandomElasticTransform{}, x) != x);
    CHECK(moved::image(RandomElasticTransform{}, x, 1) != moved::image(RandomElasticTransform{}, x, 2));
    CHECK_THROWS_MATCHES((RandomElasticTransform{.factor = -0.5}.check()), ValueError,
                         says("RandomElasticTransform: factor must be from 0 to 1, got -0.5"));
    CHECK_THROWS_MATCHES((RandomElasticTransform{.scale = 1.5}.check()), ValueError,
                         says("RandomElasticTransform: scale must be from 0 to 1"));
}
