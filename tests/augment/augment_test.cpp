#include <array>
#include <vector>

#include <fovea/augment/all.hpp>
#include <fovea/data/map.hpp>
#include <fovea/data/subset.hpp>

#include "augment/moved.hpp"
#include "models/networks.hpp"
#include "support/isa.hpp"
#include "support/same_bits.hpp"

using namespace fovea;

namespace {

/// All kinds of geometric augmentations at once.
Augment everything() {
    return Augment{RandomFlip{},
                   RandomRotation{.degrees = 20},
                   RandomZoom{0.2},
                   RandomTranslation{0.1, 0.1},
                   RandomShear{0.2, 0.1},
                   RandomPerspective{.factor = 0.5, .scale = 0.3},
                   RandomElasticTransform{},
                   RandomCrop{.height = 6, .width = 6, .padding = 1}};
}

/// Samples `which`, as they are read in an epoch.
template <class S>
Tensor<float> images_of(const S& source, const std::vector<Index>& which, Index epoch = 0) {
    const Data<float> data(source);
    Tensor<float> x(data.sample_shape().prepend(static_cast<Index>(which.size())));
    data.read({which, epoch}, x, {}, {});
    return x;
}

/// Images of 2 rows and 3 columns, whose masks are the images.
struct Masked {
    Index size() const { return 3; }
    Shape sample_shape() const { return {2, 3, 1}; }
    Shape target_shape() const { return {2, 3}; }
    void read(std::span<const Index> which, View<float> x, View<std::int32_t> labels) const {
        for (Index i = 0; i < static_cast<Index>(which.size()); ++i)
            for (Index k = 0; k < 6; ++k) {
                const Index value = 10 * which[static_cast<std::size_t>(i)] + k;
                if (!x.empty()) x[6 * i + k] = static_cast<float>(value);
                if (!labels.empty()) labels[6 * i + k] = static_cast<std::int32_t>(value);
            }
    }
};

struct Boxed {
    Shape targets = {2, 4};
    Index size() const { return 3; }
    Shape sample_shape() const { return {4, 4, 1}; }
    Shape target_shape() const { return targets; }
    void read(std::span<const Index> which, View<float> x, View<float> values) const {
        for (float& value : x) value = 0;
        for (Index i = 0; i < values.size(); ++i)
            values[i] = std::array{0.25F, 0.5F, 0.5F, 0.75F}[static_cast<std::size_t>(i % 4)];
        CHECK(!which.empty());
    }
};

/// A mapping without the other way.
struct Forwardless {
    static constexpr std::string_view type = "Forwardless";
    auto mapping(Size2D, Draw&) const {
        return [](Point2D p) { return p; };
    }
};

} // namespace

TEST_CASE("augment: a sample depends on seed, epoch and sample, and on nothing else", "[augment]") {
    const Dataset set = networks::images(10);
    const auto data = augment(set, everything());
    const auto all = images_of(data, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 3);
    CHECK(same_bits(images_of(data, {7}, 3), Tensor<float>(all.slice(7, 8))));
    CHECK(same_bits(images_of(data, {9, 9, 2}, 3), Tensor<float>(Shape{3, 6, 6, 1}, [&] {
                        std::vector<float> values(all.row(9).begin(), all.row(9).end());
                        values.insert(values.end(), all.row(9).begin(), all.row(9).end());
                        values.insert(values.end(), all.row(2).begin(), all.row(2).end());
                        return values;
                    }())));
    CHECK(same_bits(images_of(subset(data, {4, 8}), {1}, 3), Tensor<float>(all.slice(8, 9))));
    CHECK(images_of(data, {7}, 4) != Tensor<float>(all.slice(7, 8)));
    CHECK(images_of(augment(set, everything(), {.seed = 1}), {7}, 3) != Tensor<float>(all.slice(7, 8)));
    CHECK(same_bits(images_of(augment(set, everything(), {.seed = random_seed()}), {7}, 3),
                    Tensor<float>(all.slice(7, 8))));
    // Two samples with the same image.
    const auto twice = augment(subset(set, {5, 5}), everything());
    CHECK(images_of(twice, {0}) != images_of(twice, {1}));
}

