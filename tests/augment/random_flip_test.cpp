#include <fovea/augment/random_flip.hpp>

#include "augment/moved.hpp"

using namespace fovea;

TEST_CASE("RandomFlip: sides change places as the mode says, half of the time", "[augment]") {
    const Tensor<float> x(Shape{2, 3, 1}, {1, 2, 3, 4, 5, 6});
    const std::vector<Tensor<float>> flipped{x, Tensor<float>(Shape{2, 3, 1}, {3, 2, 1, 6, 5, 4}),
                                             Tensor<float>(Shape{2, 3, 1}, {4, 5, 6, 1, 2, 3}),
                                             Tensor<float>(Shape{2, 3, 1}, {6, 5, 4, 3, 2, 1})};
    const auto counts = [&](const RandomFlip& flip) {
        std::vector<int> seen(4);
        for (Index sample = 0; sample < 1000; ++sample) {
            const auto found = std::find(flipped.begin(), flipped.end(), moved::image(flip, x, sample));
            REQUIRE(found != flipped.end());
            ++seen[static_cast<std::size_t>(found - flipped.begin())];
        }
        return seen;
    };
    // Five standard deviations of 1000 halves or quarters: 79, 68.
    const auto horizontal = counts({FlipMode::horizontal}), vertical = counts({FlipMode::vertical}), both = counts({});
    CHECK(std::abs(horizontal[1] - 500) < 79);
    CHECK(horizontal[0] + horizontal[1] == 1000);
    CHECK(std::abs(vertical[2] - 500) < 79);
    CHECK(vertical[0] + vertical[2] == 1000);
    for (const int count : both) CHECK(std::abs(count - 250) < 68);
}

TEST_CASE("RandomFlip: known points", "[augment]") {
    for (Index sample = 0; sample < 20; ++sample) {
        const ProjectiveMap map = moved::mapping_of(RandomFlip{FlipMode::horizontal}, {4, 9}, sample);
        const bool flips = map.a0 < 0;
        moved::check_point(map, {0, 1}, {flips ? 8.0 : 0.0, 1});
        moved::check_point(map, {5, 3}, {flips ? 3.0 : 5.0, 3});
    }
}

TEST_CASE("FlipMode, FillMode: names there and back", "[augment]") {
    using enum FlipMode;
    for (const FlipMode mode : {horizontal, vertical, horizontal_and_vertical}) {
        FlipMode read = mode == vertical ? horizontal : vertical;
        from_name(name_of(mode), read);
        CHECK(read == mode);
    }
    for (const FillMode mode : {FillMode::reflect, FillMode::constant, FillMode::wrap, FillMode::nearest}) {
        FillMode read = mode == FillMode::wrap ? FillMode::nearest : FillMode::wrap;
        from_name(name_of(mode), read);
        CHECK(read == mode);
    }
    FlipMode flip = vertical;
    CHECK_THROWS_MATCHES(from_name("both", flip), ValueError, says("FlipMode: unknown name \"both\"; known are"));
    FillMode fill = FillMode::wrap;
    CHECK_THROWS_MATCHES(from_name("", fill), ValueError, says("FillMode: unknown name \"\"; known are reflect"));
}
