#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

#include <fovea/metrics/metric.hpp>

/// What the metrics share: y (batch, ..., classes) is taken row by row, a row being the last axis at one position.
namespace fovea::detail {

/// What Keras adds to a divisor that may be 0.
inline constexpr double metric_epsilon = 1e-7;

/// a / b, and 0 where b is 0.
inline double ratio(double a, double b) { return b == 0 ? 0 : a / b; }

/// Where the largest element is, the first of equals; -1 if any is NaN.
template <class T>
Index argmax(std::span<const T> row) {
    std::size_t best = 0;
    for (std::size_t j = 0; j < row.size(); ++j) {
        if (std::isnan(row[j])) return -1;
        if (row[j] > row[best]) best = j;
    }
    return static_cast<Index>(best);
}

template <class T>
std::span<const T> row_of(ConstView<T> rows, Index row) {
    const auto length = static_cast<std::size_t>(rows.shape().last());
    return rows.span().subspan(static_cast<std::size_t>(row) * length, length);
}

/// Whether the target has one thing a position: the output's shape without its last axis, or with that axis being 1.
inline bool is_one_a_position(const Shape& output, const Shape& target) {
    const auto axes = output.rank() - 1;
    const bool positions_fit =
        target.rank() >= axes && std::equal(output.begin(), output.begin() + axes, target.begin());
    return positions_fit && (target.rank() == axes || (target.rank() == axes + 1 && target.last() == 1));
}

/// Throws ShapeError unless the targets are labels, one a position, or values of the output's shape, and of a kind that
/// is allowed. A label may be any number: one outside of the classes is never right (and the losses refuse it).
inline void check_targets(std::string_view name, const Shape& output, bool labels, const Shape& target,
                          bool labels_allowed, bool values_allowed) {
    require<ShapeError>(output.rank() > 0, name, ": needs an output with at least one axis, got ", output);
    const bool one_a_position = is_one_a_position(output, target);
    const bool fits = labels ? labels_allowed && one_a_position
                             : values_allowed && (target == output || (output.last() == 1 && one_a_position));
    require<ShapeError>(fits, name, ": needs ", labels_allowed ? "labels (one a position)" : "",
                        labels_allowed && values_allowed ? " or " : "",
                        values_allowed ? "values of the same shape" : "", " for the output ", output, ", got ",
                        labels ? "labels" : "values", " of shape ", target);
}

/// Throws unless y and the targets belong together: the last line before pointers are followed.
template <class M, class T>
void check_input(const M& metric, ConstView<T> y, const Targets<T>& targets) {
    const bool labels = targets.are_labels();
    const Shape& target = labels ? targets.labels.shape() : targets.values.shape();
    metric.check(y.shape().tail(), labels, target.tail());
    require<ShapeError>(target[0] == y.shape()[0], M::name, ": ", y.shape()[0], " samples of output, but ", target[0],
                        " of targets");
}

/// The sum over samples of the share of positions where `is_right(row)`.
template <class T, class F>
double sum_of_shares(ConstView<T> y, F&& is_right) {
    if (y.empty()) return 0;
    const Index batch = y.shape()[0];
    const Index positions = y.size() / (batch * y.shape().last());
    double sum = 0;
    for (Index n = 0; n < batch; ++n) {
        Index right = 0;
        for (Index row = n * positions; row < (n + 1) * positions; ++row) right += is_right(row) ? 1 : 0;
        sum += static_cast<double>(right) / static_cast<double>(positions);
    }
    return sum;
}

} // namespace fovea::detail
