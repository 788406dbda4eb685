#include <fovea/losses/categorical_crossentropy.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("categorical_crossentropy: minus the sum of targets times logarithms", "[losses]") {
    const CategoricalCrossentropy loss;
    CHECK(loss_of(loss, Tensor<double>{{0.5, 0.5}}, targets(Tensor<double>{{0, 1}})) == near(0.6931471805599453));
    // -0.25 ln 0.25 - 0.75 ln 0.75
    CHECK(loss_of(loss, Tensor<double>{{0.25, 0.75}}, targets(Tensor<double>{{0.25, 0.75}})) ==
          near(0.5623351446188083));
    // Rows are divided by their sum: -ln (1 / 4)
    CHECK(loss_of(loss, Tensor<float>{{0.25F, 0.75F}}, targets(Tensor<float>{{1, 0}})) == near(1.3862943611198906));
    CHECK(loss_of(loss, Tensor<double>{{0.2, 0.6}}, targets(Tensor<double>{{1, 0}})) == near(1.3862943611198906));
}

TEST_CASE("categorical_crossentropy: logits of any size", "[losses]") {
    const CategoricalCrossentropy loss{.from_logits = true};
    CHECK(loss_of(loss, Tensor<double>{{0, 1}}, targets(Tensor<double>{{1, 0}})) ==
          near(1.3132616875182228)); // ln (1 + e)
    CHECK(loss_of(loss, Tensor<double>{{-1000, 0}}, targets(Tensor<double>{{1, 0}})) == near(1000));
    // A class ruled out by its logit costs nothing as long as the target does not ask for it.
    const double infinity = std::numeric_limits<double>::infinity();
    const Tensor<double> masked{{-infinity, 2, 2}};
    CHECK(loss_of(loss, masked, targets(Tensor<double>{{0, 1, 0}})) == near(0.6931471805599453));
    const Tensor<double> dy = gradient_of(loss, masked, targets(Tensor<double>{{0, 1, 0}}));
    CHECK(dy[0] == 0);
    CHECK(dy[1] == near(-0.5));
    CHECK(dy[2] == near(0.5));
}

TEST_CASE("categorical_crossentropy: label smoothing", "[losses]") {
    // target (0.95, 0.05): -0.95 ln 0.8 - 0.05 ln 0.2
    const CategoricalCrossentropy loss{.label_smoothing = 0.1};
    CHECK(loss_of(loss, Tensor<double>{{0.8, 0.2}}, targets(Tensor<double>{{1, 0}})) == near(0.29245826937020425));
    const Tensor<double> dy =
        gradient_of(loss, Tensor<double>{{0.8, 0.2}}, targets(Tensor<double>{{1, 0}}), {}, 1.0, true);
    CHECK(dy[0] == near(-0.15));
    CHECK(dy[1] == near(0.15));
}

TEST_CASE("categorical_crossentropy: probabilities of 0 and 1 are clipped as in Keras", "[losses]") {
    const CategoricalCrossentropy loss;
    // -ln 1e-7, and where the label is sure -ln (1 - 1e-7)
    CHECK(loss_of(loss, Tensor<double>{{0, 1}}, targets(Tensor<double>{{1, 0}})) == near(16.11809565095832));
    CHECK(loss_of(loss, Tensor<double>{{1, 0}}, targets(Tensor<double>{{1, 0}})) ==
          Catch::Approx(1.00000005e-7).epsilon(1e-8));
    CHECK(gradient_of(loss, Tensor<double>{{0, 1}}, targets(Tensor<double>{{1, 0}})) == Tensor<double>{{0, 0}});
    CHECK(gradient_of(loss, Tensor<double>{{0, 1}}, targets(Tensor<double>{{1, 0}}), {}, 1.0, true) ==
          Tensor<double>{{-1, 1}});
}

TEST_CASE("categorical_crossentropy: paired with softmax, the gradient is the difference", "[losses]") {
    const CategoricalCrossentropy loss;
    CHECK(loss.pairs_with(Activation::softmax));
    CHECK_FALSE(loss.pairs_with(Activation::linear));
    CHECK_FALSE(CategoricalCrossentropy{.from_logits = true}.pairs_with(Activation::softmax));
    const Tensor<float> y{{0.25F, 0.75F}, {0.5F, 0.5F}};
    const Tensor<float> t{{1, 0}, {0.25F, 0.75F}};
    CHECK(gradient_of(loss, y, targets(t), {1, 2}, 0.5F, true) == Tensor<float>{{-0.375F, 0.375F}, {0.25F, -0.25F}});
}

