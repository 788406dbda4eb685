#include <fovea/augment/all.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>

#include "catch.hpp"
#include "layers/contract.hpp"
#include "support/on_all_isas.hpp"

// Augmentations of values, and RandAugment, which also moves pixels, as layers.

using namespace fovea;

namespace {

constexpr std::uint64_t layer_seed = 9;

/// What a layer makes of a batch whose first sample is number `first`.
template <class A>
Tensor<float> layer_output(const A& augmentation, const Tensor<float>& x, bool training = true, Index first = 0) {
    ParameterRegistry registry;
    const typename A::template Layer<float> layer(augmentation, x.shape().tail(), registry);
    contract::Memory scratch(layer.scratch_bytes(x.shape()[0]), 0xFF);
    Pass<float> pass;
    pass.training = training;
    pass.random = {layer_seed, random::Purpose::dropout, 2, 3};
    pass.first_sample = first;
    pass.scratch = scratch.arena();
    Tensor<float> y(x.shape());
    layer.forward(x, y, pass);
    CHECK(scratch.intact());
    return y;
}

/// Calls f with one of each.
template <class F>
void each_color_layer(F&& f) {
    f(AutoContrast{});
    f(Equalization{});
    f(RandomBrightness{0.5});
    f(RandomColorDegeneration{0.5});
    f(RandomColorJitter{0.2, 0.2, 0.4, 0.2});
    f(RandomContrast{0.5});
    f(RandomErasing{{1, 1}});
    f(RandomGaussianBlur{{1, 1}, 5, {1, 2}});
    f(RandomGrayscale{1});
    f(RandomHue{0.5});
    f(RandomInvert{{1, 1}});
    f(RandomNoise{0.1});
    f(RandomPosterization{3});
    f(RandomSaturation{0.5});
    f(RandomSharpness{1});
    f(Solarization{});
}

} // namespace

TEST_CASE("augmentations of colours as layers: each sample by its own numbers, in training only", "[augment]") {
    const auto x = uniform_numbers<float>({4, 6, 5, 3}, 1, 0.1, 0.9);
    each_color_layer([&]<class A>(const A& augmentation) {
        INFO(A::type);
        const auto y = layer_output(augmentation, x);
        for (Index n = 0; n < 4; ++n) {
            Tensor<float> expected(x.row(n));
            Draw draw({layer_seed, random::Purpose::dropout, 2, 3}, n);
            augmentation.apply(View<float>(expected), draw);
            CHECK(Tensor<float>(y.row(n)) == expected);
        }
        CHECK(y != x);
        CHECK(layer_output(augmentation, Tensor<float>(x.slice(2, 4)), true, 2) == Tensor<float>(y.slice(2, 4)));
        if (A::type == AutoContrast::type) return; // which acts in inference, too: augmentation_layer_test
        CHECK(layer_output(augmentation, x, false) == x);
        contract::check(augmentation, {2, 6, 5, 3}, {6, 5, 3}, false);
    });
}

TEST_CASE("RandAugment as a layer: values first, then places", "[augment]") {
    const auto x = uniform_numbers<float>({20, 6, 5, 3}, 1, 0.1, 0.9);
    const RandAugment augmentation{.num_ops = 3};
    const auto y = layer_output(augmentation, x);
    for (Index n = 0; n < 20; ++n) {
        Tensor<float> changed(x.row(n)), expected(Shape{6, 5, 3});
        const random::Stream stream{layer_seed, random::Purpose::dropout, 2, 3};
        Draw draw(stream, n), again(stream, n);
        augmentation.apply(View<float>(changed), draw);
        const auto mapping = augmentation.mapping({6, 5}, again);
        std::vector<Point2D> places;
        for (Index i = 0; i < 30; ++i)
            places.push_back(mapping({static_cast<double>(i % 5), static_cast<double>(i / 5)}));
        resample<float>(changed, places, {}, expected);
        CHECK(Tensor<float>(y.row(n)) == expected);
    }
    CHECK(layer_output(augmentation, x, false) == x);
    contract::check(augmentation, {2, 6, 5, 3}, {6, 5, 3}, false);
}

TEST_CASE("augmentations of colours as layers: no gradient goes through them", "[augment]") {
    const Tensor<double> x(Shape{1, 2, 2, 1}, 0.5);
    CHECK_THROWS_MATCHES(
        contract::evaluate(RandomBrightness{0.5}, x, x), StateError,
        says("RandomBrightness: no gradient goes through it; it must stand in front of all that is trained"));
    CHECK_THROWS_MATCHES(contract::evaluate(RandAugment{}, x, x), StateError, says("RandAugment: no gradient"));
    CHECK_NOTHROW(contract::evaluate(RandomBrightness{0.5}, x, x, {}, {.want_dx = false}));
}

TEST_CASE("augmentations of colours as layers: errors before a network runs", "[augment]") {
    const auto model = [](const auto& augmentation, const Input& input) { Sequential<float>{input, augmentation}; };
    CHECK_THROWS_MATCHES(model(RandomHue{0.1}, Input{8, 8, 1}), ShapeError, says("RandomHue: expected a picture"));
    CHECK_THROWS_MATCHES(model(RandomSaturation{0.1}, Input{8, 8, 4}), ShapeError, says("RandomSaturation: expected"));
    CHECK_THROWS_MATCHES(model(RandomBrightness{2}, Input{8, 8, 1}), ValueError, says("RandomBrightness: factor"));
    CHECK_THROWS_MATCHES(model(RandomNoise{0.1}, Input{8}), ShapeError, says("RandomNoise: "));
}

TEST_CASE("augmentations of colours in a network: the same weights for any number of threads", "[augment]") {
    const auto images = uniform_numbers<float>({60, 8, 8, 3}, 1, 0, 1);
    Tensor<std::int32_t> labels(Shape{60});
    for (Index i = 0; i < 60; ++i) labels[i] = static_cast<std::int32_t>(i % 3);
    const int before = threads();
    const auto hash = [&](int count, bool augmented) {
        set_threads(count);
        Sequential<float> model{Input{8, 8, 3}, RandomColorJitter{0.2, 0.2, 0.5, 0.1},
                                RandAugment{},  Conv2D{.filters = 4, .kernel_size = 3},
                                Flatten{},      Dense{3, Activation::softmax}};
        model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
        const auto set =
            augment(Data<float>(images, labels), Augment{RandAugment{}, RandomErasing{}, RandomNoise{0.1}});
        const FitOptions<float> how{.epochs = 2, .batch_size = 20, .verbose = 0};
        if (augmented)
            model.fit(set, how);
        else
            model.fit(Data<float>(images, labels), how);
        return model.weights_hash();
    };
    CHECK(hash(1, true) == hash(3, true));
    CHECK(hash(1, true) != hash(1, false));
    const auto mixed_hash = [&](int count) {
        set_threads(count);
        Sequential<float> model{Input{8, 8, 3}, Flatten{}, Dense{3, Activation::softmax}};
        model.compile({.optimizer = SGD{}, .loss = Loss::categorical_crossentropy});
        const Data<float> data(images, labels);
        model.fit(cutmix(mixup(data, {.classes = 3})), {.epochs = 2, .batch_size = 20, .verbose = 0});
        return model.weights_hash();
    };
    CHECK(mixed_hash(1) == mixed_hash(3));
    set_threads(before);
}
