#include <fovea/losses/all.hpp>

#include "catch.hpp"
#include "reference/made.hpp"

// Losses and their gradients against those of Keras, alone and behind softmax or sigmoid: reference/record_losses.py.

using namespace fovea;

namespace {

template <class T, class L>
AnyLoss<T> with_logits(L loss, reference::Description& d) {
    loss.from_logits = d.flag("from_logits");
    loss.label_smoothing = d.number("label_smoothing");
    if constexpr (requires { loss.gamma; }) {
        if (d.has("alpha")) loss.alpha = d.number("alpha");
        if (d.has("gamma")) loss.gamma = d.number("gamma");
    }
    if constexpr (requires { loss.apply_class_balancing; })
        if (d.has("apply_class_balancing")) loss.apply_class_balancing = d.flag("apply_class_balancing");
    return loss;
}

template <class T>
AnyLoss<T> make_loss(reference::Description& d) {
    const auto is = [&](const auto& loss) { return loss.name == d.kind(); };
    if (is(Loss::sparse_categorical_crossentropy)) return with_logits<T>(SparseCategoricalCrossentropy{}, d);
    if (is(Loss::categorical_crossentropy)) return with_logits<T>(CategoricalCrossentropy{}, d);
    if (is(Loss::binary_crossentropy)) return with_logits<T>(BinaryCrossentropy{}, d);
    if (is(Loss::sparse_categorical_focal_crossentropy)) return with_logits<T>(SparseCategoricalFocalCrossentropy{}, d);
    if (is(Loss::categorical_focal_crossentropy)) return with_logits<T>(CategoricalFocalCrossentropy{}, d);
    if (is(Loss::binary_focal_crossentropy)) return with_logits<T>(BinaryFocalCrossentropy{}, d);
    CHECK((!d.flag("from_logits") && d.number("label_smoothing") == 0));
    if (d.has("delta")) return Huber{.delta = d.number("delta")};
    if (d.has("temperature")) return ContrastiveNTXent{.temperature = d.number("temperature")};
    return loss_from_name<T>(d.kind());
}

template <class T>
void check(const reference::Case& recorded, double tolerance) {
    const Shape shape = recorded.shape("input");
    reference::Description description = recorded.description("loss");
    const AnyLoss<T> loss = make_loss<T>(description);
    CHECK(description.all_taken());
    reference::Description made("made " + recorded.lines.at("made"));
    const std::string predictions_kind = made.text("predictions");
    const Activation last = reference::last_activation(predictions_kind);
    const auto predictions = reference::made_predictions(predictions_kind, shape).template cast<T>();
    const std::string kind = made.text("targets");
    const auto weights = made.flag("sample_weights") ? reference::made_weights<T>(shape[0]) : std::vector<T>{};

    const reference::MadeTargets<T> targets(kind, shape);
    Tensor<T> gradient(shape, std::numeric_limits<T>::quiet_NaN());
    LossInput<T> input;
    input.y = predictions;
    input.targets = targets.view();
    input.weights = weights;
    input.dy = gradient;
    input.scale = T{1} / static_cast<T>(shape[0]);
    input.before_activation = last != Activation::linear;
    CHECK((!input.before_activation || loss.pairs_with(last)));
    const Tensor<double> mean{loss.evaluate(input) / static_cast<double>(shape[0])};
    CHECK(reference::worst_difference(mean, recorded.tensor("loss")) < tolerance);
    CHECK(made.all_taken());
    CHECK(reference::worst_difference(gradient, recorded.tensor("dpredictions")) < tolerance);
}

template <class T>
void check_all(double tolerance) {
    for (const reference::Case& recorded : reference::read("losses.txt")) {
        INFO(recorded.name);
        check<T>(recorded, tolerance);
    }
}

} // namespace

TEST_CASE("losses: values and gradients are Keras's, in float", "[losses][reference]") {
    check_all<float>(1e-6); // some roundings of 6e-8
}

TEST_CASE("losses: values and gradients are Keras's, in double", "[losses][reference]") {
    check_all<double>(1e-8); // nine digits are recorded, which is within 5e-9
}
