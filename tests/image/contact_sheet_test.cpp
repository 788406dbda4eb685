#include <algorithm>

#include <fovea/data/map.hpp>
#include <fovea/image/contact_sheet.hpp>
#include <fovea/image/load.hpp>

#include "catch.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

using Pixel = std::array<int, 3>;

Pixel pixel(const Tensor<std::uint8_t>& sheet, Index row, Index column) {
    return {sheet(row, column, 0), sheet(row, column, 1), sheet(row, column, 2)};
}

/// Seven pictures of 2 x 3 pixels, each in a grey of its own, labelled 0, 1, 0, 1 ...
Dataset seven_greys() {
    Dataset data{Tensor<std::uint8_t>(Shape{7, 2, 3, 1}), Tensor<std::int32_t>(Shape{7}), "greys"};
    for (Index i = 0; i < 42; ++i) data.images[i] = static_cast<std::uint8_t>(10 * (i / 6));
    for (Index i = 0; i < 7; ++i) data.labels[i] = static_cast<std::int32_t>(i % 2);
    return data;
}

/// The line of text below a tile.
std::vector<std::uint8_t> label_below(const Tensor<std::uint8_t>& sheet, Index top, Index left, Index width) {
    std::vector<std::uint8_t> all;
    for (Index row = top; row < top + image::detail::text_height; ++row)
        for (Index column = left; column < left + width; ++column) all.push_back(sheet(row, column, 0));
    return all;
}

} // namespace

TEST_CASE("contact_sheet: rows of enlarged pictures with their labels", "[image]") {
    const Dataset data = seven_greys();
    const auto sheet = contact_sheet(data, {.columns = 3, .shuffle = false, .side = 20, .class_names = {"cat", "dog"}});
    // 2 x 3 pixels six times as large, a line of text, and a margin of 4 around all of it.
    CHECK(sheet.shape() == Shape{3 * (12 + 12 + 4) + 4, 3 * (18 + 4) + 4, 3});
    CHECK(pixel(sheet, 0, 0) == Pixel{224, 224, 224});
    for (Index i = 0; i < 7; ++i) {
        const Index top = i / 3 * 28 + 4;
        const Index left = i % 3 * 22 + 4;
        const int grey = 10 * static_cast<int>(i);
        CHECK(pixel(sheet, top, left) == Pixel{grey, grey, grey});
        CHECK(pixel(sheet, top + 11, left + 17) == Pixel{grey, grey, grey});
        CHECK(pixel(sheet, top - 1, left) == Pixel{224, 224, 224});
        CHECK(pixel(sheet, top, left + 18) == Pixel{224, 224, 224});
        const auto text = label_below(sheet, top + 12, left, 18);
        CHECK(std::count(text.begin(), text.end(), 0) > 10);
        CHECK((text == label_below(sheet, 16, 4, 18)) == (i % 2 == 0)); // every second one is a cat
    }
    CHECK(pixel(sheet, 62, 30) == Pixel{224, 224, 224}); // the last row has one picture
}

TEST_CASE("contact_sheet: every pixel is enlarged, colours stay", "[image]") {
    Dataset data{Tensor<std::uint8_t>(Shape{1, 2, 2, 3}, {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7}),
                 Tensor<std::int32_t>{0}, ""};
    const auto sheet = contact_sheet(data, {.side = 9});
    CHECK(sheet.shape() == Shape{8 + 12 + 8, 8 + 8, 3});
    for (const Index y : {4, 7}) {
        for (const Index x : {4, 7}) CHECK(pixel(sheet, y, x) == Pixel{255, 0, 0});
        for (const Index x : {8, 11}) CHECK(pixel(sheet, y, x) == Pixel{0, 255, 0});
    }
    CHECK(pixel(sheet, 8, 4) == Pixel{0, 0, 255});
    CHECK(pixel(sheet, 11, 11) == Pixel{9, 8, 7});
}

