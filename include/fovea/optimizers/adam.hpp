#pragma once
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Adam (Kingma and Ba 2014), in the form without separately corrected moments, where epsilon is the paper's
/// "epsilon hat". In step t, from 1:
///
///     alpha = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)
///     m += (gradient - m) * (1 - beta_1)
///     v += (gradient^2 - v) * (1 - beta_2)
///     w -= m * alpha / (sqrt(v) + epsilon)
struct Adam {
    double learning_rate = 0.001;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};

    static constexpr std::string_view name = "Adam";

    Index slots() const { return 2; }

    void check() const { check_as(name); }

    template <class T>
    void update(const Update<T>& u) const {
        const double t_rate =
            u.learning_rate * std::sqrt(1 - math::power(beta_2, u.iteration)) / (1 - math::power(beta_1, u.iteration));
        const detail::AdamFactors<T> factors{static_cast<T>(1 - beta_1), static_cast<T>(1 - beta_2),
                                             static_cast<T>(t_rate), static_cast<T>(epsilon)};
        simd::dispatch([&](auto target) {
            adam_step(target, factors, u.values.data(), u.gradients.data(), u.slot_0.data(), u.slot_1.data(),
                      static_cast<Index>(u.values.size()));
        });
    }

private:
    friend struct AdamW;

    void check_as(std::string_view optimizer) const {
        detail::check_learning_rate(optimizer, learning_rate);
        detail::check_beta(optimizer, "beta_1", beta_1);
        detail::check_beta(optimizer, "beta_2", beta_2);
        detail::check_option(std::isfinite(epsilon) && epsilon > 0, optimizer, "epsilon", "a finite number > 0",
                             epsilon);
        detail::check_treatment(optimizer, {weight_decay, clipnorm, clipvalue, global_clipnorm});
    }
};

static_assert(OptimizerSpec<Adam>);

} // namespace fovea
