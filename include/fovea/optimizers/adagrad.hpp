#pragma once
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Gradients over the root of the sum of all their squares so far (Duchi et al. 2011), a sum that begins with
/// initial_accumulator_value:
///
///     a += gradient^2
///     w -= learning_rate * gradient / sqrt(a + epsilon)
struct Adagrad {
    LearningRate learning_rate = 0.001;
    double initial_accumulator_value = 0.1;
    double epsilon = 1e-7;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};

    static constexpr std::string_view name = "Adagrad";

    Index slots() const { return 1; }
    double initial(Index) const { return initial_accumulator_value; }

    void check() const {
        detail::check_common(*this);
        detail::check_not_negative(name, "initial_accumulator_value", initial_accumulator_value);
        detail::check_positive(name, "epsilon", epsilon);
    }

    template <class T>
    void update(const Update<T>& u) const {
        simd::dispatch([&](auto target) {
            adagrad_step(target, static_cast<T>(u.learning_rate), static_cast<T>(epsilon), u.values.data(),
                         u.gradients.data(), u.slot_0.data(), static_cast<Index>(u.values.size()));
        });
    }
};

static_assert(OptimizerSpec<Adagrad>);

} // namespace fovea
