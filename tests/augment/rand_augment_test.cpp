#include <functional>
#include <numeric>
#include <vector>

#include <fovea/augment/augment.hpp>
#include <fovea/augment/rand_augment.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"
#include "data/counted.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;
using namespace applied_augmentation;

namespace {

/// The operations in Keras's order, at factor 0.8; nothing for those that move pixels.
std::vector<std::function<void(View<double>, Draw&)>> rand_augment_operations() {
    const auto nothing = [](View<double>, Draw&) {};
    const auto of = [](auto augmentation) { return [=](View<double> x, Draw& draw) { augmentation.apply(x, draw); }; };
    return {nothing,
            nothing,
            nothing,
            of(RandomBrightness{0.4}),
            of(RandomColorDegeneration{0.72}),
            of(RandomContrast{0.72}),
            of(RandomSharpness{{0.14, 0.86}}),
            of(RandomPosterization{{5, 8}}),
            of(Solarization{0, {0.2, 1}}),
            of(AutoContrast{}),
            of(Equalization{})};
}

double furthest(const RandAugment::Mapping& mapping, Size2D size) {
    double most = 0;
    for (const Point2D corner : {Point2D{0, 0}, Point2D{static_cast<double>(size.width - 1), 0},
                                 Point2D{0, static_cast<double>(size.height - 1)}}) {
        const Point2D from = mapping(corner);
        most = std::max({most, std::abs(from.x - corner.x), std::abs(from.y - corner.y)});
    }
    return most;
}

} // namespace

TEST_CASE("RandAugment: one operation of eleven, each as likely", "[augment]") {
    const RandAugment one{.num_ops = 1, .factor = 0.8};
    const auto operations = rand_augment_operations();
    const auto x = uniform_numbers<double>({6, 8, 3}, 1, 0.1, 0.9);
    std::vector<Index> seen(11);
    for (Index sample = 0; sample < 1100; ++sample) {
        Draw draw(7, sample, 0, 0);
        const auto operation = static_cast<std::size_t>(draw.below(11));
        ++seen[operation];
        auto expected = x;
        operations[operation](View<double>(expected), draw);
        CHECK(allclose(applied(one, x, sample), expected, 1e-14, 1e-14));
        Draw again(7, sample, 0, 0);
        CHECK((furthest(one.mapping({6, 8}, again), {6, 8}) > 0) == (operation < 3));
    }
    for (const Index count : seen) CHECK(std::abs(count - 100) < 5 * 10); // five standard deviations
}

TEST_CASE("RandAugment: how far pixels move", "[augment]") {
    // Of 101 x 101 pixels: shear 0.3 * 50, a shift by 0.45 * 101, and a corner that turns by 30 degrees:
    // 50 (1 - cos 30 + sin 30) = 31.7. All at factor 1, and a half at a half, but for turns, whose corner moves by 16.35.
    const Size2D size{101, 101};
    for (const double factor : {1.0, 0.5}) {
        std::vector<double> most(3);
        for (Index sample = 0; sample < 3000; ++sample) {
            Draw draw(7, sample, 0, 0), again(7, sample, 0, 0);
            const auto operation = static_cast<std::size_t>(draw.below(11));
            if (operation >= 3) continue;
            most[operation] = std::max(most[operation], furthest(RandAugment{1, factor}.mapping(size, again), size));
        }
        const double bounds[] = {15 * factor, 45.45 * factor, factor == 1 ? 31.7 : 14.65};
        for (std::size_t operation = 0; operation < 3; ++operation) {
            CHECK(most[operation] <= bounds[operation] + 0.01);
            CHECK(most[operation] > 0.95 * bounds[operation]);
        }
    }
}

TEST_CASE("RandAugment: mappings follow each other, and back", "[augment]") {
    const RandAugment many{.num_ops = 8, .factor = 1};
    for (Index sample = 0; sample < 20; ++sample) {
        Draw draw(7, sample, 0, 0), again(7, sample, 0, 0);
        const auto mapping = many.mapping({20, 30}, draw);
        // What is picked first is done first: a pixel comes from where the first one had it from.
        std::vector<Index> picked(8);
        for (Index& operation : picked) operation = again.below(11);
        std::vector<ProjectiveMap> maps;
        for (const Index operation : picked) {
            if (operation == 0) maps.push_back(RandomShear{0.3, 0.3}.mapping({20, 30}, again));
            if (operation == 1) maps.push_back(RandomTranslation{0.45, 0.45}.mapping({20, 30}, again));
            if (operation == 2) maps.push_back(RandomRotation{.degrees = 30}.mapping({20, 30}, again));
        }
        Point2D expected{3, 7};
        for (std::size_t i = maps.size(); i-- > 0;) expected = maps[i](expected);
        const Point2D from = mapping({3, 7});
        CHECK(from.x == Catch::Approx(expected.x).margin(1e-9));
        CHECK(from.y == Catch::Approx(expected.y).margin(1e-9));
        CHECK(mapping.forward(from).x == Catch::Approx(3).margin(1e-9));
        CHECK(mapping.forward(from).y == Catch::Approx(7).margin(1e-9));
    }
}

