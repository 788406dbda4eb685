#include <map>

#include <fovea/augment/random_crop.hpp>

#include "augment/moved.hpp"

using namespace fovea;

TEST_CASE("RandomCrop: from every place alike", "[augment]") {
    std::map<std::pair<double, double>, int> seen;
    for (Index sample = 0; sample < 1200; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomCrop{.height = 4, .width = 2}, {5, 4}, sample);
        ++seen[{map.b2, map.a2}];
        moved::check_point(map, {0, 0}, {map.a2, map.b2});
    }
    REQUIRE(seen.size() == 6);
    for (const auto& [place, count] : seen) {
        CHECK((place.first >= 0 && place.first <= 1 && place.second >= 0 && place.second <= 2));
        CHECK(std::abs(count - 200) < 65); // five standard deviations
    }
}

TEST_CASE("RandomCrop: with padding, as CIFAR is trained", "[augment]") {
    const Tensor<float> x(Shape{2, 2, 1}, {1, 2, 3, 4});
    const RandomCrop crop{.height = 2, .width = 2, .padding = 1, .fill_value = 9};
    const auto wide = Tensor<float>(Shape{4, 4, 1}, {9, 9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9, 9, 9, 9, 9});
    std::map<Index, int> seen;
    for (Index sample = 0; sample < 900; ++sample) {
        const auto y = moved::image(crop, x, sample);
        Index found = -1;
        for (Index place = 0; place < 9; ++place) {
            const Index at = place / 3 * 4 + place % 3;
            if (y == Tensor<float>(Shape{2, 2, 1}, {wide[at], wide[at + 1], wide[at + 4], wide[at + 5]})) found = place;
        }
        REQUIRE(found >= 0);
        ++seen[found];
    }
    CHECK(seen.size() == 9);
    const auto rows = moved::places(RandomCrop{.height = 2, .width = 2, .padding = {5, 0}}, {2, 2}, 1);
    CHECK(rows[0].x == 0);
}

TEST_CASE("RandomCrop: the middle at rest", "[augment]") {
    moved::check_point(RandomCrop{2, 3}.at_rest({5, 6}), {0, 0}, {1, 1});
    moved::check_point(RandomCrop{5, 4}.at_rest({5, 6}), {0, 0}, {1, 0});
    moved::check_point(RandomCrop{.height = 4, .width = 4, .padding = 1}.at_rest({2, 4}), {1, 1}, {1, 0});
}

TEST_CASE("RandomCrop: what makes no sense is refused", "[augment]") {
    CHECK_THROWS_MATCHES((RandomCrop{0, 3}.check()), ValueError,
                         says("RandomCrop: height and width must be from 1 to 16777216, got (0, 3)"));
    CHECK_THROWS_MATCHES((RandomCrop{.height = 1, .width = 1, .padding = -1}.check()), ValueError,
                         says("RandomCrop: padding must be from 0 to 16777216, got (-1, -1)"));
    CHECK_THROWS_MATCHES((RandomCrop{.height = 5, .width = 3, .padding = {1, 0}}.output_size({2, 3})), ShapeError,
                         says("RandomCrop: (5, 3) does not fit an image (2, 3) with padding (1, 0)"));
}
