#pragma once
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Moves as large as the last ones, by the root of their mean square (Zeiler 2012):
///
///     a = rho * a + (1 - rho) * gradient^2
///     move = gradient * sqrt(d + epsilon) / sqrt(a + epsilon)
///     d = rho * d + (1 - rho) * move^2
///     w -= learning_rate * move
///
/// The paper's learning rate is 1.
struct Adadelta {
    LearningRate learning_rate = 0.001;
    double rho = 0.95;
    double epsilon = 1e-7;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};

    static constexpr std::string_view name = "Adadelta";

    Index slots() const { return 2; }

    void check() const {
        detail::check_common(*this);
        detail::check_option(0 <= rho && rho <= 1, name, "rho", "in [0, 1]", rho);
        detail::check_positive(name, "epsilon", epsilon);
    }

    template <class T>
    void update(const Update<T>& u) const {
        const detail::RmsFactors<T> factors{static_cast<T>(rho), static_cast<T>(1 - rho), T{},
                                            static_cast<T>(u.learning_rate), static_cast<T>(epsilon)};
        simd::dispatch([&](auto target) {
            adadelta_step(target, factors, u.values.data(), u.gradients.data(), u.slot_0.data(), u.slot_1.data(),
                          static_cast<Index>(u.values.size()));
        });
    }
};

static_assert(OptimizerSpec<Adadelta>);

} // namespace fovea
