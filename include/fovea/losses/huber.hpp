#pragma once
#include <fovea/losses/rows.hpp>

namespace fovea {

/// The mean over the last axis of e^2 / 2 where |e| <= delta, and of delta |e| - delta^2 / 2 where it is more, e = y - target:
/// squares for small errors, and for large ones no steeper than delta.
///
/// y (batch, ..., outputs)
/// targets: values (batch, ..., outputs); where outputs is 1, also without that axis
struct Huber {
    double delta = 1;

    static constexpr std::string_view name = "huber";

    void check(const Shape& output, bool labels, const Shape& target) const {
        require<ValueError>(delta > 0, name, ": delta must be positive, got ", delta);
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
                const double e = static_cast<double>(row.y[j]) - static_cast<double>(target[j]);
                const double size = std::abs(e);
                sum = size <= delta ? std::fma(0.5 * e, e, sum) : std::fma(delta, size - 0.5 * delta, sum);
                if (row.dy.empty()) continue;
                const double gradient = size <= delta ? e : delta * detail::sign(e);
                row.dy[j] = static_cast<T>(gradient * row.factor / outputs);
            }
            return sum / outputs;
        });
    }
};

static_assert(LossSpec<Huber>);

} // namespace fovea
