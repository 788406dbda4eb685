#pragma once
#include <cmath>
#include <string>
#include <string_view>

#include <fovea/optimizers/optimizer.hpp>

/// The checks that optimizers share. They throw ValueError with the optimizer's name, the option's name and its value.
namespace fovea::detail {

/// NaN has a sign, and prints it; nobody wants to read `-nan`.
inline std::string number_text(double value) { return std::isnan(value) ? "nan" : text(value); }

inline void check_option(bool allowed, std::string_view optimizer, std::string_view option, std::string_view expected,
                         double value) {
    if (!allowed) throw ValueError(text(optimizer, ": ", option, " must be ", expected, ", got ", number_text(value)));
}

inline void check_learning_rate(std::string_view optimizer, double learning_rate) {
    check_option(std::isfinite(learning_rate) && learning_rate >= 0, optimizer, "learning_rate", "a finite number >= 0",
                 learning_rate);
}

inline void check_beta(std::string_view optimizer, std::string_view option, double beta) {
    check_option(0 <= beta && beta < 1, optimizer, option, "in [0, 1)", beta);
}

inline void check_treatment(std::string_view optimizer, const GradientTreatment& treatment) {
    if (const auto decay = treatment.weight_decay)
        check_option(std::isfinite(*decay) && *decay >= 0, optimizer, "weight_decay", "a finite number >= 0", *decay);
    std::string set;
    const auto check_clip = [&](std::string_view option, const std::optional<double>& limit) {
        if (!limit) return;
        check_option(std::isfinite(*limit) && *limit > 0, optimizer, option, "a finite number > 0", *limit);
        require<ValueError>(set.empty(), optimizer,
                            ": only one of clipnorm, clipvalue and global_clipnorm can be set, got ", set, " and ",
                            option, "=", *limit);
        set = text(option, "=", *limit);
    };
    check_clip("clipnorm", treatment.clipnorm);
    check_clip("clipvalue", treatment.clipvalue);
    check_clip("global_clipnorm", treatment.global_clipnorm);
}

} // namespace fovea::detail
