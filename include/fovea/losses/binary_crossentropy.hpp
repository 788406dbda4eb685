#pragma once
#include <fovea/core/math.hpp>
#include <fovea/losses/rows.hpp>

namespace fovea {

namespace detail {

inline double binary_loss_of_probability(double y, double t) {
    const double p = clip_probability(y);
    return -std::fma(t, math::log(p), (1 - t) * math::log(1 - p));
}

/// -t log sigmoid(x) - (1 - t) log sigmoid(-x), rearranged so that no exponential overflows.
inline double binary_loss_of_logit(double x, double t) {
    return std::fma(-x, t, x > 0 ? x : 0) + math::log1p(math::exp(x > 0 ? -x : x));
}

} // namespace detail

/// Cross-entropy of yes-or-no outputs, each on its own; the mean over them.
///
/// y (batch, ..., outputs): probabilities, or with `from_logits` any numbers, of which the sigmoid is meant
/// targets: values (batch, ..., outputs) in [0, 1]; where outputs is 1, also without that axis, and also labels 0 and 1
///
/// Probabilities are clipped to [1e-7, 1 - 1e-7]. `label_smoothing` s makes t * (1 - s) + s / 2 of the targets t. All
/// as in Keras.
struct BinaryCrossentropy {
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "binary_crossentropy";

    bool pairs_with(Activation last) const { return !from_logits && last == Activation::sigmoid; }

    void check(const Shape& output, bool labels, const Shape& target) const {
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
                const auto y = static_cast<double>(row.y[j]);
                loss += from_logits ? detail::binary_loss_of_logit(y, t) : detail::binary_loss_of_probability(y, t);
                if (row.dy.empty()) continue;
                const double gradient = from_logits               ? math::sigmoid(y) - t
                                        : input.before_activation ? y - t
                                        : detail::is_clipped(y)   ? 0
                                                                  : (1 - t) / (1 - y) - t / y;
                row.dy[j] = static_cast<T>(gradient * row.factor / outputs);
            }
            return loss / outputs;
        });
    }
};

static_assert(LossSpec<BinaryCrossentropy>);

} // namespace fovea
