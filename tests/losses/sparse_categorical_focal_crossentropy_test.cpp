#include <fovea/losses/sparse_categorical_focal_crossentropy.hpp>

#include <fovea/losses/categorical_focal_crossentropy.hpp>

#include "check_gradient.hpp"

using namespace fovea;

namespace {

Targets<double> focal_labels(const Tensor<std::int32_t>& labels) { return {.labels = labels, .values = {}}; }

} // namespace

TEST_CASE("sparse_categorical_focal_crossentropy: the label's probability", "[losses]") {
    const SparseCategoricalFocalCrossentropy loss;
    const Tensor<std::int32_t> labels{0, 1};
    const Tensor<double> y{{0.75, 0.25}, {0.25, 0.75}};
    CHECK(loss_of(loss, y, focal_labels(labels), {1, 3}) == near(4 * 0.004495032382059077)); // 0.25 * 0.25^2 * -ln 0.75
}

TEST_CASE("sparse_categorical_focal_crossentropy: labels of pixels mean their one-hot codes", "[losses]") {
    const Shape shape{2, 3, 2, 4};
    Tensor<std::int32_t> labels(Shape{2, 3, 2});
    Tensor<double> codes(shape);
    for (Index i = 0; i < labels.size(); ++i) {
        labels[i] = static_cast<std::int32_t>(i * i % 4);
        codes[i * 4 + labels[i]] = 1;
    }
    const bool from_logits = GENERATE(false, true);
    const bool paired = !from_logits && GENERATE(false, true);
    const double smoothing = GENERATE(0.0, 0.1);
    const SparseCategoricalFocalCrossentropy sparse{.from_logits = from_logits, .label_smoothing = smoothing};
    const CategoricalFocalCrossentropy dense{.from_logits = from_logits, .label_smoothing = smoothing};
    const Tensor<double> y = through(paired ? Activation::softmax : Activation::linear, spread(shape, 0.05, 0.95));
    CHECK(loss_of(sparse, y, focal_labels(labels), {2, 3}) == near(loss_of(dense, y, targets(codes), {2, 3})));
    const Tensor<double> dy = gradient_of(sparse, y, focal_labels(labels), {2, 3}, 0.5, paired);
    const Tensor<double> expected = gradient_of(dense, y, targets(codes), {2, 3}, 0.5, paired);
    for (Index i = 0; i < dy.size(); ++i) CHECK(dy[i] == near(expected[i]));
}

TEST_CASE("sparse_categorical_focal_crossentropy: gradient against central differences", "[losses][gradient]") {
    const Tensor<std::int32_t> labels({2, 3}, std::vector<std::int32_t>{0, 4, 1, 2, 2, 3});
    const Shape shape{2, 3, 5};
    const SparseCategoricalFocalCrossentropy loss;
    CHECK(worst_gradient_error(loss, spread(shape, 0.05, 0.95), focal_labels(labels), {0.5, 2}) < 1e-6);
    CHECK(worst_gradient_error(loss, spread(shape, -3, 3), focal_labels(labels), {}, Activation::softmax) < 1e-6);
}

TEST_CASE("sparse_categorical_focal_crossentropy: what it refuses", "[losses][errors]") {
    const SparseCategoricalFocalCrossentropy loss;
    CHECK_NOTHROW(loss.check({4, 4, 3}, true, {4, 4}));
    CHECK_NOTHROW(loss.check({4, 4, 3}, true, {4, 4, 1}));
    CHECK_THROWS_WITH(loss.check({3}, false, {3}),
                      "sparse_categorical_focal_crossentropy: needs class labels of shape () or (1,) for the output "
                      "(3,), got values of shape (3,)");
    CHECK_THROWS_AS((SparseCategoricalFocalCrossentropy{.gamma = -1}.check({3}, true, {})), ValueError);
    const Tensor<std::int32_t> labels{1, 3};
    CHECK_THROWS_WITH(loss_of(loss, Tensor<double>(Shape{2, 3}, 0.5), focal_labels(labels)),
                      "sparse_categorical_focal_crossentropy: label 3 of sample 1 is outside 0..2 (the output has 3 "
                      "classes)");
}
