#pragma once
#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam with weight decay of its own (Loshchilov and Hutter 2019): before Adam's rule,
/// w -= learning_rate * weight_decay * w.
struct AdamW {
    LearningRate learning_rate = 0.001;
    double weight_decay = 0.004;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};

    static constexpr std::string_view name = "AdamW";

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

static_assert(OptimizerSpec<AdamW>);

} // namespace fovea
