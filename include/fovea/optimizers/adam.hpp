#pragma once
#include <fovea/core/math.hpp>
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

namespace detail {

/// Adam's options, which other optimizers have too.
struct AdamRule {
    double beta_1;
    double beta_2;
    double epsilon;

    void check(std::string_view optimizer) const {
        check_beta(optimizer, "beta_1", beta_1);
        check_beta(optimizer, "beta_2", beta_2);
        check_positive(optimizer, "epsilon", epsilon);
    }

    template <class T>
    void update(const Update<T>& u, double learning_rate) const {
        const double alpha =
            learning_rate * std::sqrt(1 - math::power(beta_2, u.iteration)) / (1 - math::power(beta_1, u.iteration));
        const AdamFactors<T> factors{static_cast<T>(1 - beta_1), static_cast<T>(1 - beta_2), static_cast<T>(alpha),
                                     static_cast<T>(epsilon)};
        simd::dispatch([&](auto target) {
            adam_step(target, factors, u.values.data(), u.gradients.data(), u.slot_0.data(), u.slot_1.data(),
                      static_cast<Index>(u.values.size()));
        });
    }
};

} // namespace detail

/// Adam (Kingma and Ba 2014), in the form without separately corrected moments, where epsilon is the paper's
/// "epsilon hat". In step t, from 1:
///
///     alpha = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)
///     m += (gradient - m) * (1 - beta_1)
///     v += (gradient^2 - v) * (1 - beta_2)
///     w -= m * alpha / (sqrt(v) + epsilon)
struct Adam {
    LearningRate learning_rate = 0.001;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};

    static constexpr std::string_view name = "Adam";

    Index slots() const { return 2; }

    void check() const {
        detail::check_common(*this);
        detail::AdamRule{beta_1, beta_2, epsilon}.check(name);
    }

    template <class T>
    void update(const Update<T>& u) const {
        detail::AdamRule{beta_1, beta_2, epsilon}.update(u, u.learning_rate);
    }
};

static_assert(OptimizerSpec<Adam>);

} // namespace fovea
