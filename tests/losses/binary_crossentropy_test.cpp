#include <fovea/losses/binary_crossentropy.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

namespace {

/// A single output a sample.
Tensor<double> column(const std::vector<double>& y) { return Tensor<double>({static_cast<Index>(y.size()), 1}, y); }

} // namespace

TEST_CASE("binary_crossentropy: the mean over the outputs", "[losses]") {
    const BinaryCrossentropy loss;
    CHECK(loss_of(loss, column({0.5}), targets(column({1}))) == near(0.6931471805599453));
    // (-ln 0.75 - ln 0.5) / 2
    CHECK(loss_of(loss, Tensor<double>{{0.25, 0.5}}, targets(Tensor<double>{{0, 1}})) == near(0.4904146265058631));
    CHECK(loss_of(loss, Tensor<float>{{0.25F, 0.5F}}, targets(Tensor<float>{{0, 1}})) == near(0.4904146265058631));
    // Two samples, the second three times.
    CHECK(loss_of(loss, column({0.25, 0.5}), targets(column({0, 1})), {1, 3}) ==
          near(0.2876820724517809 + 3 * 0.6931471805599453));
}

TEST_CASE("binary_crossentropy: logits of any size", "[losses]") {
    const BinaryCrossentropy loss{.from_logits = true};
    CHECK(loss_of(loss, column({0}), targets(column({1}))) == near(0.6931471805599453));
    CHECK(loss_of(loss, column({-1}), targets(column({1}))) == near(1.3132616875182228)); // ln (1 + e)
    CHECK(loss_of(loss, column({-1000}), targets(column({1}))) == near(1000));
    CHECK(loss_of(loss, column({1000}), targets(column({0}))) == near(1000));
    CHECK(loss_of(loss, column({1000}), targets(column({1}))) == 0);
    CHECK(loss_of(loss, column({-30}), targets(column({0}))) == Catch::Approx(9.357622968839737e-14).epsilon(1e-12));
    CHECK(gradient_of(loss, Tensor<float>{{-1000, 1000}}, targets(Tensor<float>{{1, 1}})) == Tensor<float>{{-0.5F, 0}});
}

TEST_CASE("binary_crossentropy: label smoothing", "[losses]") {
    // target 0.9: -0.9 ln 0.75 - 0.1 ln 0.25
    const BinaryCrossentropy loss{.label_smoothing = 0.2};
    CHECK(loss_of(loss, column({0.75}), targets(column({1}))) == near(0.39754330131859184));
    CHECK(loss_of(loss, column({0.25}), targets(column({0}))) == near(0.39754330131859184));
    CHECK(gradient_of(loss, column({0.75}), targets(column({1})), {}, 1.0, true)[0] == near(-0.15));
}

TEST_CASE("binary_crossentropy: probabilities of 0 and 1 are clipped as in Keras", "[losses]") {
    const BinaryCrossentropy loss;
    // 1 - (1 - 1e-7) is 1e-7 only to 9 digits.
    CHECK(loss_of(loss, column({0}), targets(column({1}))) == near(16.11809565095832));
    CHECK(loss_of(loss, column({1}), targets(column({0}))) == Catch::Approx(16.11809565095832).epsilon(1e-9));
    CHECK(loss_of(loss, column({0}), targets(column({0}))) == Catch::Approx(1.00000005e-7).epsilon(1e-8));
    CHECK(gradient_of(loss, Tensor<double>{{0, 1}}, targets(Tensor<double>{{1, 0}})) == Tensor<double>{{0, 0}});
    CHECK(gradient_of(loss, Tensor<double>{{0, 1}}, targets(Tensor<double>{{1, 0}}), {}, 2.0, true) ==
          Tensor<double>{{-1, 1}});
}

TEST_CASE("binary_crossentropy: it pairs with sigmoid", "[losses]") {
    CHECK(BinaryCrossentropy{}.pairs_with(Activation::sigmoid));
    CHECK_FALSE(BinaryCrossentropy{}.pairs_with(Activation::softmax));
    CHECK_FALSE(BinaryCrossentropy{.from_logits = true}.pairs_with(Activation::sigmoid));
}

