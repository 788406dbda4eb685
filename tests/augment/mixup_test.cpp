#include <array>
#include <vector>

#include <fovea/augment/mixup.hpp>
#include <fovea/data/map.hpp>
#include <fovea/data/subset.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

namespace {

/// Everything of a data set with values, in one epoch.
struct MixedSamples {
    Tensor<float> x;
    Tensor<float> values;
    bool operator==(const MixedSamples&) const = default;
};

template <class S>
MixedSamples all_of(const S& source, Index epoch = 0) {
    const Data<float> data(source);
    std::vector<Index> which(static_cast<std::size_t>(data.size()));
    std::iota(which.begin(), which.end(), Index{0});
    MixedSamples all{Tensor<float>(data.sample_shape().prepend(data.size())),
                     Tensor<float>(data.target_shape().prepend(data.size()))};
    data.read({which, epoch}, all.x, {}, all.values);
    return all;
}

} // namespace

TEST_CASE("mixup: images and targets have the same shares of two samples", "[augment]") {
    const Dataset set = counted(5);
    const auto mixed = mixup(set, {.alpha = 1, .classes = 3, .seed = 4});
    const Data<float> data(mixed);
    CHECK(data.size() == 5);
    CHECK(data.has_targets());
    CHECK_FALSE(data.targets_are_labels());
    CHECK(data.target_shape() == Shape{3});
    double shares = 0;
    for (Index epoch = 0; epoch < 200; ++epoch) {
        const MixedSamples all = all_of(mixed, epoch);
        for (Index i = 0; i < 5; ++i) {
            // Image i is i / 255 and has the label i mod 3: one of the other four fits x and values.
            Index partners = 0;
            for (Index other = 0; other < 5; ++other) {
                if (other == i) continue;
                const double share = (255.0 * all.x[i] - static_cast<double>(other)) / static_cast<double>(i - other);
                std::array<double, 3> p{};
                p[static_cast<std::size_t>(i % 3)] += share;
                p[static_cast<std::size_t>(other % 3)] += 1 - share;
                bool fits = share > -1e-5 && share < 1 + 1e-5;
                for (Index c = 0; c < 3; ++c)
                    fits = fits && std::abs(p[static_cast<std::size_t>(c)] - all.values(i, c)) < 1e-4;
                partners += fits ? 1 : 0;
            }
            CHECK(partners >= 1);
            CHECK(255 * all.x[i] != static_cast<float>(i)); // never with itself
            shares += i % 3 == 2 ? all.values(i, 2) : 0;    // only sample 2 has the label 2
        }
    }
    CHECK(shares / 200 == Catch::Approx(0.5).margin(5 * std::sqrt(1.0 / 12 / 200))); // uniform for alpha 1
}

TEST_CASE("mixup: a function of seed, epoch and sample", "[augment]") {
    const Dataset set = counted(20);
    const auto mixed = mixup(set, {.classes = 3, .seed = 4});
    const MixedSamples all = all_of(mixed, 2);
    CHECK(all_of(mixed, 2) == all);
    CHECK_FALSE(all_of(mixed, 3) == all);
    CHECK_FALSE(all_of(mixup(set, {.classes = 3, .seed = 5}), 2) == all);
    // In another order and in pieces: the same.
    const MixedSamples some = all_of(subset(mixed, {7, 3, 7}), 2);
    for (Index i = 0; i < 3; ++i) {
        const Index sample = std::array<Index, 3>{7, 3, 7}[static_cast<std::size_t>(i)];
        CHECK(some.x[i] == all.x[sample]);
        for (Index c = 0; c < 3; ++c) CHECK(some.values(i, c) == all.values(sample, c));
    }
    // The seed of the program, if there is none.
    set_random_seed(4);
    const auto by_default = mixup(set, {.classes = 3});
    set_random_seed(0);
    CHECK(all_of(by_default, 2) == all);
}

TEST_CASE("mixup: the partner is the source's sample of the same epoch", "[augment]") {
    // Samples of epoch e are 100 e / 255, all of them, so that they stay what they are.
    const auto source = map(counted(6), [](auto x, Index, Index epoch) {
        for (auto& value : x) value = static_cast<std::remove_reference_t<decltype(value)>>(epoch) / 2;
    });
    const MixedSamples all = all_of(mixup(source, {.alpha = 1, .classes = 3}), 1);
    for (const float value : all.x) CHECK(value == Catch::Approx(0.5));
}

TEST_CASE("mixup: of values, of samples without targets, and of mixed samples", "[augment]") {
    const Tensor<float> x{{0.0F}, {1.0F}, {2.0F}};
    const Tensor<float> y{{0, 10}, {1, 11}, {2, 12}};
    const MixedSamples all = all_of(mixup(Data<float>(x, y), {.alpha = 1}));
    for (Index i = 0; i < 3; ++i) { // y is (x, x + 10), and stays so
        CHECK(all.values(i, 0) == Catch::Approx(all.x[i]).margin(1e-6));
        CHECK(all.values(i, 1) == Catch::Approx(10 + all.x[i]));
    }
    const auto alone = mixup(x);
    CHECK_FALSE(Data<float>(alone).has_targets());
    // Through Data both have the same type, and use memory of the same kind at a time.
    const auto once = mixup(Data<float>(x, y), {.alpha = 1, .seed = 1});
    const auto twice = mixup(Data<float>(once), {.alpha = 1, .seed = 2});
    const MixedSamples all_twice = all_of(mixup(Data<float>(twice), {.alpha = 1, .seed = 3}));
    for (Index i = 0; i < 3; ++i) CHECK(all_twice.values(i, 0) == Catch::Approx(all_twice.x[i]).margin(1e-6));
    // Values alone, or samples alone.
    const Data<float> data(once);
    const std::vector<Index> which{2};
    Tensor<float> values(Shape{1, 2}), sample(Shape{1, 1});
    data.read(which, {}, {}, values);
    data.read(which, sample, {}, {});
    CHECK(values(0, 0) == Catch::Approx(sample[0]));
}

TEST_CASE("mixup: errors", "[augment]") {
    const Dataset set = counted(5);
    CHECK_THROWS_MATCHES(mixup(set), ValueError, says("mixup: labels need .classes, how many there are, got 0"));
    CHECK_THROWS_MATCHES(mixup(set, {.alpha = 0, .classes = 3}), ValueError,
                         says("mixup: alpha must be above 0, got 0"));
    CHECK_THROWS_MATCHES(mixup(counted(1), {.classes = 3}), ValueError,
                         says("mixup: needs two samples or more, got 1"));
    CHECK_THROWS_MATCHES(all_of(mixup(set, {.classes = 2})), ValueError,
                         says("mixup: sample 2 has the label 2, but there are 2 classes"));
    const Tensor<float> x{{0.0F}, {1.0F}};
    const Data<float> several = Data<float>(x).add_target(std::vector<float>{1, 2});
    CHECK_THROWS_MATCHES(mixup(several), ValueError,
                         says("mixup: expected one input with one target at most, got data of 2 parts"));
    CHECK_THROWS_MATCHES(mixup(x, {.classes = 3}), ValueError,
                         says("mixup: .classes is for labels, and here are none"));
}
