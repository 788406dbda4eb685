#include <fovea/losses/sparse_categorical_crossentropy.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

namespace {

using Labels = Tensor<std::int32_t>;

Targets<double> targets(const Labels& labels) { return {.labels = labels, .values = {}}; }
Targets<float> targets_f(const Labels& labels) { return {.labels = labels, .values = {}}; }

} // namespace

TEST_CASE("sparse_categorical_crossentropy: minus the logarithm of the label's probability", "[losses]") {
    const SparseCategoricalCrossentropy loss;
    CHECK(loss_of(loss, Tensor<double>{{0.5, 0.5}}, targets(Labels{1})) == near(0.6931471805599453)); // -ln 0.5
    // -ln 0.25 - ln 0.5
    CHECK(loss_of(loss, Tensor<double>{{0.25, 0.75}, {0.5, 0.5}}, targets(Labels{0, 1})) == near(2.0794415416798357));
    CHECK(loss_of(loss, Tensor<float>{{0.25F, 0.75F}, {0.5F, 0.5F}}, targets_f(Labels{0, 1})) ==
          near(2.0794415416798357));
    // Rows are divided by their sum: -ln (1 / 4)
    CHECK(loss_of(loss, Tensor<double>{{0.2, 0.6}}, targets(Labels{0})) == near(1.3862943611198906));
}

TEST_CASE("sparse_categorical_crossentropy: logits of any size", "[losses]") {
    const SparseCategoricalCrossentropy loss{.from_logits = true};
    // -ln (1 / (1 + e)), -ln (e^1000 / (e^1000 + e^998)) and 1000
    CHECK(loss_of(loss, Tensor<double>{{0, 1}}, targets(Labels{0})) == near(1.3132616875182228));
    CHECK(loss_of(loss, Tensor<double>{{1000, 998}}, targets(Labels{0})) ==
          Catch::Approx(0.1269280110429725).epsilon(1e-12));
    CHECK(loss_of(loss, Tensor<double>{{-1000, 0}}, targets(Labels{0})) == near(1000));
    const Tensor<float> dy = gradient_of(loss, Tensor<float>{{-1000, 0}}, targets_f(Labels{0}));
    CHECK(dy == Tensor<float>{{-1, 1}});
}

TEST_CASE("sparse_categorical_crossentropy: label smoothing", "[losses]") {
    // target (0.9 + 0.05, 0.05): -0.95 ln 0.8 - 0.05 ln 0.2
    const SparseCategoricalCrossentropy loss{.label_smoothing = 0.1};
    CHECK(loss_of(loss, Tensor<double>{{0.8, 0.2}}, targets(Labels{0})) == near(0.29245826937020425));
    const SparseCategoricalCrossentropy logits{.from_logits = true, .label_smoothing = 0.1};
    CHECK(loss_of(logits, Tensor<double>{{std::log(0.8), std::log(0.2)}}, targets(Labels{0})) ==
          near(0.29245826937020425));
}

TEST_CASE("sparse_categorical_crossentropy: probabilities of 0 and 1 are clipped as in Keras", "[losses]") {
    const SparseCategoricalCrossentropy loss;
    // The sum of the clipped row is 1: -ln 1e-7.
    CHECK(loss_of(loss, Tensor<double>{{0, 1}}, targets(Labels{0})) == near(16.11809565095832));
    // Clipped values stop the gradient.
    CHECK(gradient_of(loss, Tensor<double>{{0, 1}}, targets(Labels{0})) == Tensor<double>{{0, 0}});
    // Not so in the paired form.
    CHECK(gradient_of(loss, Tensor<double>{{0, 1}}, targets(Labels{0}), {}, 1.0, true) == Tensor<double>{{-1, 1}});
}

TEST_CASE("sparse_categorical_crossentropy: paired with softmax, the gradient is the difference", "[losses]") {
    const SparseCategoricalCrossentropy loss;
    CHECK(loss.pairs_with(Activation::softmax));
    CHECK_FALSE(loss.pairs_with(Activation::sigmoid));
    CHECK_FALSE(SparseCategoricalCrossentropy{.from_logits = true}.pairs_with(Activation::softmax));
    const Tensor<float> y{{0.25F, 0.75F}, {0.5F, 0.5F}};
    const std::vector<float> weights{1, 3};
    CHECK(gradient_of(loss, y, targets_f(Labels{0, 1}), weights, 0.5F, true) ==
          Tensor<float>{{-0.375F, 0.375F}, {0.75F, -0.75F}});
    CHECK(loss_of(loss, y, targets_f(Labels{0, 1}), weights) == near(1.3862943611198906 + 3 * 0.6931471805599453));
}

TEST_CASE("sparse_categorical_crossentropy: a sample counts with the mean over its positions", "[losses]") {
    const SparseCategoricalCrossentropy loss;
    const Tensor<double> y{{{0.5, 0.5}, {0.25, 0.75}}}; // (1, 2, 2)
    const Labels labels{{1, 0}};
    CHECK(loss_of(loss, y, targets(labels)) == near((0.6931471805599453 + 1.3862943611198906) / 2));
    const Targets<double> with_last_axis{.labels = labels.reshape({1, 2, 1}), .values = {}};
    CHECK(loss_of(loss, y, with_last_axis) == near((0.6931471805599453 + 1.3862943611198906) / 2));
    CHECK(gradient_of(loss, y, targets(labels), {}, 1.0, true) == Tensor<double>{{{0.25, -0.25}, {-0.375, 0.375}}});
}