TEST_CASE("contact_sheet: large pictures are made smaller", "[image]") {
    const Tensor<float> images(Shape{2, 40, 80}, 0.5F); // without channels, without labels
    const auto sheet = contact_sheet(images, {.side = 20});
    CHECK(sheet.shape() == Shape{10 + 12 + 8, 2 * 24 + 4, 3});
    CHECK(pixel(sheet, 4, 4) == Pixel{128, 128, 128});
    const auto number = label_below(sheet, 14, 4, 20); // #0
    CHECK(std::count(number.begin(), number.end(), 0) > 5);
}

TEST_CASE("contact_sheet: another data set beside, in the epoch that is asked for", "[image]") {
    const Dataset data = seven_greys();
    const auto later = map(data, [](View<float> x, Index sample, Index epoch) {
        for (float& value : x) value = static_cast<float>(sample + 100 * epoch) / 255;
    });
    const auto sheet =
        contact_sheet(data, {.columns = 2, .samples = 3, .shuffle = false, .epoch = 1, .side = 3, .beside = later});
    CHECK(sheet.shape() == Shape{2 * (2 + 12 + 4) + 4, 2 * 2 * (3 + 4) + 4, 3});
    CHECK(pixel(sheet, 4, 4)[0] == 0);
    CHECK(pixel(sheet, 4, 8)[0] == 100);
    CHECK(pixel(sheet, 4, 18)[0] == 10);
    CHECK(pixel(sheet, 4, 22)[0] == 101);
    CHECK(pixel(sheet, 22, 8)[0] == 102);
}

TEST_CASE("contact_sheet: samples drawn by a seed", "[image]") {
    const Dataset data = seven_greys();
    const auto first_row = [&](std::uint64_t seed) {
        const auto sheet = contact_sheet(data, {.samples = 3, .seed = seed, .side = 3});
        return std::vector<int>{pixel(sheet, 4, 4)[0], pixel(sheet, 4, 11)[0], pixel(sheet, 4, 18)[0]};
    };
    const auto row = first_row(1);
    CHECK(std::is_sorted(row.begin(), row.end()));
    CHECK(std::adjacent_find(row.begin(), row.end()) == row.end());
    CHECK(first_row(1) == row);
    int others = 0;
    for (std::uint64_t seed = 2; seed < 12; ++seed) others += first_row(seed) != row;
    CHECK(others > 5);
}

TEST_CASE("contact_sheet: what is black and what is white", "[image]") {
    const Tensor<float> images(Shape{1, 1, 2}, {-1, 3});
    const auto sheet = contact_sheet(images, {.side = 2, .value_range = {-1, 1}});
    CHECK(pixel(sheet, 4, 4)[0] == 0);
    CHECK(pixel(sheet, 4, 5)[0] == 255);
}

TEST_CASE("contact_sheet: to a file, and what cannot be drawn", "[image]") {
    const TemporaryDirectory directory;
    const Dataset data = seven_greys();
    const auto path = directory.path() / "sheet.png";
    contact_sheet(path, data, {.columns = 4});
    CHECK(image::load(path) == contact_sheet(data, {.columns = 4}));
    REQUIRE_THROWS_MATCHES(contact_sheet(data, {.columns = 0}), ValueError,
                           says("at least 1 column, sample and pixel"));
    REQUIRE_THROWS_MATCHES(contact_sheet(data, {.value_range = {1, 1}}), ValueError, says("got 1 to 1"));
    REQUIRE_THROWS_MATCHES(contact_sheet(Tensor<float>(Shape{3, 9})), ShapeError, says("1 to 4 channels), got (9,)"));
    REQUIRE_THROWS_MATCHES(contact_sheet(Tensor<float>(Shape{3, 9, 9, 5})), ShapeError, says("got (9, 9, 5)"));
    REQUIRE_THROWS_MATCHES(contact_sheet(Tensor<float>(Shape{0, 9, 9})), ValueError, says("has no samples"));
    REQUIRE_THROWS_MATCHES(contact_sheet(data, {.side = 30'000}), DataError,
                           says("contact_sheet: the picture's size is 20020 x 210032, its sides may have"));
    REQUIRE_THROWS_MATCHES(contact_sheet(data, {.beside = data.take(3)}), ValueError, says("7 samples, but 3 beside"));
}