TEST_CASE("binary_crossentropy: labels 0 and 1 for a single output", "[losses]") {
    const Tensor<std::int32_t> labels{0, 1};
    const Tensor<double> y = column({0.25, 0.5});
    const Targets<double> as_labels{.labels = labels, .values = {}};
    CHECK(loss_of(BinaryCrossentropy{}, y, as_labels) == near(0.2876820724517809 + 0.6931471805599453));
    CHECK(gradient_of(BinaryCrossentropy{}, y, as_labels, {}, 1.0, true) == column({0.25, -0.5}));
    // Values may leave the last axis out as well.
    CHECK(loss_of(BinaryCrossentropy{}, y, targets(Tensor<double>{0, 1})) ==
          near(0.2876820724517809 + 0.6931471805599453));

    const Tensor<std::int32_t> wrong{0, 2};
    CHECK_THROWS_AS(loss_of(BinaryCrossentropy{}, y, Targets<double>{.labels = wrong, .values = {}}), ValueError);
    CHECK_THROWS_WITH(loss_of(BinaryCrossentropy{}, y, Targets<double>{.labels = wrong, .values = {}}),
                      "binary_crossentropy: label 2 of sample 1 is outside 0..1");
}

TEST_CASE("binary_crossentropy: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 2};
    Tensor<double> t(shape);
    for (Index i = 0; i < t.size(); ++i) t[i] = static_cast<double>(i * i % 3 == 1);
    t[0] = 0.3;
    const std::vector<double> weights{0.5, 2};
    for (const double smoothing : {0.0, 0.2}) {
        CAPTURE(smoothing);
        const BinaryCrossentropy probabilities{.label_smoothing = smoothing};
        const BinaryCrossentropy logits{.from_logits = true, .label_smoothing = smoothing};
        CHECK(worst_gradient_error(probabilities, spread(shape, 0.05, 0.95), targets(t), weights) < 1e-6);
        CHECK(worst_gradient_error(logits, spread(shape, -3, 3), targets(t), weights) < 1e-6);
        CHECK(worst_gradient_error(probabilities, spread(shape, -3, 3), targets(t), weights, Activation::sigmoid) <
              1e-6);
        CHECK(worst_gradient_error(probabilities, spread(shape, 0.05, 0.95), targets(t)) < 1e-6);
    }
}

TEST_CASE("binary_crossentropy: NaN is not hidden", "[losses]") {
    const BinaryCrossentropy loss{.from_logits = GENERATE(false, true)};
    const Tensor<double> y{{0.5, std::numeric_limits<double>::quiet_NaN()}};
    const Tensor<double> t{{1, 0}};
    CHECK(std::isnan(loss_of(loss, y, targets(t))));
    CHECK(std::isnan(gradient_of(loss, y, targets(t))[1]));
}

TEST_CASE("binary_crossentropy: shapes that do not fit", "[losses][errors]") {
    const BinaryCrossentropy loss;
    CHECK_NOTHROW(loss.check({1}, true, {}));
    CHECK_NOTHROW(loss.check({1}, true, {1}));
    CHECK_NOTHROW(loss.check({1}, false, {}));
    CHECK_THROWS_AS(loss.check({3}, true, {}), ShapeError);
    CHECK_THROWS_WITH(loss.check({3}, true, {}),
                      "binary_crossentropy: needs values of shape (3,) for the output (3,), got labels of shape ()");
    CHECK_THROWS_WITH(loss.check({3}, true, {3}), contains("got labels of shape (3,)"));
    CHECK_THROWS_WITH(
        loss.check({1}, true, {2}),
        "binary_crossentropy: needs values or labels of shape (1,) for the output (1,), got labels of shape (2,)");
    CHECK_THROWS_AS((BinaryCrossentropy{.label_smoothing = -1}.check({1}, true, {})), ValueError);
}
