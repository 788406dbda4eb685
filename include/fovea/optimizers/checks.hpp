#pragma once
#include <string>
#include <string_view>

#include <fovea/optimizers/optimizer.hpp>

/// The checks that optimizers share. They throw ValueError with the optimizer's name, the option's name and its value.
namespace fovea::detail {

inline void check_beta(std::string_view optimizer, std::string_view option, double beta) {
    check_option(0 <= beta && beta < 1, optimizer, option, "in [0, 1)", beta);
}

inline void check_treatment(std::string_view optimizer, const Treatment& treatment) {
    if (const auto decay = treatment.weight_decay) check_not_negative(optimizer, "weight_decay", *decay);
    std::string set;
    const auto check_clip = [&](std::string_view option, const std::optional<double>& limit) {
        if (!limit) return;
        check_positive(optimizer, option, *limit);
        require<ValueError>(set.empty(), optimizer,
                            ": only one of clipnorm, clipvalue and global_clipnorm can be set, got ", set, " and ",
                            option, "=", *limit);
        set = text(option, "=", *limit);
    };
    check_clip("clipnorm", treatment.clipnorm);
    check_clip("clipvalue", treatment.clipvalue);
    check_clip("global_clipnorm", treatment.global_clipnorm);
    check_option(0 <= treatment.ema_momentum && treatment.ema_momentum <= 1, optimizer, "ema_momentum", "in [0, 1]",
                 treatment.ema_momentum);
    if (const auto frequency = treatment.ema_overwrite_frequency)
        check_steps(optimizer, "ema_overwrite_frequency", *frequency);
    if (const auto steps = treatment.gradient_accumulation_steps)
        check_option(*steps >= 2, optimizer, "gradient_accumulation_steps", "at least 2", static_cast<double>(*steps));
}

/// The learning rate and what else all optimizers have.
template <class O>
void check_common(const O& optimizer) {
    LearningRate(optimizer.learning_rate).check(O::name);
    check_treatment(O::name, treatment_of(optimizer));
}

} // namespace fovea::detail
