#pragma once
#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam with weight decay of its own (Loshchilov and Hutter 2019): before Adam's rule,
/// w -= learning_rate * weight_decay * w.
struct AdamW {
    double learning_rate = 0.001;
    double weight_decay = 0.004;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};

    static constexpr std::string_view name = "AdamW";

    Index slots() const { return adam().slots(); }
    void check() const { adam().check_as(name); }

    template <class T>
    void update(const Update<T>& u) const {
        adam().update(u);
    }

private:
    Adam adam() const {
        return {learning_rate, beta_1, beta_2, epsilon, weight_decay, clipnorm, clipvalue, global_clipnorm};
    }
};

static_assert(OptimizerSpec<AdamW>);

} // namespace fovea
