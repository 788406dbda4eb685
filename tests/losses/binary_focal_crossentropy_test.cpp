#include <fovea/losses/binary_focal_crossentropy.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("binary_focal_crossentropy: what is right already hardly counts", "[losses]") {
    const BinaryFocalCrossentropy loss;
    const BinaryFocalCrossentropy balanced{.apply_class_balancing = true};
    const Tensor<double> y{{0.75}};
    const Tensor<double> yes{{1}};
    const Tensor<double> no(Shape{1, 1});
    CHECK(loss_of(loss, y, targets(yes)) == near(0.017980129528236306)); // 0.25^2 * -ln 0.75
    CHECK(loss_of(loss, y, targets(no)) == near(0.7797905781299385));    // 0.75^2 * -ln 0.25
    CHECK(loss_of(balanced, y, targets(yes)) == near(0.25 * 0.017980129528236306));
    CHECK(loss_of(balanced, y, targets(no)) == near(0.75 * 0.7797905781299385));
    CHECK(loss_of(loss, Tensor<float>{{0.75F, 0.75F}}, targets(Tensor<float>{{1, 0}}), {2}) ==
          near(0.017980129528236306 + 0.7797905781299385));
    const Tensor<std::int32_t> labels{1};
    CHECK(loss_of(loss, y, Targets<double>{.labels = labels, .values = {}}) == near(0.017980129528236306));
}

TEST_CASE("binary_focal_crossentropy: the ends", "[losses]") {
    const BinaryFocalCrossentropy loss;
    const Tensor<double> wrong{{0, 1}};
    const Tensor<double> t{{1, 0}};
    // 1 - (1 - 1e-7) is 1e-7 only to 9 digits. The cross-entropy is clipped, what it is multiplied by is not.
    CHECK(loss_of(loss, wrong, targets(t)) == Catch::Approx(16.11809565095832).epsilon(1e-9));
    CHECK(gradient_of(loss, wrong, targets(t))[0] == near(-16.11809565095832)); // -2 * 16.1 / 2 outputs
    // The logits of these are infinite: all that is left is y - t.
    CHECK(gradient_of(loss, wrong, targets(t), {}, 2.0, true) == Tensor<double>{{-1, 1}});
    const BinaryFocalCrossentropy logits{.from_logits = true};
    CHECK(loss_of(logits, Tensor<double>{{-1000, 1000}}, targets(t)) == near(1000));
    CHECK(gradient_of(logits, Tensor<double>{{-1000, 1000}}, targets(t)) == Tensor<double>{{-0.5, 0.5}});

    for (const double gamma : {0.5, 1.0, 2.0}) {
        const BinaryFocalCrossentropy any{.gamma = gamma};
        CHECK(loss_of(any, t, targets(t)) == 0);
        const Tensor<double> dy = gradient_of(any, t, targets(t), {}, 1.0, true);
        CHECK(dy == Tensor<double>{{0, 0}});
    }
}

TEST_CASE("binary_focal_crossentropy: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 2};
    Tensor<double> t(shape);
    for (Index i = 0; i < t.size(); ++i) t[i] = static_cast<double>(i * i % 3 == 1);
    t[0] = 0.3;
    const std::vector<double> weights{0.5, 2};
    CHECK(BinaryFocalCrossentropy{}.pairs_with(Activation::sigmoid));
    for (const double gamma : {0.0, 0.5, 1.0, 2.0, 3.5})
        for (const bool balanced : {false, true}) {
            CAPTURE(gamma, balanced);
            const BinaryFocalCrossentropy loss{
                .apply_class_balancing = balanced, .gamma = gamma, .label_smoothing = 0.1};
            BinaryFocalCrossentropy logits = loss;
            logits.from_logits = true;
            CHECK(worst_gradient_error(loss, spread(shape, 0.05, 0.95), targets(t), weights) < 1e-6);
            CHECK(worst_gradient_error(logits, spread(shape, -3, 3), targets(t), weights) < 1e-6);
            CHECK(worst_gradient_error(loss, spread(shape, -3, 3), targets(t), weights, Activation::sigmoid) < 1e-6);
        }
}

TEST_CASE("binary_focal_crossentropy: NaN is not hidden, and what it refuses", "[losses][errors]") {
    const BinaryFocalCrossentropy loss{.from_logits = GENERATE(false, true)};
    const Tensor<double> y{{0.5, std::numeric_limits<double>::quiet_NaN()}};
    CHECK(std::isnan(loss_of(loss, y, targets(Tensor<double>{{1, 0}}))));
    CHECK(std::isnan(gradient_of(loss, y, targets(Tensor<double>{{1, 0}}))[1]));
    CHECK_THROWS_AS((BinaryFocalCrossentropy{.gamma = -1}.check({1}, true, {})), ValueError);
    CHECK_THROWS_AS((BinaryFocalCrossentropy{.label_smoothing = -1}.check({1}, true, {})), ValueError);
    CHECK_THROWS_WITH(loss.check({3}, true, {}),
                      contains("needs values of shape (3,) for the output (3,), got labels"));
    const Tensor<std::int32_t> labels{2};
    CHECK_THROWS_WITH(loss_of(loss, Tensor<double>{{0.5}}, Targets<double>{.labels = labels, .values = {}}),
                      "binary_focal_crossentropy: label 2 of sample 0 is outside 0..1");
}