TEST_CASE("categorical_crossentropy: a sample counts with the mean over its positions", "[losses]") {
    const Tensor<double> y{{{0.5, 0.5}, {0.25, 0.75}}}; // (1, 2, 2)
    const Tensor<double> t{{{0, 1}, {1, 0}}};
    CHECK(loss_of(CategoricalCrossentropy{}, y, targets(t), {2}) == near(0.6931471805599453 + 1.3862943611198906));
    CHECK(gradient_of(CategoricalCrossentropy{}, y, targets(t), {2}, 1.0, true) ==
          Tensor<double>{{{0.5, -0.5}, {-0.75, 0.75}}});
}

TEST_CASE("categorical_crossentropy: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 5};
    // Distributions, and rows that are none: the gradient is that of the value all the same.
    const bool normalised = GENERATE(true, false);
    Tensor<double> t = spread(shape, 0, 1);
    std::reverse(t.begin(), t.end());
    if (normalised) t = through(Activation::softmax, t);
    const std::vector<double> weights{0.5, 2};
    for (const double smoothing : {0.0, 0.2}) {
        CAPTURE(smoothing, normalised);
        const CategoricalCrossentropy probabilities{.label_smoothing = smoothing};
        const CategoricalCrossentropy logits{.from_logits = true, .label_smoothing = smoothing};
        CHECK(worst_gradient_error(probabilities, spread(shape, 0.05, 0.95), targets(t), weights) < 1e-6);
        CHECK(worst_gradient_error(logits, spread(shape, -3, 3), targets(t), weights) < 1e-6);
        CHECK(worst_gradient_error(probabilities, spread(shape, -3, 3), targets(t), weights, Activation::softmax) <
              1e-6);
        CHECK(worst_gradient_error(logits, spread(shape, -3, 3), targets(t)) < 1e-6);
    }
}

TEST_CASE("categorical_crossentropy: the gradient where some classes are clipped", "[losses][gradient]") {
    // The middle class is below 1e-7 with room for the differences, and its share of the target does not count.
    const Tensor<double> y{{0.4, 1e-12, 0.6}};
    const Tensor<double> t{{0.5, 0.25, 0.25}};
    // (0.75 - t / y) for a row that adds up to 1
    const Tensor<double> dy = gradient_of(CategoricalCrossentropy{}, y, targets(t));
    CHECK(dy[0] == Catch::Approx(0.75 - 0.5 / 0.4).epsilon(1e-10));
    CHECK(dy[1] == Catch::Approx(0.75).epsilon(1e-10)); // through the sum only
    CHECK(dy[2] == Catch::Approx(0.75 - 0.25 / 0.6).epsilon(1e-10));
}

TEST_CASE("categorical_crossentropy: NaN is not hidden", "[losses]") {
    const bool from_logits = GENERATE(false, true);
    const CategoricalCrossentropy loss{.from_logits = from_logits};
    for (Index place = 0; place < 3; ++place) {
        Tensor<double> y{{0.2, 0.3, 0.5}};
        y[place] = std::numeric_limits<double>::quiet_NaN();
        const Tensor<double> t{{0, 1, 0}};
        CHECK(std::isnan(loss_of(loss, y, targets(t))));
        CHECK(std::isnan(gradient_of(loss, y, targets(t))[place]));
    }
}

TEST_CASE("categorical_crossentropy: shapes that do not fit", "[losses][errors]") {
    const CategoricalCrossentropy loss;
    CHECK_NOTHROW(loss.check({10}, false, {10}));
    CHECK_THROWS_AS(loss.check({10}, true, {}), ShapeError);
    CHECK_THROWS_WITH(
        loss.check({10}, true, {}),
        "categorical_crossentropy: needs values of shape (10,) for the output (10,), got labels of shape (); "
        "sparse_categorical_crossentropy takes labels");
    CHECK_THROWS_WITH(
        loss.check({10}, false, {9}),
        "categorical_crossentropy: needs values of shape (10,) for the output (10,), got values of shape (9,)");
    CHECK_THROWS_WITH(loss.check({1}, false, {1}), contains("at least 2 classes, got (1,)"));
    CHECK_THROWS_WITH((CategoricalCrossentropy{.label_smoothing = 2}.check({10}, false, {10})),
                      contains("label_smoothing must be in [0, 1], got 2"));
}
