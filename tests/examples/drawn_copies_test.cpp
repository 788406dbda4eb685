// Quarter turns and moves have results that can be named pixel by pixel.
#include "../../examples/support/drawn_copies.hpp"
#include "catch.hpp"

using namespace fovea;

TEST_CASE("Examples: DrawnCopies turns, moves and leaves what is outside black", "[examples]") {
    Tensor<std::uint8_t> images(Shape{2, 28, 28, 1});
    images(1, 3, 5, 0) = 255;
    const auto lit = [&](const DrawnCopy& copy) {
        const DrawnCopies copies{images, 1, [&](Index) { return copy; }};
        Tensor<float> x(Shape{2, 28, 28, 1}, 9);
        Tensor<std::int32_t> label(Shape{2});
        copies.read(std::vector<Index>{0, 1}, x, label);
        CHECK(label == Tensor<std::int32_t>{7, 7});
        std::vector<std::pair<Index, Index>> places;
        for (Index pixel = 0; pixel < 28 * 28; ++pixel) {
            CHECK(x[pixel] == x[28 * 28 + pixel]);
            CHECK((x[pixel] == 0 || x[pixel] == 1));
            if (x[pixel] == 1) places.emplace_back(pixel / 28, pixel % 28);
        }
        return places;
    };
    using Places = std::vector<std::pair<Index, Index>>;
    CHECK(lit({1, 7, {1, 0, 0, 1}}) == Places{{3, 5}});
    CHECK(lit({1, 7, {0, 1, -1, 0}}) == Places{{22, 3}}); // copy (r, c) shows image (c, 27 - r)
    CHECK(lit({1, 7, {-1, 0, 0, -1}}) == Places{{24, 22}});
    CHECK(lit({1, 7, {0, -1, 1, 0}}) == Places{{5, 24}});
    CHECK(lit({1, 7, {1, 0, 0, 1}, {2, -1}}) == Places{{1, 6}});
    CHECK(lit({1, 7, {1, 0, 0, 1}, {4, 0}}).empty());
    CHECK(lit({0, 7, {1, 0, 0, 1}}).empty());
    CHECK(DrawnCopies{images, 4, {}}.size() == 8);
}
