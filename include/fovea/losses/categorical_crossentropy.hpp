#pragma once
#include <algorithm>
#include <limits>

#include <fovea/core/math.hpp>
#include <fovea/losses/rows.hpp>

namespace fovea {

namespace detail {

/// log(sum over j of e^x[j]), of numbers of any size.
template <class T>
double log_sum_exp(std::span<const T> x) {
    const auto largest = static_cast<double>(*std::max_element(x.begin(), x.end()));
    double sum = 0;
    for (const T value : x) sum += math::exp(static_cast<double>(value) - largest);
    return largest + math::log(sum);
}

/// Sum over j of target(j) * -log softmax(y)[j]; the gradient is (sum of targets) * softmax(y) - target.
template <class T, class Target>
double cross_entropy_of_logits(const LossRow<T>& row, const Target& target) {
    const double normaliser = log_sum_exp(row.y);
    double loss = 0;
    double mass = 0;
    for (std::size_t j = 0; j < row.y.size(); ++j) {
        const double t = target(j);
        mass += t;
        if (t != 0) loss = std::fma(t, normaliser - static_cast<double>(row.y[j]), loss); // y may be -inf where t is 0
    }
    for (std::size_t j = 0; j < row.dy.size(); ++j) {
        const double p = math::exp(static_cast<double>(row.y[j]) - normaliser);
        row.dy[j] = static_cast<T>(std::fma(mass, p, -target(j)) * row.factor);
    }
    return loss;
}

/// Sum over j of target(j) * -log y[j] for a y that is a softmax, with the gradient by what went into that. Nothing is
/// clipped: a sample that is as wrong as can be still says how wrong it is, and is learnt from.
template <class T, class Target>
double cross_entropy_of_softmax(const LossRow<T>& row, const Target& target) {
    constexpr T least = std::numeric_limits<T>::min(); // stands for a y that was too small for T
    double loss = 0;
    double mass = 0;
    for (std::size_t j = 0; j < row.y.size(); ++j) {
        const double t = target(j);
        mass += t;
        if (t != 0) loss = std::fma(-t, math::log(static_cast<double>(row.y[j] < least ? least : row.y[j])), loss);
    }
    for (std::size_t j = 0; j < row.dy.size(); ++j)
        row.dy[j] = static_cast<T>(std::fma(mass, static_cast<double>(row.y[j]), -target(j)) * row.factor);
    return loss;
}

/// Sum over j of target(j) * -log p[j], where p is y divided by its sum and then clipped. The gradient is by y.
template <class T, class Target>
double cross_entropy_of_probabilities(const LossRow<T>& row, const Target& target) {
    double sum = 0;
    for (const T y : row.y) sum += static_cast<double>(y);
    double loss = 0;
    double mass_inside = 0;
    for (std::size_t j = 0; j < row.y.size(); ++j) {
        const double p = static_cast<double>(row.y[j]) / sum;
        const double t = target(j);
        loss = std::fma(-t, math::log(clip_probability(p)), loss);
        if (!is_clipped(p)) mass_inside += t;
    }
    for (std::size_t j = 0; j < row.dy.size(); ++j) {
        const double p = static_cast<double>(row.y[j]) / sum;
        const double gradient = (mass_inside - (is_clipped(p) ? 0 : target(j) / p)) / sum;
        row.dy[j] = static_cast<T>(gradient * row.factor);
    }
    return loss;
}

} // namespace detail

/// Cross-entropy between distributions over classes.
///
/// y (batch, ..., classes): probabilities, or with `from_logits` any numbers, of which the softmax is meant
/// targets: values (batch, ..., classes), each row a distribution such as a one-hot code
///
/// Probabilities are divided by their sum, then clipped to [1e-7, 1 - 1e-7]; but those of a model that ends in a softmax
/// stand for the numbers behind it and are not clipped. `label_smoothing` s makes t * (1 - s) + s / classes of the
/// targets t. All as in Keras.
struct CategoricalCrossentropy {
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "categorical_crossentropy";

    bool pairs_with(Activation last) const { return !from_logits && last == Activation::softmax; }

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_smoothing(name, label_smoothing);
        detail::check_classes(name, output);
        require<ShapeError>(!labels, name, ": needs values of shape ", output, " for the output ", output,
                            ", got labels of shape ", target, "; sparse_categorical_crossentropy takes labels");
        detail::check_values(name, output, labels, target);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        const double keep = 1 - label_smoothing;
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const T* const t = input.targets.values.data() + row.number * static_cast<Index>(row.y.size());
            const double spread = label_smoothing / static_cast<double>(row.y.size());
            const auto target = [=](std::size_t j) { return std::fma(static_cast<double>(t[j]), keep, spread); };
            if (from_logits) return detail::cross_entropy_of_logits(row, target);
            return input.before_activation ? detail::cross_entropy_of_softmax(row, target)
                                           : detail::cross_entropy_of_probabilities(row, target);
        });
    }
};

static_assert(LossSpec<CategoricalCrossentropy>);

} // namespace fovea
