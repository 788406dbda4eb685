#pragma once
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Gradient descent. With a momentum, the values w move by the velocity m:
///
///     m = momentum * m - learning_rate * gradient
///     w += m                                           // or, with nesterov, momentum * m - learning_rate * gradient
struct SGD {
    LearningRate learning_rate = 0.01;
    double momentum = 0;
    bool nesterov = false;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};

    static constexpr std::string_view name = "SGD";

    Index slots() const { return momentum != 0 ? 1 : 0; }

    void check() const {
        detail::check_common(*this);
        detail::check_option(0 <= momentum && momentum <= 1, name, "momentum", "in [0, 1]", momentum);
    }

    template <class T>
    void update(const Update<T>& u) const {
        const auto count = static_cast<Index>(u.values.size());
        const T rate = static_cast<T>(u.learning_rate);
        const T keep = static_cast<T>(momentum);
        simd::dispatch([&](auto target) {
            if (momentum == 0)
                sgd_step(target, rate, u.values.data(), u.gradients.data(), count);
            else
                momentum_step(target, rate, keep, nesterov, u.values.data(), u.gradients.data(), u.slot_0.data(),
                              count);
        });
    }
};

static_assert(OptimizerSpec<SGD>);

} // namespace fovea
