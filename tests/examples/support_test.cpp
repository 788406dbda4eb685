// What the examples draw, sort and measure for themselves.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fovea/core/random.hpp>

#include "../../examples/support/classes.hpp"
#include "../../examples/support/located_digits.hpp"
#include "../../examples/support/pictures.hpp"
#include "../../examples/support/principal_components.hpp"
#include "../../examples/support/quarter_turns.hpp"
#include "../../examples/support/shapes.hpp"
#include "catch.hpp"

using namespace fovea;

namespace {

/// `count` images, all bytes of image i being i, with the labels 0 1 2 3 4 5 0 1 ...
Dataset numbered_images(Index count, Index extent) {
    Dataset set{Tensor<std::uint8_t>(Shape{count, extent, extent, 1}), Tensor<std::int32_t>(Shape{count}), "test"};
    for (Index i = 0; i < count; ++i) {
        const View<std::uint8_t> image = set.images.row(i);
        std::fill(image.begin(), image.end(), static_cast<std::uint8_t>(i));
        set.labels[i] = static_cast<std::int32_t>(i % 6);
    }
    return set;
}

} // namespace

TEST_CASE("Examples: classes takes some classes, and only so many of each", "[examples]") {
    const Dataset set = numbered_images(60, 2);
    CHECK(classes(set, 2, 5).size() == 30);
    const auto few = classes(set, 2, 5, 4);
    REQUIRE(few.size() == 12);
    const std::set<Index> different(few.which().begin(), few.which().end());
    CHECK(different.size() == 12);
    for (const std::int32_t label : {2, 3, 4})
        CHECK(std::count_if(different.begin(), different.end(), [&](Index i) { return set.labels[i] == label; }) == 4);
}

TEST_CASE("Examples: quarter_turns turns against the clock", "[examples]") {
    // 1 2      2 4      4 3      3 1
    // 3 4      1 3      2 1      4 2
    const std::vector<std::vector<std::uint8_t>> turned{{1, 2, 3, 4}, {2, 4, 1, 3}, {4, 3, 2, 1}, {3, 1, 4, 2}};
    Dataset set = numbered_images(40, 2);
    for (Index i = 0; i < set.size(); ++i) std::copy(turned[0].begin(), turned[0].end(), set.images.row(i).begin());
    const auto [images, quarters] = quarter_turns(set);
    for (Index i = 0; i < set.size(); ++i) {
        const auto& expected = turned[static_cast<std::size_t>(quarters[i])];
        CHECK(std::equal(expected.begin(), expected.end(), images.images.row(i).begin()));
    }
    CHECK(std::set<int>(quarters.begin(), quarters.end()).size() == 4);
    CHECK(quarter_turns(set.take(20), 20).quarters ==
          Tensor<std::int32_t>(quarters.slice(20, 40))); // a part of the same row
}

TEST_CASE("Examples: the most likely class of each pixel", "[examples]") {
    const Tensor<float> probabilities(Shape{1, 2, 1, 4},
                                      std::vector<float>{0.4F, 0.2F, 0.3F, 0.1F, 0, 0.3F, 0.1F, 0.6F});
    CHECK(most_likely(probabilities) == Tensor<std::int32_t>{{{0}, {3}}});
    CHECK(shades(most_likely(probabilities)) == Tensor<float>{{{{0}}, {{1}}}});
}

TEST_CASE("Examples: shapes have their pixels, and masks that fit them", "[examples]") {
    const auto pixels = [](std::int32_t kind) {
        int count = 0;
        for (Index y = -9; y <= 9; ++y)
            for (Index x = -9; x <= 9; ++x) count += is_inside(kind, 2, x, y) ? 1 : 0;
        return count;
    };
    CHECK(pixels(1) == 13); // 1 + 3 + 5 + 3 + 1
    CHECK(pixels(2) == 25);
    CHECK(pixels(3) == 13); // 1 + 1 + 3 + 3 + 5
    const Shapes shapes = draw_shapes(50);
    std::set<int> kinds(shapes.masks.begin(), shapes.masks.end());
    CHECK(kinds == std::set<int>{0, 1, 2, 3});
    for (Index i = 0; i < shapes.masks.size();
         ++i) { // the ground is grey, what stands on it is not, give or take noise
        const bool grey = 80 <= shapes.images[i] && shapes.images[i] <= 175;
        if (shapes.masks[i] == 0) CHECK(grey);
    }
    const Shapes later = draw_shapes(20, 30);
    CHECK(later.images == Tensor<std::uint8_t>(shapes.images.slice(30, 50)));
    CHECK(later.masks == Tensor<std::int32_t>(shapes.masks.slice(30, 50)));
}

