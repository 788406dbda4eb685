#include <fovea/augment/random_translation.hpp>

#include "augment/moved.hpp"

using namespace fovea;

TEST_CASE("RandomTranslation: known points", "[augment]") {
    // Of 4 rows and 10 columns: down by 2, left by 2.5.
    const RandomTranslation shift{.height_factor = {0.5, 0.5}, .width_factor = {-0.25, -0.25}};
    const auto map = moved::mapping_of(shift, {4, 10});
    moved::check_point(map, {0, 2}, {2.5, 0});
    moved::check_point(map, {1, 3}, {3.5, 1});
    const Tensor<float> x(Shape{3, 1, 1}, {1, 2, 3});
    const RandomTranslation down{.height_factor = {1.0 / 3, 1.0 / 3}, .fill_mode = FillMode::constant};
    const auto y = moved::image(down, x); // 1/3 of 3 is rounded, and so may be the weights of pixels
    CHECK(allclose(y, Tensor<float>(Shape{3, 1, 1}, {0, 1, 2}), 1e-6, 1e-6));
}

TEST_CASE("RandomTranslation: shifts are between the bounds, by each axis itself", "[augment]") {
    double most_x = 0, most_y = 0, correlation = 0;
    for (Index sample = 0; sample < 1000; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomTranslation{0.1, 0.2}, {100, 100}, sample);
        most_x = std::max(most_x, std::abs(map.a2));
        most_y = std::max(most_y, std::abs(map.b2));
        correlation += map.a2 / 20 * map.b2 / 10;
    }
    CHECK(most_x == Catch::Approx(20).margin(0.2));
    CHECK(most_y == Catch::Approx(10).margin(0.1));
    CHECK(std::abs(correlation) < 5 * std::sqrt(1000.0) / 3);
}

TEST_CASE("RandomTranslation: what makes no sense is refused", "[augment]") {
    CHECK_THROWS_MATCHES((RandomTranslation{2}.check()), ValueError, says("RandomTranslation: height_factor"));
    CHECK_THROWS_MATCHES((RandomTranslation{0, {1, 0}}.check()), ValueError, says("RandomTranslation: width_factor"));
}