TEST_CASE("RandAugment: nothing without operations, and at factor 0 only what has no strength", "[augment]") {
    const auto x =
        uniform_numbers<double>({6, 8, 3}, 1, 0.1, 0.9).map([](double v) { return std::floor(v * 255) / 255; });
    CHECK(applied(RandAugment{.num_ops = 0}, x) == x);
    Index same = 0, stretched = 0, equalized = 0;
    for (Index sample = 0; sample < 200; ++sample) {
        Draw draw(7, sample, 0, 0);
        CHECK(furthest(RandAugment{1, 0}.mapping({6, 8}, draw), {6, 8}) == 0);
        const auto y = applied(RandAugment{1, 0}, x, sample);
        same += allclose(y, x, 1e-14, 1e-14) ? 1 : 0;
        stretched += y == applied(AutoContrast{}, x) ? 1 : 0;
        equalized += y == applied(Equalization{}, x) ? 1 : 0;
    }
    CHECK(same > 120);
    CHECK(stretched > 0);
    CHECK(equalized > 0);
    CHECK(same + stretched + equalized == 200);
}

TEST_CASE("RandAugment: in a data set values come first, then places, for boxes as well", "[augment]") {
    const auto images = uniform_numbers<float>({4, 12, 10, 3}, 1, 0, 1);
    const Tensor<float> boxes(Shape{4, 4}, std::vector<float>{.2F, .2F, .6F, .8F, .2F, .2F, .6F, .8F, .2F, .2F, .6F,
                                                              .8F, .2F, .2F, .6F, .8F});
    const RandAugment one{.num_ops = 3, .factor = 0.7};
    const auto set = augment(Data<float>(images, boxes), Augment{one}, {.targets = AugmentTargets::boxes, .seed = 7});
    Tensor<float> x(images.shape()), y(Shape{4, 4});
    const std::vector<Index> which{0, 1, 2, 3};
    Index moved = 0;
    for (Index epoch = 0; epoch < 5; ++epoch) {
        Data<float>(set).read({which, epoch}, x, {}, y);
        for (const Index sample : which) {
            const auto changed_values = applied(one, Tensor<float>(images.row(sample)), sample, epoch);
            Draw draw(7, sample, epoch, 0);
            const auto mapping = one.mapping({12, 10}, draw);
            std::vector<Point2D> places;
            for (Index i = 0; i < 120; ++i)
                places.push_back(mapping({static_cast<double>(i % 10), static_cast<double>(i / 10)}));
            Tensor<float> expected(Shape{12, 10, 3});
            resample<float>(changed_values, places, {}, expected);
            CHECK(Tensor<float>(x.row(sample)) == expected);
            moved += furthest(mapping, {12, 10}) > 0 && y(sample, 0) != 0.2F ? 1 : 0;
        }
    }
    CHECK(moved > 5);
}

TEST_CASE("RandAugment: the same bits on every instruction set", "[augment]") {
    on_all_isas([] {
        std::vector<Tensor<float>> results;
        const auto x = uniform_numbers<float>({9, 7, 3}, 1, 0, 1);
        for (Index sample = 0; sample < 30; ++sample) results.push_back(applied(RandAugment{.num_ops = 4}, x, sample));
        return results;
    });
}

TEST_CASE("RandAugment: errors", "[augment]") {
    CHECK_THROWS_MATCHES(RandAugment{.num_ops = 17}.check(), ValueError,
                         says("RandAugment: num_ops must be from 0 to 16, got 17"));
    CHECK_THROWS_AS(RandAugment{.num_ops = -1}.check(), ValueError);
    CHECK_THROWS_MATCHES(RandAugment{.factor = 1.5}.check(), ValueError,
                         says("RandAugment: factor must be from 0 to 1"));
}
