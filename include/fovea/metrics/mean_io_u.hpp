#pragma once
#include <optional>

#include <fovea/metrics/rows.hpp>

namespace fovea {

/// Intersection over union, true positives / (true positives + false positives + false negatives) of each class, and the mean
/// over those classes that occur in targets or predictions: the usual measure of segmentation.
///
/// y (batch, ..., num_classes): the largest class is the prediction, the first of equals
/// targets: labels (batch, ...) or (batch, ..., 1), or values (batch, ..., num_classes), whose largest class is the label
///
/// Labels outside of the classes and `ignore_class` do not count, nor does an output of NaN. With Keras's 1e-7 in the divisors.
struct MeanIoU {
    Index num_classes = 0;
    std::optional<Index> ignore_class = {};

    static constexpr std::string_view name = "mean_io_u";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_targets(name, output, labels, target, true, true);
        require<ValueError>(num_classes >= 2, name, ": num_classes must be at least 2, got ", num_classes);
        require<ShapeError>(output.last() == num_classes, name, ": num_classes is ", num_classes,
                            ", but the output has the shape ", output);
    }

    /// The matrix (label, prediction) of counts.
    Index sums() const { return num_classes * num_classes; }

    template <class T>
    void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const {
        detail::check_input(*this, y, targets);
        if (y.empty()) return;
        for (Index row = 0; row < y.size() / num_classes; ++row) {
            const Index label =
                targets.are_labels() ? Index{targets.labels[row]} : detail::argmax(detail::row_of(targets.values, row));
            const Index prediction = detail::argmax(detail::row_of(y, row));
            if (label < 0 || label >= num_classes || prediction < 0 || label == ignore_class) continue;
            sums[static_cast<std::size_t>(label * num_classes + prediction)] += 1;
        }
    }

    double result(std::span<const double> sums, Index) const {
        const auto count = static_cast<std::size_t>(num_classes);
        double total = 0;
        double present = 0;
        for (std::size_t c = 0; c < count; ++c) {
            double of_both = -sums[c * count + c];
            for (std::size_t k = 0; k < count; ++k) of_both += sums[c * count + k] + sums[k * count + c];
            if (of_both == 0) continue;
            total += sums[c * count + c] / (of_both + detail::metric_epsilon);
            present += 1;
        }
        return total / (present + detail::metric_epsilon);
    }
};

static_assert(MetricSpec<MeanIoU>);

} // namespace fovea
