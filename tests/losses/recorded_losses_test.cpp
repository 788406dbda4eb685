#include <fovea/losses/all.hpp>

#include "catch.hpp"
#include "reference/reference.hpp"

// Losses and their gradients against those of Keras, alone and behind softmax or sigmoid: reference/record_losses.py.

using namespace fovea;

namespace {

/// Rows that sum to one.
Tensor<double> distribution(const Shape& shape, std::uint64_t stream) {
    auto result = reference::values<double>(shape, stream, 1, 1.125);
    for (Index row = 0; row < result.size(); row += shape.last()) {
        double sum = 0;
        for (Index j = row; j < row + shape.last(); ++j) sum += result[j];
        for (Index j = row; j < row + shape.last(); ++j) result[j] /= sum;
    }
    return result;
}

/// One for each position.
Tensor<std::int32_t> recorded_labels(const Shape& shape) {
    Tensor<std::int32_t> labels(Shape(std::span(shape.begin(), shape.end() - 1)));
    const auto classes = static_cast<std::uint64_t>(shape.last());
    for (Index n = 0; n < labels.size(); ++n)
        labels[n] = static_cast<std::int32_t>(reference::splitmix64(reference::labels, n) % classes);
    return labels;
}

/// Two samples of each label.
Tensor<std::int32_t> recorded_pairs(const Shape& shape) {
    Tensor<std::int32_t> labels(Shape{shape[0]});
    for (Index n = 0; n < labels.size(); ++n) labels[n] = static_cast<std::int32_t>(n % (shape[0] / 2));
    return labels;
}

/// Row n is 1 at label n, or in every odd row at the class behind it.
Tensor<double> one_hot(const Shape& shape, bool shift_odd_rows) {
    const Tensor<std::int32_t> labels = recorded_labels(shape);
    Tensor<double> result(shape);
    const Index classes = shape.last();
    for (Index n = 0; n < labels.size(); ++n)
        result[n * classes + (labels[n] + (shift_odd_rows ? n % 2 : 0)) % classes] = 1;
    return result;
}

/// The model's last activation in the cases that look at it together with the loss.
Activation last_activation(const std::string& predictions) {
    if (predictions.ends_with("softmax")) return Activation::softmax;
    return predictions == "sigmoid" ? Activation::sigmoid : Activation::linear;
}

Tensor<double> through(Activation activation, Tensor<double> x) {
    if (activation == Activation::sigmoid) return x.map([](double v) { return 1 / (1 + std::exp(-v)); });
    for (Index row = 0; row < x.size() && activation == Activation::softmax; row += x.shape().last()) {
        const std::span<double> part =
            x.span().subspan(static_cast<std::size_t>(row), static_cast<std::size_t>(x.shape().last()));
        const double largest = *std::max_element(part.begin(), part.end());
        double sum = 0;
        for (double& v : part) sum += v = std::exp(v - largest);
        for (double& v : part) v /= sum;
    }
    return x;
}

Tensor<double> recorded_predictions(const std::string& kind, const Shape& shape) {
    if (kind == "logits" || kind == "softmax" || kind == "sigmoid")
        return through(last_activation(kind), reference::values<double>(shape, reference::x_stream, 4));
    if (kind == "wide_softmax")
        return through(Activation::softmax, reference::values<double>(shape, reference::x_stream, 40));
    if (kind == "distribution") return distribution(shape, reference::x_stream);
    if (kind == "saturated") return one_hot(shape, true);
    if (kind == "fraction") return reference::values<double>(shape, reference::x_stream, 0.4375, 0.5);
    if (kind == "value") return reference::values<double>(shape, reference::x_stream);
    REQUIRE(kind == "bits");
    Tensor<double> result(shape);
    for (Index i = 0; i < result.size(); ++i) result[i] = static_cast<double>(i % 2);
    return result;
}

/// For the kinds that are not labels.
Tensor<double> recorded_targets(const std::string& kind, const Shape& shape) {
    if (kind == "one_hot") return one_hot(shape, false);
    if (kind == "distribution") return distribution(shape, reference::targets);
    if (kind == "value") return reference::values<double>(shape, reference::targets);
    REQUIRE(kind == "bits");
    Tensor<double> result(shape);
    for (Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<double>(reference::splitmix64(reference::labels, i) % 2);
    return result;
}

template <class T>
std::vector<T> recorded_weights(Index samples) {
    std::vector<T> weights;
    for (Index n = 0; n < samples; ++n)
        weights.push_back(static_cast<T>(reference::splitmix64(reference::sample_weights, n) % 5) / 2);
    return weights;
}

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
    const Loss loss = loss_from_name(d.kind());
    switch (loss) {
    case Loss::sparse_categorical_crossentropy:
        return with_logits<T>(SparseCategoricalCrossentropy{}, d);
    case Loss::categorical_crossentropy:
        return with_logits<T>(CategoricalCrossentropy{}, d);
    case Loss::binary_crossentropy:
        return with_logits<T>(BinaryCrossentropy{}, d);
    case Loss::sparse_categorical_focal_crossentropy:
        return with_logits<T>(SparseCategoricalFocalCrossentropy{}, d);
    case Loss::categorical_focal_crossentropy:
        return with_logits<T>(CategoricalFocalCrossentropy{}, d);
    case Loss::binary_focal_crossentropy:
        return with_logits<T>(BinaryFocalCrossentropy{}, d);
    default:
        CHECK((!d.flag("from_logits") && d.number("label_smoothing") == 0));
    }
    if (d.has("delta")) return Huber{.delta = d.number("delta")};
    if (d.has("temperature")) return ContrastiveNTXent{.temperature = d.number("temperature")};
    return loss;
}

template <class T>
void check(const reference::Case& recorded, double tolerance) {
    const Shape shape = recorded.shape("input");
    reference::Description description = recorded.description("loss");
    const AnyLoss<T> loss = make_loss<T>(description);
    CHECK(description.all_taken());
    reference::Description made("made " + recorded.lines.at("made"));
    const std::string predictions_kind = made.text("predictions");
    const Activation last = last_activation(predictions_kind);
    const auto predictions = recorded_predictions(predictions_kind, shape).template cast<T>();
    const std::string kind = made.text("targets");
    const auto weights = made.flag("sample_weights") ? recorded_weights<T>(shape[0]) : std::vector<T>{};

    const bool are_labels = kind == "labels" || kind == "pairs";
    const Tensor<std::int32_t> labels = kind == "pairs" ? recorded_pairs(shape) : recorded_labels(shape);
    const auto values = are_labels ? Tensor<T>{} : recorded_targets(kind, shape).template cast<T>();
    Targets<T> targets;
    if (are_labels)
        targets.labels = labels;
    else
        targets.values = values;

    Tensor<T> gradient(shape, std::numeric_limits<T>::quiet_NaN());
    LossInput<T> input;
    input.y = predictions;
    input.targets = targets;
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
