#include <cmath>

#include <fovea/augment/all.hpp>

#include "augment/moved.hpp"

using namespace fovea;

namespace {

/// Values times `factor`.
struct Times {
    double factor = 2;

    static constexpr std::string_view type = "Times";
    template <class T>
    void apply(View<T> x, Draw&) const {
        for (T& value : x) value *= static_cast<T>(factor);
    }
};

/// Turns by `degrees`, always.
RandomRotation turn(double degrees, FillMode mode = FillMode::reflect) {
    return {.degrees = {degrees, degrees}, .fill_mode = mode};
}

/// A sample's image after the list.
Tensor<double> listed(const Augment& list, Tensor<double> x, Index sample = 0) {
    const Size2D size = detail::size_of_image(x.shape()), to = list.output_size(size);
    Tensor<double> y(Shape{to.height, to.width, x.shape()[2]});
    detail::AugmentRoom<double> room;
    list({5, sample, 0}, Augmentable<double>{.x = x, .mask = {}, .classes = {}, .boxes = {}},
         Augmentable<double>{.x = y, .mask = {}, .classes = {}, .boxes = {}}, size, 0, room);
    return y;
}

/// Boxes after the list, of an image of this size.
Tensor<double> boxed(const Augment& list, Size2D size, Tensor<double> boxes, Index sample = 0) {
    detail::AugmentRoom<double> room;
    const Augmentable<double> all{.x = {}, .mask = {}, .classes = {}, .boxes = boxes};
    list({5, sample, 0}, all, all, size, 0, room);
    return boxes;
}

const Tensor<double> nine(Shape{3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});

} // namespace

TEST_CASE("Augment: one after another", "[augment]") {
    const Tensor<double> turned(Shape{3, 3, 1}, {3, 6, 9, 2, 5, 8, 1, 4, 7});
    CHECK(listed(Augment{}, nine) == nine);
    CHECK(listed(Augment{turn(90)}, nine) == turned);
    CHECK(listed(Augment{turn(90), Times{}}, nine) == turned.map([](double value) { return 2 * value; }));
    // Cut to the middle column and then turned, what was right of it comes to the top; turned and then cut, the column lies.
    const auto row = Tensor<double>(Shape{1, 3, 1}, {2, 5, 8});
    CHECK(listed(Augment{CenterCrop{3, 1}, turn(90, FillMode::constant)}, nine) ==
          Tensor<double>(Shape{3, 1, 1}, {6, 5, 4}));
    CHECK(listed(Augment{turn(90), CenterCrop{1, 3}}, nine) == row);
    CHECK(listed(Augment{CenterCrop{3, 3}, Times{3}, CenterCrop{1, 1}}, nine)[0] == 15);
}

TEST_CASE("Augment: geometric ones that follow each other are one", "[augment]") {
    Draw draw(1, 0, 0, 0);
    Tensor<double> x(Shape{9, 9, 1});
    for (double& value : x) value = draw.uniform(0, 1);
    // There and back: nothing is smoothed, nothing is lost at the corners.
    CHECK(allclose(listed(Augment{turn(30), turn(-30)}, x), x, 1e-12, 1e-12));
    // In between, or with other edges, each for itself.
    CHECK_FALSE(allclose(listed(Augment{turn(30), Times{1}, turn(-30)}, x), x, 1e-3, 1e-3));
    CHECK_FALSE(allclose(listed(Augment{turn(30), turn(-30, FillMode::wrap)}, x), x, 1e-3, 1e-3));
    // By hand, one after the other.
    const auto first = listed(Augment{turn(30)}, x);
    CHECK(listed(Augment{turn(30), turn(20, FillMode::wrap)}, x) == listed(Augment{turn(20, FillMode::wrap)}, first));
}

TEST_CASE("Augment: each one draws numbers of its own", "[augment]") {
    Index same = 0;
    Tensor<double> x(Shape{1, 8, 1});
    for (Index i = 0; i < 8; ++i) x[i] = static_cast<double>(i);
    const RandomFlip flip{FlipMode::horizontal};
    for (Index sample = 0; sample < 100; ++sample)
        same += listed(Augment{flip, Times{1}, flip}, x, sample) == x ? 1 : 0;
    CHECK(std::abs(same - 50) < 25); // not always, as it would be if both flipped together
}

TEST_CASE("Augment: masks follow their image by the nearest pixel", "[augment]") {
    detail::AugmentRoom<float> room;
    Tensor<float> x(Shape{2, 2, 1}, {1, 2, 3, 4}), mask(Shape{2, 2, 2}, {1, 10, 2, 20, 3, 30, 4, 40});
    Tensor<std::int32_t> classes(Shape{2, 2}, {1, 2, 3, 4});
    const Augment list{Times{5}, RandomTranslation{.width_factor = {0.5, 0.5}, .fill_mode = FillMode::constant}};
    const Augmentable<float> all{.x = x, .mask = mask, .classes = classes, .boxes = {}};
    list({0, 0, 0}, all, all, {2, 2}, -1, room);
    CHECK(x == Tensor<float>(Shape{2, 2, 1}, {0, 5, 0, 15}));
    CHECK(mask == Tensor<float>(Shape{2, 2, 2}, {-1, -1, 1, 10, -1, -1, 3, 30}));
    CHECK(classes == Tensor<std::int32_t>(Shape{2, 2}, {-1, 1, -1, 3}));
    // By a distance between pixels an image is smoothed, a mask is not.
    const Augment less{RandomTranslation{.width_factor = {0.2, 0.2}}};
    less({0, 0, 0}, all, all, {2, 2}, 0, room);
    CHECK(classes == Tensor<std::int32_t>(Shape{2, 2}, {-1, 1, -1, 3}));
    CHECK(x[1] == Catch::Approx(0.6 * 5));
}

