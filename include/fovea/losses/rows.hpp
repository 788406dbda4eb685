#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

#include <fovea/losses/loss.hpp>

/// What the losses share: y (batch, ..., classes) is taken row by row, a row being the last axis at one position.
namespace fovea::detail {

/// Keras keeps probabilities in [epsilon, 1 - epsilon] before it takes their logarithm.
inline constexpr double loss_epsilon = 1e-7;

/// The nearest number in [epsilon, 1 - epsilon]; NaN stays NaN.
inline double clip_probability(double p) {
    if (p < loss_epsilon) return loss_epsilon;
    if (p > 1 - loss_epsilon) return 1 - loss_epsilon;
    return p;
}

/// Whether clip_probability changes p, so that no gradient gets through.
inline bool is_clipped(double p) { return p < loss_epsilon || p > 1 - loss_epsilon; }

/// -1, 0 or 1; NaN stays NaN.
inline double sign(double x) {
    if (x > 0) return 1;
    return x < 0 ? -1 : x;
}

/// 1 / the length of `x`, but at most 1e7.
template <class T>
double inverse_length(std::span<const T> x) {
    double squares = 0;
    for (const T value : x) squares = std::fma(static_cast<double>(value), static_cast<double>(value), squares);
    const double length = std::sqrt(squares);
    return 1 / (length < loss_epsilon ? loss_epsilon : length);
}

/// Whether that is the 1e7.
inline bool is_too_short(double inverse_length) { return inverse_length >= 1 / loss_epsilon; }

/// The output without its last axis: (28, 28, 10) -> (28, 28).
inline Shape positions_of(const Shape& output) { return Shape(std::span(output.begin(), output.end() - 1)); }

/// The output with one value a position: (28, 28, 10) -> (28, 28, 1).
inline Shape single_of(const Shape& output) {
    std::array<Index, Shape::max_rank> extents{};
    std::copy(output.begin(), output.end(), extents.begin());
    const auto rank = static_cast<std::size_t>(output.rank());
    extents[rank - 1] = 1;
    return Shape(std::span<const Index>(extents.data(), rank));
}

inline const char* kind_of(bool labels) { return labels ? "labels" : "values"; }

inline void check_rank(std::string_view name, const Shape& output) {
    require<ShapeError>(output.rank() > 0, name, ": needs an output with at least one axis, got ", output);
}

inline void check_smoothing(std::string_view name, double label_smoothing) {
    require<ValueError>(0 <= label_smoothing && label_smoothing <= 1, name, ": label_smoothing must be in [0, 1], got ",
                        label_smoothing);
}

inline void check_classes(std::string_view name, const Shape& output) {
    check_rank(name, output);
    require<ShapeError>(output.last() >= 2, name, ": needs an output of at least 2 classes, got ", output,
                        " (binary_crossentropy is for a single output)");
}

/// Throws ShapeError unless the targets are values, or what else is allowed, of the output's shape; a last axis of 1
/// may be left out.
inline void check_values(std::string_view name, const Shape& output, bool labels, const Shape& target,
                         bool labels_allowed = false) {
    check_rank(name, output);
    const bool fits = target == output || (output.last() == 1 && target == positions_of(output));
    require<ShapeError>(fits && (labels_allowed || !labels), name, ": needs values ",
                        labels_allowed ? "or labels " : "", "of shape ", output, " for the output ", output, ", got ",
                        kind_of(labels), " of shape ", target);
}

/// Throws ShapeError unless the targets are class labels, one a position.
inline void check_class_labels(std::string_view name, const Shape& output, bool labels, const Shape& target) {
    const Shape positions = positions_of(output);
    const Shape single = single_of(output);
    require<ShapeError>(labels && (target == positions || target == single), name, ": needs class labels of shape ",
                        positions, " or ", single, " for the output ", output, ", got ", kind_of(labels), " of shape ",
                        target);
}

/// Throws ValueError, with `why` in the message, if a label is outside 0 .. count-1. The sample in the message is
/// counted from the first one given.
template <class... Why>
void check_labels(std::string_view name, ConstView<std::int32_t> labels, Index count, const Why&... why) {
    const Index a_sample = labels.shape().tail().size();
    for (Index i = 0; i < labels.size(); ++i)
        require<ValueError>(0 <= labels[i] && labels[i] < count, name, ": label ", labels[i], " of sample ",
                            i / a_sample, " is outside 0..", count - 1, why...);
}

/// Throws unless everything in `input` belongs together: the last line before pointers are followed.
template <class L, class T>
void check_input(const L& loss, const LossInput<T>& input) {
    const bool labels = input.targets.are_labels();
    const Shape& target = labels ? input.targets.labels.shape() : input.targets.values.shape();
    const Shape& y = input.y.shape();
    loss.check(y.tail(), labels, target.tail());
    require<ShapeError>(target[0] == y[0], L::name, ": ", y[0], " samples of output, but ", target[0], " of targets");
    const auto weights = static_cast<Index>(input.weights.size());
    require<ShapeError>(weights == 0 || weights == y[0], L::name, ": ", y[0], " samples, but ", weights,
                        " sample weights");
    require<ShapeError>(input.dy.data() == nullptr || input.dy.shape() == y, L::name, ": the output is ", y,
                        ", its gradient ", input.dy.shape());
}

template <class T>
struct LossRow {
    Index number;         ///< of all rows
    std::span<const T> y; ///< (classes)
    std::span<T> dy;      ///< (classes), or empty
    double factor;        ///< of the row's gradient
};

/// The sum over samples of weight * mean over positions of `row_loss(row)`, which also writes row.dy.
/// In double and one fixed order, so that it does not depend on T's range or the vector width.
template <class T, class F>
double sum_over_rows(const LossInput<T>& input, F&& row_loss) {
    if (input.y.empty()) return 0;
    const auto classes = static_cast<std::size_t>(input.y.shape().last());
    const Index batch = input.y.shape()[0];
    const Index positions = input.y.size() / (batch * input.y.shape().last());
    double total = 0;
    for (Index n = 0; n < batch; ++n) {
        const double weight =
            input.weights.empty() ? 1.0 : static_cast<double>(input.weights[static_cast<std::size_t>(n)]);
        const double factor = weight * static_cast<double>(input.scale) / static_cast<double>(positions);
        double sum = 0;
        for (Index row = n * positions; row < (n + 1) * positions; ++row) {
            const auto first = static_cast<std::size_t>(row) * classes;
            sum += row_loss(LossRow<T>{row, input.y.span().subspan(first, classes),
                                       input.dy.empty() ? std::span<T>{} : input.dy.span().subspan(first, classes),
                                       factor});
        }
        total = std::fma(weight, sum / static_cast<double>(positions), total);
    }
    return total;
}

/// What a loss is as a metric: the sum over samples.
template <class L, class T>
double sum_of_losses(const L& loss, ConstView<T> y, const Targets<T>& targets) {
    LossInput<T> input;
    input.y = y;
    input.targets = targets;
    return loss.evaluate(input);
}

} // namespace fovea::detail