TEST_CASE("augment: the same bits on every instruction set, and nearly the same in double", "[augment]") {
    const Dataset set = networks::images(10);
    const auto data = augment(set, everything());
    const std::vector<Index> which{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    const auto usual = images_of(data, which, 1);
    for (const Isa isa : available_isas()) {
        const IsaGuard guard(isa);
        CHECK(same_bits(images_of(data, which, 1), usual));
    }
    Tensor<double> wide(usual.shape());
    Data<double>(data).read({which, 1}, wide, {}, {});
    CHECK(allclose(usual.cast<double>(), wide, 1e-6, 1e-6)); // a float has 6e-8
}

TEST_CASE("augment: 1, 3 and 7 threads train to the same bits", "[augment]") {
    const Dataset set = networks::images(50);
    const auto data = augment(set, everything());
    const auto trained = [&](int threads) {
        const networks::Threads guard(threads);
        auto model = networks::small<float>();
        networks::compile(model);
        model.fit(data, {.epochs = 3, .batch_size = 24, .verbose = 0});
        return model.weights_hash();
    };
    const std::uint64_t one = trained(1);
    CHECK(trained(3) == one);
    CHECK(trained(7) == one);
}

TEST_CASE("augment: a size of its own, other inputs and targets as they are", "[augment]") {
    const Dataset set = networks::images(4);
    const auto data = augment(set, Augment{CenterCrop{2, 4}});
    CHECK(data.size() == 4);
    CHECK(data.sample_shape() == Shape{2, 4, 1});
    CHECK(data.has_targets());
    Tensor<float> x(Shape{2, 2, 4, 1}), only_x(x.shape()), whole(Shape{6, 6, 1});
    Tensor<std::int32_t> labels(Shape{2}), only_labels(Shape{2});
    const std::vector<Index> which{3, 1};
    Data<float>(data).read(which, x, labels, {});
    CHECK(labels == Tensor<std::int32_t>(Shape{2}, {set.labels[3], set.labels[1]}));
    Data<float>(set).read(std::vector<Index>{1}, whole, {}, {});
    for (Index row = 0; row < 2; ++row)
        for (Index column = 0; column < 4; ++column)
            CHECK(x(Index{1}, row, column, Index{0}) == whole(row + 2, column + 1, Index{0}));
    Data<float>(data).read(which, {}, only_labels, {});
    CHECK(only_labels == labels);
    Data<float>(data).read(which, only_x, {}, {});
    CHECK(only_x == x);
}

TEST_CASE("augment: of augmented and mapped data", "[augment]") {
    const Dataset set = networks::images(6);
    const auto larger = map(augment(set, Augment{CenterCrop{4, 6}}), [](auto x, Index) {
        for (auto& value : x) value += 1;
    });
    const auto twice = augment(augment(larger, Augment{RandomCrop{.height = 5, .width = 7, .padding = 1}}),
                               Augment{CenterCrop{1, 7}, RandomFlip{}});
    CHECK(twice.sample_shape() == Shape{1, 7, 1});
    const auto x = images_of(twice, {0, 1, 2, 3, 4, 5});
    Index padding = 0;
    for (const float value : x) {
        CHECK((value == 0 || (value >= 1 && value <= 2)));
        padding += value == 0 ? 1 : 0;
    }
    CHECK(padding >= 6); // at least one of 7 columns of 6 and padding
    // The epoch reaches those inside, whether sizes change or not.
    for (const Index side : {3, 5}) {
        const auto inside = augment(augment(set, Augment{RandomCrop{5, 5}}), Augment{CenterCrop{side, side}});
        CHECK(images_of(inside, {0, 1, 2, 3, 4, 5}, 0) != images_of(inside, {0, 1, 2, 3, 4, 5}, 1));
    }
}

TEST_CASE("augment: masks follow, and get the size", "[augment]") {
    const auto data = augment(Masked{}, Augment{RandomFlip{}, RandomCrop{.height = 2, .width = 2}},
                              {.targets = AugmentTargets::mask});
    CHECK(data.target_shape() == Shape{2, 2});
    Tensor<float> x(Shape{20, 2, 2, 1});
    Tensor<std::int32_t> labels(Shape{20, 2, 2}), alone(labels.shape());
    std::vector<Index> which;
    for (Index i = 0; i < 20; ++i) which.push_back(i % 3);
    for (const Index epoch : {0, 1}) {
        Data<float>(data).read({which, epoch}, x, labels, {});
        for (Index i = 0; i < x.size(); ++i) CHECK(x[i] == static_cast<float>(labels[i]));
        Data<float>(data).read({which, epoch}, {}, alone, {});
        CHECK(alone == labels);
    }
    const auto same_size = augment(
        Masked{}, Augment{RandomFlip{}, RandomTranslation{.width_factor = 0.9, .fill_mode = FillMode::constant}},
        {.targets = AugmentTargets::mask, .mask_fill_value = 7});
    Tensor<std::int32_t> wide(Shape{20, 2, 3});
    Data<float>(same_size).read(which, {}, wide, {});
    CHECK(std::count(wide.begin(), wide.end(), 7) > 5);
    CHECK(Data<float>(augment(Masked{}, Augment{RandomFlip{}})).target_shape() == Shape{2, 3});
}

TEST_CASE("augment: boxes follow", "[augment]") {
    const Augment list{CenterCrop{2, 4}, RandomTranslation{.width_factor = {0.25, 0.25}}};
    const auto data = augment(Boxed{}, list, {.targets = AugmentTargets::boxes});
    Tensor<float> x(Shape{1, 2, 4, 1}), values(Shape{1, 2, 4}), alone(values.shape());
    const std::vector<Index> which{2};
    Data<float>(data).read(which, x, {}, values);
    const std::vector<float> box{0.5F, 0.5F, 0.75F, 1};
    for (Index i = 0; i < 8; ++i) CHECK(values[i] == box[static_cast<std::size_t>(i % 4)]);
    Data<float>(data).read(which, {}, {}, alone);
    CHECK(alone == values);
}

TEST_CASE("augment: what does not go together is refused", "[augment]") {
    const Dataset set = networks::images(2);
    const Tensor<float> flat(Shape{3, 5});
    CHECK_THROWS_MATCHES(augment(flat, Augment{RandomFlip{}}), ShapeError,
                         says("augment: expected an input of 3 axes (height, width, channels), got (5,)"));
    CHECK_THROWS_MATCHES(augment(set, Augment{RandomCrop{9, 9}}), ShapeError, says("RandomCrop: (9, 9) does not fit"));
    CHECK_THROWS_MATCHES(augment(set, Augment{RandomFlip{}}, {.targets = AugmentTargets::mask}), ShapeError,
                         says("augment: masks of images (6, 6, 1) must have shape (6, 6, ...), got ()"));
    CHECK_THROWS_MATCHES(augment(Boxed{}, Augment{RandomFlip{}}, {.targets = AugmentTargets::mask}), ShapeError,
                         says("got (2, 4)"));
    CHECK_THROWS_MATCHES(augment(set, Augment{RandomFlip{}}, {.targets = AugmentTargets::boxes}), ShapeError,
                         says("augment: boxes must be values of shape (..., 4), got labels ()"));
    CHECK_THROWS_MATCHES(augment(Boxed{{3}}, Augment{RandomFlip{}}, {.targets = AugmentTargets::boxes}), ShapeError,
                         says("got (3,)"));
    CHECK_THROWS_MATCHES(augment(Boxed{}, Augment{Forwardless{}}, {.targets = AugmentTargets::boxes}), ValueError,
                         says("augment: boxes cannot follow Forwardless, whose mapping has no forward"));
    augment(Boxed{}, Augment{Forwardless{}});
    const Data<float> several = Data<float>(set).add_target(std::vector<float>{1, 2});
    CHECK_THROWS_MATCHES(augment(several, Augment{RandomFlip{}}), ValueError,
                         says("augment: expected images with one target at most, got data of 2 parts"));
}
