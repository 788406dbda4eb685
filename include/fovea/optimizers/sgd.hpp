#pragma once
#include <fovea/optimizers/arithmetic.hpp>
#include <fovea/optimizers/checks.hpp>

namespace fovea {

/// Gradient descent. With a momentum, the values w move by the velocity m:
///
///     m = momentum * m - learning_rate * gradient
///     w += m                                           // or, with nesterov, momentum * m - learning_rate * gradient
struct SGD {
    double learning_rate = 0.01;
    double momentum = 0;
    bool nesterov = false;
    std::optional<double> weight_decay{};
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};

    static constexpr std::string_view name = "SGD";

    Index slots() const { return momentum != 0 ? 1 : 0; }

    void check() const {
        detail::check_learning_rate(name, learning_rate);
        detail::check_option(0 <= momentum && momentum <= 1, name, "momentum", "in [0, 1]", momentum);
        detail::check_treatment(name, {weight_decay, clipnorm, clipvalue, global_clipnorm});
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
