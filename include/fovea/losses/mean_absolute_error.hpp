#pragma once
#include <fovea/losses/rows.hpp>

namespace fovea {

/// The mean of |y - target| over the last axis: a loss and a metric.
///
/// y (batch, ..., outputs)
/// targets: values (batch, ..., outputs); where outputs is 1, also without that axis
struct MeanAbsoluteError {
    static constexpr std::string_view name = "mean_absolute_error";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_values(name, output, labels, target);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const T* const target = input.targets.values.data() + row.number * static_cast<Index>(row.y.size());
            const auto outputs = static_cast<double>(row.y.size());
            double sum = 0;
            for (std::size_t j = 0; j < row.y.size(); ++j) {
                const double difference = static_cast<double>(row.y[j]) - static_cast<double>(target[j]);
                sum += std::abs(difference);
                if (!row.dy.empty()) row.dy[j] = static_cast<T>(detail::sign(difference) * row.factor / outputs);
            }
            return sum / outputs;
        });
    }

    template <class T>
    double sum(ConstView<T> y, const Targets<T>& targets) const {
        return detail::sum_of_losses(*this, y, targets);
    }
};

static_assert(LossSpec<MeanAbsoluteError>);

} // namespace fovea
