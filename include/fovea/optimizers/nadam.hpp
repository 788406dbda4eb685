#pragma once
#include <algorithm>

#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam with Nesterov's momentum (Dozat 2016), whose own beta_1 grows from half of beta_1 on. In step t, from 1:
///
///     u(t) = beta_1 * (1 - 0.96^t / 2),   U(t) = u(1) * ... * u(t)
///     m += (gradient - m) * (1 - beta_1)
///     v += (gradient^2 - v) * (1 - beta_2)
///     direction = m * u(t + 1) / (1 - U(t + 1)) + gradient * (1 - u(t)) / (1 - U(t))
///     w -= learning_rate * direction / (sqrt(v / (1 - beta_2^t)) + epsilon)
struct Nadam {
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

    static constexpr std::string_view name = "Nadam";

    Index slots() const { return 2; }

    void check() const {
        detail::check_common(*this);
        detail::AdamRule{beta_1, beta_2, epsilon}.check(name);
    }

    template <class T>
    void update(const Update<T>& u) const {
        const double product = u_product(u.iteration);
        const double after = product * u_of(u.iteration + 1);
        const detail::NadamFactors<T> factors{static_cast<T>(1 - beta_1),
                                              static_cast<T>(1 - beta_2),
                                              static_cast<T>(u_of(u.iteration + 1) / (1 - rounded(after))),
                                              static_cast<T>((1 - u_of(u.iteration)) / (1 - product)),
                                              static_cast<T>(u.learning_rate),
                                              static_cast<T>(1 / (1 - math::power(beta_2, u.iteration))),
                                              static_cast<T>(epsilon)};
        simd::dispatch([&](auto target) {
            nadam_step(target, factors, u.values.data(), u.gradients.data(), u.slot_0.data(), u.slot_1.data(),
                       static_cast<Index>(u.values.size()));
        });
    }

private:
    double u_of(Index t) const { return rounded(beta_1 * (1 - 0.5 * math::power(0.96, t))); }

    /// U(t), from t alone, so that training can be taken up again anywhere. Beyond 1000 steps 0.96^t is less than rounding.
    double u_product(Index t) const {
        double product = math::power(beta_1, t);
        double decay = 1;
        for (Index i = std::min<Index>(t, 1000); i > 0 && product > 0; --i) {
            decay *= 0.96;
            product *= 1 - 0.5 * decay;
        }
        return rounded(product);
    }
};

static_assert(OptimizerSpec<Nadam>);

} // namespace fovea
