#pragma once
#include <fovea/core/print.hpp>
#include <fovea/metrics/rows.hpp>

namespace fovea {

namespace detail {

/// `prediction(i)` is the class that was predicted where labels[i] should have been, or -1.
template <class F>
Tensor<Index> count_confusions(ConstView<std::int32_t> labels, Index classes, F&& prediction) {
    require<ValueError>(classes >= 1, "confusion_matrix: needs at least one class, got ", classes);
    Tensor<Index> counts(Shape{classes, classes});
    for (Index i = 0; i < labels.size(); ++i) {
        const Index label = labels[i];
        const Index predicted = prediction(i);
        for (const Index c : {label, predicted})
            require<ValueError>(0 <= c && c < classes, "confusion_matrix: ", c == label ? "label " : "prediction ", c,
                                " at position ", i, " is outside 0..", classes - 1);
        counts(label, predicted) += 1;
    }
    return counts;
}

} // namespace detail

/// How often which class was taken for which: element (label, prediction) of (classes, classes) is a count. Right answers are
/// on the diagonal, each row adds up to how often its label occurs, and `std::cout << confusion_matrix(...)` prints a table.
///
/// labels and predictions of the same shape: class numbers in 0 .. classes-1; others throw ValueError
inline Tensor<Index> confusion_matrix(const Tensor<std::int32_t>& labels, const Tensor<std::int32_t>& predictions,
                                      Index classes) {
    require<ShapeError>(labels.shape() == predictions.shape(), "confusion_matrix: labels of shape ", labels.shape(),
                        ", but predictions of shape ", predictions.shape());
    return detail::count_confusions(labels, classes, [&](Index i) { return Index{predictions[i]}; });
}

/// The same of a model's outputs (samples, ..., classes), as predict returns them: the largest class is the prediction, the
/// first of equals; NaN throws ValueError.
template <std::floating_point T>
Tensor<Index> confusion_matrix(const Tensor<std::int32_t>& labels, const Tensor<T>& outputs) {
    require<ShapeError>(outputs.shape().rank() >= 2 && outputs.size() / outputs.shape().last() == labels.size() &&
                            detail::is_one_a_position(outputs.shape(), labels.shape()),
                        "confusion_matrix: labels of shape ", labels.shape(), " do not go with outputs of shape ",
                        outputs.shape());
    return detail::count_confusions(labels, outputs.shape().last(),
                                    [&](Index i) { return detail::argmax(detail::row_of(outputs.view(), i)); });
}

} // namespace fovea