TEST_CASE("sparse_categorical_crossentropy: gradient against central differences", "[losses][gradient]") {
    const Labels labels{{1, 4, 0}, {2, 2, 3}};
    const std::vector<double> weights{0.5, 2};
    const Shape shape{2, 3, 5};
    for (const double smoothing : {0.0, 0.2}) {
        CAPTURE(smoothing);
        const SparseCategoricalCrossentropy probabilities{.label_smoothing = smoothing};
        const SparseCategoricalCrossentropy logits{.from_logits = true, .label_smoothing = smoothing};
        CHECK(worst_gradient_error(probabilities, spread(shape, 0.05, 0.95), targets(labels), weights) < 1e-6);
        CHECK(worst_gradient_error(logits, spread(shape, -3, 3), targets(labels), weights) < 1e-6);
        CHECK(worst_gradient_error(probabilities, spread(shape, -3, 3), targets(labels), weights, Activation::softmax) <
              1e-6);
        CHECK(worst_gradient_error(probabilities, spread(shape, 0.05, 0.95), targets(labels)) < 1e-6);
    }
}

TEST_CASE("sparse_categorical_crossentropy: NaN is not hidden", "[losses]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const bool from_logits = GENERATE(false, true);
    const double smoothing = GENERATE(0.0, 0.1);
    const SparseCategoricalCrossentropy loss{.from_logits = from_logits, .label_smoothing = smoothing};
    for (Index place = 0; place < 3; ++place) {
        Tensor<double> y{{0.2, 0.3, 0.5}};
        y[place] = nan;
        CHECK(std::isnan(loss_of(loss, y, targets(Labels{1}))));
        CHECK(std::isnan(gradient_of(loss, y, targets(Labels{1}))[place]));
    }
}

TEST_CASE("sparse_categorical_crossentropy: a label that is no class", "[losses][errors]") {
    const SparseCategoricalCrossentropy loss;
    const std::int32_t label = GENERATE(10, 200, -1, std::numeric_limits<std::int32_t>::max());
    const Tensor<float> y(Shape{5, 10}, 0.1F);
    Tensor<float> dy(Shape{5, 10}, 7.0F);
    const Labels labels{0, 9, 1, label, 2};
    const LossInput<float> input{.y = y, .targets = targets_f(labels), .weights = {}, .dy = dy};
    REQUIRE_THROWS_AS(loss.evaluate(input), ValueError);
    REQUIRE_THROWS_WITH(loss.evaluate(input), "sparse_categorical_crossentropy: label " + std::to_string(label) +
                                                  " of sample 3 is outside 0..9 (the output has 10 classes)");
    CHECK(dy == Tensor<float>(Shape{5, 10}, 7.0F));
}

TEST_CASE("sparse_categorical_crossentropy: the sample of a bad label, with positions", "[losses][errors]") {
    const Tensor<float> y(Shape{2, 3, 4}, 0.25F);
    const Labels labels{{0, 1, 2}, {3, 4, 0}};
    REQUIRE_THROWS_WITH(loss_of(SparseCategoricalCrossentropy{}, y, targets_f(labels)),
                        contains("label 4 of sample 1 is outside 0..3"));
}

TEST_CASE("sparse_categorical_crossentropy: shapes that do not fit", "[losses][errors]") {
    const SparseCategoricalCrossentropy loss;
    CHECK_NOTHROW(loss.check({10}, true, {}));
    CHECK_NOTHROW(loss.check({10}, true, {1}));
    CHECK_NOTHROW(loss.check({4, 4, 10}, true, {4, 4}));
    CHECK_THROWS_AS(loss.check({10}, false, {10}), ShapeError);
    CHECK_THROWS_WITH(loss.check({10}, false, {10}),
                      "sparse_categorical_crossentropy: needs class labels of shape () or (1,) for "
                      "the output (10,), got values of shape (10,)");
    CHECK_THROWS_WITH(loss.check({4, 4, 10}, true, {4}),
                      contains("of shape (4, 4) or (4, 4, 1) for the output (4, 4, 10), got "
                               "labels of shape (4,)"));
    CHECK_THROWS_WITH(loss.check({1}, true, {}), contains("at least 2 classes, got (1,)"));
    CHECK_THROWS_WITH(loss.check({}, true, {}), contains("at least one axis, got ()"));
    CHECK_THROWS_AS((SparseCategoricalCrossentropy{.label_smoothing = 1.5}.check({10}, true, {})), ValueError);
    CHECK_THROWS_WITH((SparseCategoricalCrossentropy{.label_smoothing = -0.1}.check({10}, true, {})),
                      contains("label_smoothing must be in [0, 1], got -0.1"));

    const Tensor<float> y(Shape{2, 3}, 0.5F);
    CHECK_THROWS_WITH(loss_of(loss, y, targets_f(Labels{0})), contains("2 samples of output, but 1 of targets"));
    CHECK_THROWS_WITH(loss_of(loss, y, targets_f(Labels{0, 1}), {1, 1, 1}),
                      contains("2 samples, but 3 sample weights"));
    Tensor<float> dy(Shape{2, 2});
    const Labels labels{0, 1};
    const LossInput<float> narrow{.y = y, .targets = targets_f(labels), .weights = {}, .dy = dy};
    CHECK_THROWS_WITH(loss.evaluate(narrow), contains("the output is (2, 3), its gradient (2, 2)"));
    CHECK_THROWS_AS(loss_of(loss, y, Targets<float>{}), ShapeError);
}
