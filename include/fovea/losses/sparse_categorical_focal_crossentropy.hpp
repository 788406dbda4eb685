#pragma once
#include <fovea/losses/focal.hpp>

namespace fovea {

/// Focal cross-entropy between class labels and distributions over classes: -alpha (1 - p)^gamma log p of the label's p.
///
/// y (batch, ..., classes): probabilities p, or with `from_logits` any numbers, of which the softmax is meant
/// targets: labels (batch, ...) or (batch, ..., 1) in 0 .. classes-1; others throw ValueError
///
/// It is CategoricalFocalCrossentropy on one-hot codes; Keras has none for labels.
struct SparseCategoricalFocalCrossentropy {
    double alpha = 0.25;
    double gamma = 2;
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "sparse_categorical_focal_crossentropy";

    bool pairs_with(Activation last) const { return !from_logits && last == Activation::softmax; }

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_focal(name, alpha, gamma);
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
        const auto output = detail::focal_output(from_logits, input.before_activation);
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const auto label = static_cast<std::size_t>(input.targets.labels[row.number]);
            const auto target = [=, this](std::size_t j) { return (j == label ? 1 - label_smoothing : 0) + spread; };
            return detail::focal_cross_entropy(row, target, alpha, gamma, output);
        });
    }
};

static_assert(LossSpec<SparseCategoricalFocalCrossentropy>);

} // namespace fovea
