#pragma once
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Gradients over the root of the mean of their squares (Tieleman and Hinton 2012); centered, over their standard deviation:
///
///     v = rho * v + (1 - rho) * gradient^2
///     a = rho * a + (1 - rho) * gradient                        // centered; else 0
///     move = learning_rate * gradient / sqrt(v - a^2 + epsilon)
///     m = momentum * m + move                                   // with a momentum; then w -= m
///     w -= move
struct RMSprop {
    LearningRate learning_rate = 0.001;
    double rho = 0.9;
    double momentum = 0;
    double epsilon = 1e-7;
    bool centered = false;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};

    static constexpr std::string_view name = "RMSprop";

    Index slots() const { return 1 + (momentum > 0 ? 1 : 0) + (centered ? 1 : 0); }

    void check() const {
        detail::check_common(*this);
        detail::check_option(0 <= rho && rho <= 1, name, "rho", "in [0, 1]", rho);
        detail::check_option(0 <= momentum && momentum <= 1, name, "momentum", "in [0, 1]", momentum);
        detail::check_positive(name, "epsilon", epsilon);
    }

    template <class T>
    void update(const Update<T>& u) const {
        const detail::RmsFactors<T> factors{static_cast<T>(rho), static_cast<T>(1 - rho), static_cast<T>(momentum),
                                            static_cast<T>(u.learning_rate), static_cast<T>(epsilon)};
        T* const m = momentum > 0 ? u.slot_1.data() : nullptr;
        T* const a = !centered ? nullptr : momentum > 0 ? u.slot_2.data() : u.slot_1.data();
        simd::dispatch([&](auto target) {
            rmsprop_step(target, factors, u.values.data(), u.gradients.data(), u.slot_0.data(), m, a,
                         static_cast<Index>(u.values.size()));
        });
    }
};

static_assert(OptimizerSpec<RMSprop>);

} // namespace fovea
