#include <fovea/augment/all.hpp>
#include <fovea/models/sequential.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "augment/moved.hpp"
#include "layers/contract.hpp"
#include "models/networks.hpp"

using namespace fovea;

namespace {

/// Adds the same to all of an image.
struct Brighter {
    static constexpr std::string_view type = "Brighter";

    template <class T>
    using Layer = AugmentationLayer<Brighter, T>;
    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }
    void check() const {}
    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const T more = static_cast<T>(draw.uniform(1, 2));
        for (T& value : x) value += more;
    }
};

static_assert(LayerSpec<Brighter>);

/// Of 3 images 6 x 5 with 2 channels, and what backward gives for each.
template <class S>
void check_layer(const S& spec, const Shape& output = {6, 5, 2}) {
    INFO(S::type);
    contract::check(spec, {3, 6, 5, 2}, output);
    contract::check(spec, {3, 6, 5, 2}, output, false);
    CHECK(gradient_check(spec, {3, 6, 5, 2}).passed(1e-6));
}

} // namespace

TEST_CASE("augmentations as layers keep a layer's contract, and their gradients are right", "[augment][layers]") {
    check_layer(RandomFlip{});
    check_layer(RandomRotation{0.1});
    check_layer(RandomZoom{.height_factor = 0.4, .fill_mode = FillMode::wrap});
    check_layer(RandomTranslation{.height_factor = 0.3, .width_factor = 0.3, .fill_mode = FillMode::constant});
    check_layer(RandomShear{.x_factor = 0.3, .y_factor = 0.2, .fill_mode = FillMode::nearest});
    check_layer(RandomPerspective{});
    check_layer(RandomElasticTransform{});
    check_layer(RandomCrop{.height = 4, .width = 5, .padding = 1}, {4, 5, 2});
    check_layer(CenterCrop{3, 5}, {3, 5, 2});
}

TEST_CASE("augmentations as layers: each image moves by itself, in training only", "[augment][layers]") {
    Tensor<double> x(Shape{40, 1, 4, 1});
    for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i % 4);
    const RandomFlip flip{FlipMode::horizontal};
    const auto out = contract::evaluate(flip, x, x);
    Index flipped = 0;
    for (Index n = 0; n < 40; ++n) {
        const bool is_flipped = out.y(n, Index{0}, Index{0}, Index{0}) == 3;
        flipped += is_flipped ? 1 : 0;
        for (Index i = 0; i < 4; ++i) {
            CHECK(out.y[4 * n + i] == static_cast<double>(is_flipped ? 3 - i : i));
            CHECK(out.dx[4 * n + i] == static_cast<double>(is_flipped ? 3 - i : i)); // of dy = x
        }
    }
    CHECK(std::abs(flipped - 20) < 16);
    CHECK(contract::evaluate(flip, x, x, {}, {.training = false}).y == x);
    const auto middle =
        contract::evaluate(RandomCrop{1, 2}, x, Tensor<double>(Shape{40, 1, 2, 1}, 1), {}, {.training = false});
    CHECK(middle.y(Index{7}, Index{0}, Index{0}, Index{0}) == 1);
    CHECK(middle.y(Index{7}, Index{0}, Index{1}, Index{0}) == 2);
    CHECK(middle.dx(Index{7}, Index{0}, Index{1}, Index{0}) == 1);
    CHECK(middle.dx(Index{7}, Index{0}, Index{0}, Index{0}) == 0);
}

TEST_CASE("augmentations as layers: one that is always done is done in inference, too", "[augment][layers]") {
    // As Keras has it: outputs of AutoContrast with training=False are those with training=True.
    const Tensor<double> x(Shape{2, 1, 3, 1}, {0.25, 0.5, 0.75, 0.5, 0.25, 0.5});
    const Tensor<double> stretched(Shape{2, 1, 3, 1}, {0, 0.5, 1, 1, 0, 1});
    for (const bool training : {true, false})
        CHECK(contract::evaluate(AutoContrast{}, x, x, {}, {.training = training, .want_dx = false}).y == stretched);
    ParameterRegistry none;
    CHECK_FALSE(AnyLayer<double>(AutoContrast{}, {6, 5, 2}, none).idle_in_inference());
    CHECK(AnyLayer<double>(Equalization{}, {6, 5, 2}, none).idle_in_inference());
    CHECK(AnyLayer<double>(RandomCrop{6, 5}, {6, 5, 2}, none).idle_in_inference());
    CHECK_FALSE(AnyLayer<double>(RandomCrop{4, 5}, {6, 5, 2}, none).idle_in_inference());
}

TEST_CASE("augmentations as layers: in a network", "[augment][layers]") {
    const Dataset set = networks::images(50);
    const auto trained = [&](int threads) {
        using enum Activation;
        const networks::Threads guard(threads);
        Sequential model{Input{6, 6, 1},
                         RandomFlip{},
                         RandomRotation{.degrees = 10},
                         Conv2D{4, {3, 3}, relu},
                         RandomCrop{.height = 4, .width = 4, .padding = 1},
                         Flatten{},
                         Dense{3, softmax}};
        networks::compile(model);
        model.fit(set, {.epochs = 2, .batch_size = 24, .verbose = 0});
        CHECK(model.predict(set.images) == model.predict(set.images));
        return model.weights_hash();
    };
    const std::uint64_t one = trained(1);
    CHECK(trained(7) == one);
    Graph graph;
    const auto y = RandomZoom{0.1}(graph.input({6, 6, 1}));
    CHECK(y.shape() == Shape{6, 6, 1});
}

TEST_CASE("augmentations as layers: one that changes values must stand in front", "[augment][layers]") {
    const Tensor<double> x(Shape{2, 3, 3, 1}, 1);
    const auto out = contract::evaluate(Brighter{}, x, x, {}, {.want_dx = false});
    for (Index n = 0; n < 2; ++n)
        for (Index i = 0; i < 9; ++i) {
            CHECK((out.y[9 * n + i] > 2 && out.y[9 * n + i] < 3));
            CHECK(out.y[9 * n + i] == out.y[9 * n]);
        }
    CHECK(out.y[0] != out.y[9]);
    CHECK(contract::evaluate(Brighter{}, x, x, {}, {.training = false}).y == x);
    CHECK_THROWS_MATCHES(contract::evaluate(Brighter{}, x, x), StateError,
                         says("Brighter: no gradient goes through it; it must stand in front of all that is trained"));
}

TEST_CASE("augmentations as layers: what makes no sense is refused", "[augment][layers]") {
    CHECK_THROWS_MATCHES(RandomRotation{2}.output_shape({3, 3, 1}), ValueError, says("RandomRotation: factor"));
    CHECK_THROWS_MATCHES(RandomFlip{}.output_shape({9}), ShapeError,
                         says("RandomFlip: expected an input of 3 axes (height, width, channels), got (9,)"));
    CHECK_THROWS_MATCHES((RandomCrop{4, 4}.output_shape({3, 3, 1})), ShapeError,
                         says("RandomCrop: (4, 4) does not fit"));
}
