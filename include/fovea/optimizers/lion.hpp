#pragma once
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Steps of one size, by the sign of the momentum alone (Chen et al. 2023); the learning rate should be a third to a tenth of Adam's:
///
///     w -= learning_rate * sign(beta_1 * m + (1 - beta_1) * gradient)
///     m = beta_2 * m + (1 - beta_2) * gradient
struct Lion {
    LearningRate learning_rate = 0.001;
    double beta_1 = 0.9;
    double beta_2 = 0.99;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};

    static constexpr std::string_view name = "Lion";

    Index slots() const { return 1; }

    void check() const {
        detail::check_common(*this);
        detail::check_option(0 < beta_1 && beta_1 <= 1, name, "beta_1", "in (0, 1]", beta_1);
        detail::check_option(0 <= beta_2 && beta_2 <= 1, name, "beta_2", "in [0, 1]", beta_2);
    }

    template <class T>
    void update(const Update<T>& u) const {
        const detail::LionFactors<T> factors{static_cast<T>(beta_1), static_cast<T>(1 - beta_1), static_cast<T>(beta_2),
                                             static_cast<T>(1 - beta_2), static_cast<T>(u.learning_rate)};
        simd::dispatch([&](auto target) {
            lion_step(target, factors, u.values.data(), u.gradients.data(), u.slot_0.data(),
                      static_cast<Index>(u.values.size()));
        });
    }
};

static_assert(OptimizerSpec<Lion>);

} // namespace fovea