TEST_CASE("Examples: the IoU of boxes", "[examples]") {
    const Tensor<float> boxes{{0, 0, 2, 2}, {1, 1, 3, 3}, {2, 2, 3, 3}, {1, 1, 0, 0}};
    CHECK(box_iou(boxes.row(0), boxes.row(0)) == 1);
    CHECK(box_iou(boxes.row(0), boxes.row(1)) == Catch::Approx(1.0 / 7));
    CHECK(box_iou(boxes.row(0), boxes.row(2)) == 0); // they touch
    CHECK(box_iou(boxes.row(0), boxes.row(3)) == 0); // the wrong way round
    CHECK(box_iou(boxes.row(3), boxes.row(3)) == 0);
    CHECK(mean_box(boxes, 2) == Tensor<float>{{1, 1, 2, 2}, {1, 1, 2, 2}});
}

TEST_CASE("Examples: a digit lies where its box says", "[examples]") {
    Dataset set = numbered_images(30, 28);
    set.images.fill(0);
    for (Index i = 0; i < set.size(); ++i) // of 7 x 4 pixels, out of the reach of scraps
        for (Index row = 20; row < 27; ++row)
            for (Index column = 21; column < 25; ++column) set.images(i, row, column, 0) = 200;
    const LocatedDigits located = locate_digits(set);
    REQUIRE(located.set.labels == set.labels);
    for (Index i = 0; i < set.size(); ++i) {
        const auto pixel = [&](Index side) { return static_cast<Index>(located.boxes(i, side) * 48 + 0.5F); };
        const Index left = pixel(0);
        const Index top = pixel(1);
        CHECK(pixel(2) - left == 4);
        CHECK(pixel(3) - top == 7);
        for (Index row = 0; row < 48; ++row)
            for (Index column = 0; column < 48; ++column)
                if (left <= column && column < left + 4 && top <= row && row < top + 7)
                    CHECK(located.set.images(i, row, column, 0) == 200);
    }
}

TEST_CASE("Examples: principal components keep what varies most", "[examples]") {
    // On the line (1, 2) + t (3, 4), but for a little across it.
    const Tensor<float> points{{-2, -2}, {4, 6}, {1.4F, 1.7F}, {0.6F, 2.3F}};
    const Tensor<float> line{{-2, -2}, {4, 6}, {1, 2}, {1, 2}};
    CHECK(allclose(PrincipalComponents(points, 1).reconstruct(points), line, 1e-5, 1e-5));
    CHECK(allclose(PrincipalComponents(points, 2).reconstruct(points), points, 1e-5, 1e-5));
    CHECK(allclose(PrincipalComponents(points, 0).reconstruct(points), Tensor<float>{{1, 2}, {1, 2}, {1, 2}, {1, 2}},
                   1e-5, 1e-5));
    CHECK(mean_squared_error(points, line) == Catch::Approx(0.5 / 8));
}

TEST_CASE("Examples: noise has the deviation asked for", "[examples]") {
    const Tensor<float> x(Shape{10, 10, 10, 10}, 3);
    const Tensor<float> noisy = with_noise(x, 0.5, 0);
    CHECK(mean_squared_error(noisy, x) == Catch::Approx(0.25).margin(0.02)); // five times 0.25 sqrt(2 / 10,000)
    CHECK(with_noise(x, 0.5, 0) == noisy);
    CHECK(!(with_noise(x, 0.5, 1) == noisy));
    CHECK(with_noise(x, 0, 0) == x);
}

TEST_CASE("Examples: pictures in rows", "[examples]") {
    const auto path = std::filesystem::temp_directory_path() / "fovea_examples_pictures.pgm";
    const Tensor<float> a(Shape{2, 1, 2, 1}, std::vector<float>{0, 0.2F, 1, 2});
    const Tensor<float> b(Shape{2, 1, 2, 1}, std::vector<float>{-1, 0.4F, 0.6F, 0.8F});
    write_pgm(path.string(), {a, b}, 16);
    std::ifstream file(path, std::ios::binary);
    const std::string written{std::istreambuf_iterator<char>(file), {}};
    CHECK(written == std::string("P5\n4 2\n255\n\0\x33\xff\xff\0\x66\x99\xcc", 19));
    std::filesystem::remove(path);
    REQUIRE_THROWS_MATCHES(write_pgm("/nowhere/at/all.pgm", {a}, 16), DataError, says("/nowhere/at/all.pgm"));
}
