#include <fovea/augment/random_perspective.hpp>

#include "augment/moved.hpp"

using namespace fovea;

TEST_CASE("RandomPerspective: corners move by up to a quarter of the sides", "[augment]") {
    // 8 rows and 12 columns; scale 0.5 moves corners by up to 1 and 1.5.
    const Point2D corners[]{{-0.5, -0.5}, {11.5, -0.5}, {11.5, 7.5}, {-0.5, 7.5}};
    double most_x = 0, most_y = 0;
    for (Index sample = 0; sample < 500; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomPerspective{.scale = 0.5}, {8, 12}, sample);
        for (const Point2D& corner : corners) {
            const Point2D to = map.forward(corner);
            most_x = std::max(most_x, std::abs(to.x - corner.x));
            most_y = std::max(most_y, std::abs(to.y - corner.y));
            moved::check_point(map, to, corner);
        }
    }
    CHECK(most_x == Catch::Approx(1.5).margin(0.01));
    CHECK(most_y == Catch::Approx(1).margin(0.01));
}

TEST_CASE("RandomPerspective: no image is turned inside out", "[augment]") {
    for (Index sample = 0; sample < 1000; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomPerspective{}, {8, 12}, sample);
        // Going around the image, one always turns the same way, as in a convex quadrilateral.
        const Point2D p[]{map.forward({-0.5, -0.5}), map.forward({11.5, -0.5}), map.forward({11.5, 7.5}),
                          map.forward({-0.5, 7.5})};
        for (std::size_t i = 0; i < 4; ++i) {
            const Point2D &a = p[i], &b = p[(i + 1) % 4], &c = p[(i + 2) % 4];
            CHECK((b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0);
        }
    }
}

TEST_CASE("RandomPerspective: as many images as factor says", "[augment]") {
    const auto moved_images = [](double factor) {
        int count = 0;
        for (Index sample = 0; sample < 1000; ++sample)
            count += moved::mapping_of(RandomPerspective{.factor = factor}, {8, 12}, sample).a0 != 1 ? 1 : 0;
        return count;
    };
    CHECK(moved_images(0) == 0);
    CHECK(moved_images(1) == 1000);
    CHECK(std::abs(moved_images(0.2) - 200) < 64); // five standard deviations
    const Tensor<float> x(Shape{2, 2, 1}, {1, 2, 3, 4});
    CHECK(moved::image(RandomPerspective{.scale = 0}, x) == x);
}

TEST_CASE("RandomPerspective: what makes no sense is refused", "[augment]") {
    CHECK_THROWS_MATCHES((RandomPerspective{.factor = 2}.check()), ValueError,
                         says("RandomPerspective: factor must be from 0 to 1, got 2"));
    CHECK_THROWS_MATCHES((RandomPerspective{.scale = -1}.check()), ValueError,
                         says("RandomPerspective: scale must be from 0 to 1, got -1"));
}
