#pragma once
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/metrics/rows.hpp>

namespace fovea {

/// The square root of the mean of (y - target)^2 over all outputs of all samples.
///
/// y (batch, ..., outputs)
/// targets: values (batch, ..., outputs); where outputs is 1, also without that axis
struct RootMeanSquaredError {
    static constexpr std::string_view name = "root_mean_squared_error";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_targets(name, output, labels, target, false, true);
    }

    template <class T>
    double sum(ConstView<T> y, const Targets<T>& targets) const {
        detail::check_input(*this, y, targets);
        return MeanSquaredError{}.sum(y, targets);
    }

    double result(std::span<const double> sums, Index samples) const {
        return std::sqrt(sums[0] / static_cast<double>(samples));
    }
};

static_assert(MetricSpec<RootMeanSquaredError>);

} // namespace fovea
