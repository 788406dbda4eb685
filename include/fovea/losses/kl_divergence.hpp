#pragma once
#include <fovea/core/math.hpp>
#include <fovea/losses/rows.hpp>

namespace fovea {

/// The Kullback-Leibler divergence of distributions over classes, the sum over them of target * log(target / y).
///
/// y (batch, ..., classes): probabilities
/// targets: values (batch, ..., classes), each row a distribution
///
/// Both are clipped to [1e-7, 1] as in Keras; rows are not divided by their sums.
struct KLDivergence {
    static constexpr std::string_view name = "kl_divergence";

    void check(const Shape& output, bool labels, const Shape& target) const {
        detail::check_values(name, output, labels, target);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        return detail::sum_over_rows(input, [&](const detail::LossRow<T>& row) {
            const T* const target = input.targets.values.data() + row.number * static_cast<Index>(row.y.size());
            double loss = 0;
            for (std::size_t j = 0; j < row.y.size(); ++j) {
                const auto y = static_cast<double>(row.y[j]);
                const double t = clip(static_cast<double>(target[j]));
                loss = std::fma(t, math::log(t / clip(y)), loss);
                if (row.dy.empty()) continue;
                const bool clipped = y < detail::loss_epsilon || y > 1;
                row.dy[j] = static_cast<T>(clipped ? 0 : -t / y * row.factor);
            }
            return loss;
        });
    }

private:
    /// NaN stays NaN.
    static double clip(double p) {
        if (p < detail::loss_epsilon) return detail::loss_epsilon;
        return p > 1 ? 1 : p;
    }
};

static_assert(LossSpec<KLDivergence>);

} // namespace fovea
