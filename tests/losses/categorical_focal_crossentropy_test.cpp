#include <fovea/losses/categorical_focal_crossentropy.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("categorical_focal_crossentropy: what is right already hardly counts", "[losses]") {
    const CategoricalFocalCrossentropy loss;
    // 0.25 * 0.25^2 * -ln 0.75
    CHECK(loss_of(loss, Tensor<double>{{0.75, 0.25}}, targets(Tensor<double>{{1, 0}})) == near(0.004495032382059077));
    CHECK(loss_of(loss, Tensor<double>{{1.5, 0.5}}, targets(Tensor<double>{{1, 0}}), {2}) ==
          near(2 * 0.004495032382059077));
    CHECK(loss_of(loss, Tensor<float>{{0.75F, 0.25F}}, targets(Tensor<float>{{1, 0}})) == near(0.004495032382059077));
}

TEST_CASE("categorical_focal_crossentropy: with gamma 0 and alpha 1 it is categorical_crossentropy", "[losses]") {
    const Shape shape{3, 2, 5};
    const Tensor<double> t = through(Activation::softmax, spread(shape, 0, 3));
    const bool from_logits = GENERATE(false, true);
    const CategoricalFocalCrossentropy focal{
        .alpha = 1, .gamma = 0, .from_logits = from_logits, .label_smoothing = 0.1};
    const CategoricalCrossentropy plain{.from_logits = from_logits, .label_smoothing = 0.1};
    const Tensor<double> y = spread(shape, 0.05, 0.95);
    CHECK(loss_of(focal, y, targets(t)) == near(loss_of(plain, y, targets(t))));
    const Tensor<double> expected = gradient_of(plain, y, targets(t));
    const Tensor<double> dy = gradient_of(focal, y, targets(t));
    for (Index i = 0; i < dy.size(); ++i) CHECK(dy[i] == Catch::Approx(expected[i]).epsilon(1e-12).margin(1e-14));
}

TEST_CASE("categorical_focal_crossentropy: probabilities of 0 and 1 are clipped as in Keras, a softmax is not",
          "[losses]") {
    const CategoricalFocalCrossentropy loss;
    const Tensor<double> wrong{{0, 1}};
    const Tensor<double> t{{1, 0}};
    // 0.25 (1 - 1e-7)^2 * -ln 1e-7
    CHECK(loss_of(loss, wrong, targets(t)) == near(4.029523106834838));
    CHECK(gradient_of(loss, wrong, targets(t)) == Tensor<double>{{0, 0}});
    CHECK(loss.pairs_with(Activation::softmax));
    const Tensor<double> dy = gradient_of(loss, wrong, targets(t), {}, 1.0, true);
    CHECK(dy[0] == near(-0.25));
    CHECK(dy[1] == near(0.25));
    const CategoricalFocalCrossentropy logits{.from_logits = true};
    CHECK_FALSE(logits.pairs_with(Activation::softmax));
    CHECK(loss_of(logits, Tensor<double>{{-1000, 0}}, targets(t)) == near(250));
    CHECK(gradient_of(logits, Tensor<double>{{-1000, 0}}, targets(t))[0] == near(-0.25));
}

TEST_CASE("categorical_focal_crossentropy: nothing to learn where all is right, whatever gamma", "[losses]") {
    const double gamma = GENERATE(0.5, 1.0, 2.0);
    const CategoricalFocalCrossentropy loss{.gamma = gamma};
    const Tensor<double> right{{1, 0}};
    CHECK(loss_of(loss, right, targets(right)) < 1e-7);
    CHECK(gradient_of(loss, right, targets(right), {}, 1.0, true) == Tensor<double>{{0, 0}});
    CHECK(gradient_of(loss, right, targets(right)) == Tensor<double>{{0, 0}});
}

TEST_CASE("categorical_focal_crossentropy: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 5};
    Tensor<double> t = spread(shape, 0, 1);
    std::reverse(t.begin(), t.end());
    const std::vector<double> weights{0.5, 2};
    for (const double gamma : {0.0, 0.5, 1.0, 2.0, 3.5}) {
        CAPTURE(gamma);
        const CategoricalFocalCrossentropy probabilities{.gamma = gamma, .label_smoothing = 0.2};
        const CategoricalFocalCrossentropy logits{.gamma = gamma, .from_logits = true};
        CHECK(worst_gradient_error(probabilities, spread(shape, 0.05, 0.95), targets(t), weights) < 1e-6);
        CHECK(worst_gradient_error(logits, spread(shape, -3, 3), targets(t), weights) < 1e-6);
        CHECK(worst_gradient_error(probabilities, spread(shape, -3, 3), targets(t), weights, Activation::softmax) <
              1e-6);
    }
}

TEST_CASE("categorical_focal_crossentropy: NaN is not hidden", "[losses]") {
    const CategoricalFocalCrossentropy loss{.from_logits = GENERATE(false, true)};
    for (Index place = 0; place < 3; ++place) {
        Tensor<double> y{{0.2, 0.3, 0.5}};
        y[place] = std::numeric_limits<double>::quiet_NaN();
        const Tensor<double> t{{0, 1, 0}};
        CHECK(std::isnan(loss_of(loss, y, targets(t))));
        CHECK(std::isnan(gradient_of(loss, y, targets(t))[1]));
    }
}

TEST_CASE("categorical_focal_crossentropy: what it refuses", "[losses][errors]") {
    using Focal = CategoricalFocalCrossentropy;
    CHECK_THROWS_WITH(Focal{.alpha = -1}.check({3}, false, {3}),
                      "categorical_focal_crossentropy: alpha must be a finite number >= 0, got -1");
    CHECK_THROWS_WITH(Focal{.gamma = -2}.check({3}, false, {3}),
                      "categorical_focal_crossentropy: gamma must be a finite number >= 0, got -2");
    CHECK_THROWS_AS(Focal{.label_smoothing = 2}.check({3}, false, {3}), ValueError);
    CHECK_THROWS_AS(Focal{}.check({1}, false, {1}), ShapeError);
    CHECK_THROWS_WITH(Focal{}.check({3}, true, {}), contains("sparse_categorical_focal_crossentropy takes labels"));
}
