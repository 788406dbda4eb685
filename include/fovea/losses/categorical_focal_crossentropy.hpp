#pragma once
#include <fovea/losses/focal.hpp>

namespace fovea {

/// Focal cross-entropy between distributions over classes: the sum over them of target * -alpha (1 - p)^gamma log p.
///
/// y (batch, ..., classes): probabilities p, or with `from_logits` any numbers, of which the softmax is meant
/// targets: values (batch, ..., classes), each row a distribution such as a one-hot code
///
/// Probabilities are divided by their sum, then clipped to [1e-7, 1 - 1e-7]. `label_smoothing` s makes t * (1 - s) + s /
/// classes of the targets t. As in Keras, but that logits, and what a softmax makes of them, are not clipped: a sample that is
/// as wrong as can be is still learnt from.
struct CategoricalFocalCrossentropy {
    double alpha = 0.25;
    double gamma = 2;
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "categorical_focal_crossentropy";

    bool pairs_with(Activation last) const { return !from_logits && last == Activation::softmax; }

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_focal(name, alpha, gamma);
        detail::check_smoothing(name, label_smoothing);
        detail::check_classes(name, output);
        require<ShapeError>(!labels, name, ": needs values of shape ", output, " for the output ", output,
                            ", got labels of shape ", target, "; sparse_categorical_focal_crossentropy takes labels");
        detail::check_values(name, output, labels, target);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        const double keep = 1 - label_smoothing;
        const auto output = detail::focal_output(from_logits, input.before_activation);
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const T* const t = input.targets.values.data() + row.number * static_cast<Index>(row.y.size());
            const double spread = label_smoothing / static_cast<double>(row.y.size());
            const auto target = [=](std::size_t j) { return std::fma(static_cast<double>(t[j]), keep, spread); };
            return detail::focal_cross_entropy(row, target, alpha, gamma, output);
        });
    }
};

static_assert(LossSpec<CategoricalFocalCrossentropy>);

} // namespace fovea
