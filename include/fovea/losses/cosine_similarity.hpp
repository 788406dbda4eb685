#pragma once
#include <fovea/losses/rows.hpp>

namespace fovea {

/// The cosine of the angle between output and target, rows of the last axis: as a metric, 1 where both point the same way.
/// As a loss, minus that.
///
/// y (batch, ..., outputs)
/// targets: values (batch, ..., outputs); where outputs is 1, also without that axis
///
/// A row shorter than 1e-7 counts as if it were that long, as in Keras; no gradient goes to it, which would be some 1e7.
struct CosineSimilarity {
    static constexpr std::string_view name = "cosine_similarity";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_values(name, output, labels, target);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const std::size_t outputs = row.y.size();
            const std::span<const T> t =
                input.targets.values.span().subspan(static_cast<std::size_t>(row.number) * outputs, outputs);
            const double by_y = detail::inverse_length(row.y);
            const double by_t = detail::inverse_length(t);
            double product = 0;
            for (std::size_t j = 0; j < outputs; ++j)
                product = std::fma(static_cast<double>(row.y[j]), static_cast<double>(t[j]), product);
            const double cosine = product * by_y * by_t;
            const double factor = detail::is_too_short(by_y) ? 0 : by_y * row.factor;
            for (std::size_t j = 0; j < row.dy.size(); ++j)
                row.dy[j] = static_cast<T>(
                    std::fma(cosine * by_y, static_cast<double>(row.y[j]), -by_t * static_cast<double>(t[j])) * factor);
            return -cosine;
        });
    }

    template <class T>
    double sum(ConstView<T> y, const Targets<T>& targets) const {
        return -detail::sum_of_losses(*this, y, targets);
    }
};

static_assert(LossSpec<CosineSimilarity>);

} // namespace fovea
