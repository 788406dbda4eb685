#pragma once
#include <fovea/losses/binary_crossentropy.hpp>
#include <fovea/losses/focal.hpp>

namespace fovea {

/// Focal cross-entropy of yes-or-no outputs, each on its own: q^gamma times its cross-entropy, where q = t (1 - p) + (1 - t) p
/// is how wrong it is; the mean over them. With `apply_class_balancing`, also times t alpha + (1 - t) (1 - alpha).
///
/// y (batch, ..., outputs): probabilities p, or with `from_logits` any numbers, of which the sigmoid is meant
/// targets: values (batch, ..., outputs) t in [0, 1]; where outputs is 1, also without that axis, and also labels 0 and 1
///
/// In the cross-entropy, probabilities are clipped to [1e-7, 1 - 1e-7], logits are not. `label_smoothing` s makes
/// t * (1 - s) + s / 2 of the targets t. All as in Keras.
struct BinaryFocalCrossentropy {
    bool apply_class_balancing = false;
    double alpha = 0.25;
    double gamma = 2;
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "binary_focal_crossentropy";

    bool pairs_with(Activation last) const { return !from_logits && last == Activation::sigmoid; }

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_focal(name, alpha, gamma);
        detail::check_smoothing(name, label_smoothing);
        detail::check_rank(name, output);
        detail::check_values(name, output, labels, target, output.last() == 1);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        const bool labels = input.targets.are_labels();
        if (labels) detail::check_labels(name, input.targets.labels, 2);
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const Index first = row.number * static_cast<Index>(row.y.size());
            const auto outputs = static_cast<double>(row.y.size());
            double loss = 0;
            for (std::size_t j = 0; j < row.y.size(); ++j) {
                const Index i = first + static_cast<Index>(j);
                const double given = labels ? static_cast<double>(input.targets.labels[i])
                                            : static_cast<double>(input.targets.values[i]);
                const double t = std::fma(given, 1 - label_smoothing, 0.5 * label_smoothing);
                const double weight = apply_class_balancing ? std::fma(t, alpha, (1 - t) * (1 - alpha)) : 1;
                const auto y = static_cast<double>(row.y[j]);
                const double p = from_logits ? math::sigmoid(y) : y;
                const double q = std::fma(t, 1 - 2 * p, p);
                const double focus = detail::power(q, gamma);
                const double cross_entropy =
                    from_logits ? detail::binary_loss_of_logit(y, t) : detail::binary_loss_of_probability(y, t);
                loss = std::fma(weight * focus, cross_entropy, loss);
                if (row.dy.empty()) continue;
                const bool by_logit = from_logits || input.before_activation;
                const double slope = detail::power_slope(q, gamma) * (1 - 2 * t) * (by_logit ? p * (1 - p) : 1);
                const double own = by_logit ? p - t : detail::is_clipped(p) ? 0 : (1 - t) / (1 - p) - t / p;
                row.dy[j] = static_cast<T>(std::fma(slope, cross_entropy, focus * own) * weight * row.factor / outputs);
            }
            return loss / outputs;
        });
    }
};

static_assert(LossSpec<BinaryFocalCrossentropy>);

} // namespace fovea
