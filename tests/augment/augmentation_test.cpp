#include <fovea/augment/random_crop.hpp>
#include <fovea/augment/random_flip.hpp>
#include <fovea/augment/random_rotation.hpp>

#include "augment/moved.hpp"

using namespace fovea;

namespace {

/// A program's own, for float alone.
struct FloatsDoubled {
    static constexpr std::string_view type = "FloatsDoubled";
    void apply(View<float> x, Draw&) const {
        for (float& value : x) value *= 2;
    }
};

/// A mapping that only goes one way.
struct OneWay {
    int field = 1;

    static constexpr std::string_view type = "OneWay";
    void check() const { require<ValueError>(field == 1, type, ": field must be 1"); }
    auto mapping(Size2D, Draw& draw) const {
        const double shift = draw.uniform(0, 1);
        return [shift](Point2D p) { return Point2D{p.x + shift, p.y}; };
    }
};

/// Both, with the same numbers.
struct BothWays {
    Interpolation interpolation = Interpolation::nearest;

    static constexpr std::string_view type = "BothWays";
    template <class T>
    void apply(View<T> x, Draw& draw) const {
        for (T& value : x) value += static_cast<T>(draw.below(100));
    }
    auto mapping(Size2D, Draw& draw) const { return ProjectiveMap::shift(static_cast<double>(draw.below(100)), 0); }
};

static_assert(AugmentationSpec<FloatsDoubled> && AugmentationSpec<OneWay> && AugmentationSpec<BothWays>);
static_assert(!AugmentationSpec<int> && !AugmentationSpec<ProjectiveMap>);

} // namespace

TEST_CASE("AnyAugmentation: knows what it holds", "[augment]") {
    const AnyAugmentation values = FloatsDoubled{}, places = OneWay{}, both = BothWays{};
    CHECK(values.type() == "FloatsDoubled");
    CHECK((values.is_photometric() && !values.is_geometric() && !values.maps_forward()));
    CHECK((!places.is_photometric() && places.is_geometric() && !places.maps_forward()));
    CHECK((both.is_photometric() && both.is_geometric() && both.maps_forward()));
    CHECK(AnyAugmentation(RandomCrop{3, 4}).output_size({5, 5}) == Size2D(3, 4));
    CHECK(both.output_size({5, 6}) == Size2D(5, 6));
}

TEST_CASE("AnyAugmentation: reads images as the fields say", "[augment]") {
    CHECK_FALSE(AnyAugmentation(RandomFlip{}).resampling());
    CHECK_FALSE(AnyAugmentation(OneWay{}).resampling());
    CHECK(AnyAugmentation(BothWays{}).resampling() == Resampling{Interpolation::nearest, FillMode::constant, 0});
    CHECK(AnyAugmentation(RandomCrop{.height = 1, .width = 1, .fill_value = 3}).resampling() ==
          Resampling{Interpolation::nearest, FillMode::constant, 3});
    CHECK(AnyAugmentation(RandomRotation{.fill_mode = FillMode::wrap, .fill_value = 2}).resampling() ==
          Resampling{Interpolation::bilinear, FillMode::wrap, 2});
}

TEST_CASE("AnyAugmentation: draws anew in each call", "[augment]") {
    const Draw draw(1, 2, 3, 4);
    Draw again = draw;
    const auto number = static_cast<double>(again.below(100));
    const AnyAugmentation both = BothWays{};
    double x[] = {0.5};
    both.apply(View<double>(x, {1, 1, 1}), draw);
    CHECK(x[0] == 0.5 + number);
    Point2D place[] = {{1, 2}};
    both.trace({3, 3}, draw, place);
    CHECK(place[0].x == 1 + number);
    both.forward({3, 3}, draw, place);
    CHECK(place[0].x == 1);
}

TEST_CASE("AnyAugmentation: what it cannot do is refused", "[augment]") {
    float x[] = {3};
    double wide[] = {3};
    const AnyAugmentation doubled = FloatsDoubled{};
    doubled.apply(View<float>(x, {1, 1, 1}), Draw(0, 0, 0, 0));
    CHECK(x[0] == 6);
    CHECK_THROWS_MATCHES(doubled.apply(View<double>(wide, {1, 1, 1}), Draw(0, 0, 0, 0)), ValueError,
                         says("FloatsDoubled: has no apply for double"));
    CHECK_THROWS_MATCHES(AnyAugmentation(OneWay{2}), ValueError, says("OneWay: field must be 1"));
    CHECK_THROWS_AS(AnyAugmentation(RandomRotation{2}), ValueError);
}