TEST_CASE("Augment: boxes follow their image", "[augment]") {
    const Tensor<double> boxes(Shape{3, 4}, {0.25, 0, 0.5, 0.5, 0, 0, 0, 0, 0.5, 0.25, 1, 1});
    const auto near = [](const Tensor<double>& a, const std::vector<double>& b) {
        return allclose(a, Tensor<double>(Shape{3, 4}, b), 1e-12, 1e-12);
    };
    // A quarter turn counter-clockwise of a square: what was left is at the bottom. (x, y) goes to (y, 1 - x).
    CHECK(near(boxed(Augment{turn(90)}, {8, 8}, boxes), {0, 0.5, 0.5, 0.75, 0, 0, 0, 0, 0.25, 0, 1, 0.5}));
    // Right by a quarter, and cut off there.
    const Augment right{RandomTranslation{.width_factor = {0.25, 0.25}}};
    CHECK(near(boxed(right, {4, 8}, boxes), {0.5, 0, 0.75, 0.5, 0, 0, 0, 0, 0.75, 0.25, 1, 1}));
    // Twice as far out, twice as large, from the middle.
    const Augment in{RandomZoom{{-0.5, -0.5}}};
    CHECK(near(boxed(in, {5, 8}, boxes), {0, 0, 0.5, 0.5, 0, 0, 0, 0, 0.5, 0, 1, 1}));
    // What was the middle half of the height is all of it.
    CHECK(near(boxed(Augment{CenterCrop{4, 8}}, {8, 8}, boxes), {0.25, 0, 0.5, 0.5, 0, 0, 0, 0, 0.5, 0, 1, 1}));
    // What has left the image is empty, at its edge.
    const RandomTranslation half{.width_factor = {0.5, 0.5}};
    CHECK(near(boxed(Augment{right.all()[0], half}, {4, 8}, boxes), {1, 0, 1, 0.5, 0, 0, 0, 0, 1, 0.25, 1, 1}));
    // By 45 degrees a square becomes the one around it: half of its diagonal, sqrt(1/8), to each side of the middle.
    const Tensor<double> middle(Shape{3, 4}, {0.25, 0.25, 0.75, 0.75, 0, 0, 0, 0, 0, 0, 0, 0});
    const double low = 0.5 - std::sqrt(0.125), high = 0.5 + std::sqrt(0.125);
    CHECK(near(boxed(Augment{turn(45)}, {8, 8}, middle), {low, low, high, high, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("Augment: boxes are where the pixels are", "[augment]") {
    // A rectangle of ones among zeros, moved by all there is: its box reaches as far as pixels of at least 0.5, within one of them.
    const Augment list{RandomRotation{.degrees = 15, .fill_mode = FillMode::constant},
                       RandomZoom{.height_factor = 0.2, .fill_mode = FillMode::constant},
                       RandomTranslation{.height_factor = 0.1, .width_factor = 0.1, .fill_mode = FillMode::constant},
                       RandomFlip{},
                       Times{1},
                       RandomPerspective{.scale = 0.3},
                       RandomElasticTransform{.scale = 0.5, .fill_mode = FillMode::constant},
                       CenterCrop{36, 38}};
    for (Index sample = 0; sample < 50; ++sample) {
        Tensor<double> x(Shape{40, 40, 1});
        for (Index row = 15; row < 25; ++row)
            for (Index column = 10; column < 22; ++column) x(row, column, Index{0}) = 1;
        const Tensor<double> box =
            boxed(list, {40, 40}, Tensor<double>{10. / 40, 15. / 40, 22. / 40, 25. / 40}, sample);
        const Tensor<double> y = listed(list, x, sample);
        double seen[] = {99, 99, -99, -99};
        for (Index row = 0; row < 36; ++row)
            for (Index column = 0; column < 38; ++column) {
                if (y(row, column, Index{0}) < 0.5) continue;
                const auto left = static_cast<double>(column), top = static_cast<double>(row);
                seen[0] = std::min(seen[0], left);
                seen[1] = std::min(seen[1], top);
                seen[2] = std::max(seen[2], left + 1);
                seen[3] = std::max(seen[3], top + 1);
            }
        // Distortion bends sides by up to 1.5 pixels here; corners of less than half a pixel are not seen.
        for (Index side = 0; side < 4; ++side)
            CHECK(box[side] * (side % 2 == 0 ? 38 : 36) == Catch::Approx(seen[side]).margin(2.5));
    }
}

TEST_CASE("Augment: the size of images, and fields that make no sense", "[augment]") {
    const Augment list{RandomCrop{20, 30}, RandomFlip{}, CenterCrop{10, 10}};
    CHECK(list.output_size({40, 40}) == Size2D(10, 10));
    CHECK(list.all().size() == 3);
    CHECK_THROWS_MATCHES(list.output_size({40, 20}), ShapeError, says("RandomCrop: (20, 30) does not fit"));
    CHECK_THROWS_MATCHES((Augment{RandomFlip{}, RandomRotation{2}}), ValueError, says("RandomRotation: factor"));
}
