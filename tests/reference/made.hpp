#pragma once
#include <fovea/core/targets.hpp>
#include <fovea/ops/activation_kind.hpp>

#include "reference/reference.hpp"

/// The predictions and targets that the lines `made` of losses.txt and metrics.txt name; reference/README.md has the kinds.
namespace reference {

/// Rows that sum to one.
inline Tensor<double> distribution(const Shape& shape, std::uint64_t stream) {
    auto result = values<double>(shape, stream, 1, 1.125);
    for (Index row = 0; row < result.size(); row += shape.last()) {
        double sum = 0;
        for (Index j = row; j < row + shape.last(); ++j) sum += result[j];
        for (Index j = row; j < row + shape.last(); ++j) result[j] /= sum;
    }
    return result;
}

/// One for each position.
inline Tensor<std::int32_t> made_labels(const Shape& shape) {
    Tensor<std::int32_t> labels(Shape(std::span(shape.begin(), shape.end() - 1)));
    const auto classes = static_cast<std::uint64_t>(shape.last());
    for (Index n = 0; n < labels.size(); ++n)
        labels[n] = static_cast<std::int32_t>(splitmix64(Stream::labels, n) % classes);
    return labels;
}

/// Two samples of each label.
inline Tensor<std::int32_t> made_pairs(const Shape& shape) {
    Tensor<std::int32_t> labels(Shape{shape[0]});
    for (Index n = 0; n < labels.size(); ++n) labels[n] = static_cast<std::int32_t>(n % (shape[0] / 2));
    return labels;
}

/// Row n is 1 at label n, or in every odd row at the class behind it.
inline Tensor<double> one_hot(const Shape& shape, bool shift_odd_rows) {
    const Tensor<std::int32_t> labels = made_labels(shape);
    Tensor<double> result(shape);
    const Index classes = shape.last();
    for (Index n = 0; n < labels.size(); ++n)
        result[n * classes + (labels[n] + (shift_odd_rows ? n % 2 : 0)) % classes] = 1;
    return result;
}

/// The model's last activation in the cases that look at it together with the loss.
inline fovea::Activation last_activation(const std::string& predictions) {
    if (predictions.ends_with("softmax")) return fovea::Activation::softmax;
    return predictions == "sigmoid" ? fovea::Activation::sigmoid : fovea::Activation::linear;
}

inline Tensor<double> through(fovea::Activation activation, Tensor<double> x) {
    if (activation == fovea::Activation::sigmoid) return x.map([](double v) { return 1 / (1 + std::exp(-v)); });
    for (Index row = 0; row < x.size() && activation == fovea::Activation::softmax; row += x.shape().last()) {
        const std::span<double> part =
            x.span().subspan(static_cast<std::size_t>(row), static_cast<std::size_t>(x.shape().last()));
        const double largest = *std::max_element(part.begin(), part.end());
        double sum = 0;
        for (double& v : part) sum += v = std::exp(v - largest);
        for (double& v : part) v /= sum;
    }
    return x;
}

inline Tensor<double> made_predictions(const std::string& kind, const Shape& shape) {
    if (kind == "logits" || kind == "softmax" || kind == "sigmoid")
        return through(last_activation(kind), values<double>(shape, x_stream, 4));
    if (kind == "wide_softmax") return through(fovea::Activation::softmax, values<double>(shape, x_stream, 40));
    if (kind == "distribution") return distribution(shape, x_stream);
    if (kind == "saturated") return one_hot(shape, true);
    if (kind == "fraction") return values<double>(shape, x_stream, 0.4375, 0.5);
    if (kind == "value") return values<double>(shape, x_stream);
    if (kind == "zeros") return Tensor<double>(shape);
    if (kind != "bits") throw std::runtime_error("no such predictions: " + kind);
    Tensor<double> result(shape);
    for (Index i = 0; i < result.size(); ++i) result[i] = static_cast<double>(i % 2);
    return result;
}

/// For the kinds that are not labels.
inline Tensor<double> made_targets(const std::string& kind, const Shape& shape) {
    if (kind == "one_hot") return one_hot(shape, false);
    if (kind == "distribution") return distribution(shape, Stream::targets);
    if (kind == "value") return values<double>(shape, Stream::targets);
    if (kind == "zeros" || kind == "ones") return Tensor<double>(shape, kind == "ones" ? 1 : 0);
    if (kind != "bits") throw std::runtime_error("no such targets: " + kind);
    Tensor<double> result(shape);
    for (Index i = 0; i < result.size(); ++i) result[i] = static_cast<double>(splitmix64(Stream::labels, i) % 2);
    return result;
}

template <class T>
std::vector<T> made_weights(Index samples) {
    std::vector<T> weights;
    for (Index n = 0; n < samples; ++n) weights.push_back(static_cast<T>(splitmix64(sample_weights, n) % 5) / 2);
    return weights;
}

template <class T>
struct MadeTargets {
    Tensor<std::int32_t> labels;
    Tensor<T> values;

    MadeTargets(const std::string& kind, const Shape& shape) {
        if (kind == "labels")
            labels = made_labels(shape);
        else if (kind == "pairs")
            labels = made_pairs(shape);
        else
            values = made_targets(kind, shape).template cast<T>();
    }

    fovea::Targets<T> view() const {
        fovea::Targets<T> targets;
        if (values.empty())
            targets.labels = labels;
        else
            targets.values = values;
        return targets;
    }
};

} // namespace reference
