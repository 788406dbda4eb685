#pragma once
#include <fovea/losses/categorical_crossentropy.hpp>

namespace fovea {

namespace detail {

/// -log p[label], where p is y clipped and then divided by its sum: Keras clips first here, and last in its categorical
/// cross-entropy. The gradient is by y.
template <class T>
double sparse_cross_entropy_of_probabilities(const LossRow<T>& row, std::size_t label) {
    double sum = 0;
    for (const T y : row.y) sum += clip_probability(static_cast<double>(y));
    for (std::size_t j = 0; j < row.dy.size(); ++j) {
        const auto y = static_cast<double>(row.y[j]);
        const double gradient = is_clipped(y) ? 0 : 1 / sum - (j == label ? 1 / y : 0);
        row.dy[j] = static_cast<T>(gradient * row.factor);
    }
    return math::log(sum / clip_probability(static_cast<double>(row.y[label])));
}

} // namespace detail

/// Cross-entropy between class labels and distributions over classes.
///
/// y (batch, ..., classes): probabilities, or with `from_logits` any numbers, of which the softmax is meant
/// targets: labels (batch, ...) or (batch, ..., 1) in 0 .. classes-1; others throw ValueError
///
/// Probabilities are clipped to [1e-7, 1 - 1e-7], then divided by their sum; but those of a model that ends in a softmax
/// stand for the numbers behind it and are not clipped, all as in Keras. With `label_smoothing`, which Keras has not
/// here, it is CategoricalCrossentropy on one-hot codes.
struct SparseCategoricalCrossentropy {
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "sparse_categorical_crossentropy";

    bool pairs_with(Activation last) const { return !from_logits && last == Activation::softmax; }

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_smoothing(name, label_smoothing);
        detail::check_classes(name, output);
        detail::check_class_labels(name, output, labels, target);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        const Index classes = input.y.shape().last();
        detail::check_labels(name, input.targets.labels, classes, " (the output has ", classes, " classes)");
        const double spread = label_smoothing / static_cast<double>(classes);
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const auto label = static_cast<std::size_t>(input.targets.labels[row.number]);
            const auto target = [=, this](std::size_t j) { return (j == label ? 1 - label_smoothing : 0) + spread; };
            if (from_logits) return detail::cross_entropy_of_logits(row, target);
            if (input.before_activation) return detail::cross_entropy_of_softmax(row, target);
            return label_smoothing > 0 ? detail::cross_entropy_of_probabilities(row, target)
                                       : detail::sparse_cross_entropy_of_probabilities(row, label);
        });
    }
};

static_assert(LossSpec<SparseCategoricalCrossentropy>);

} // namespace fovea
