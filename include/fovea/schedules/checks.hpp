#pragma once
#include <cmath>
#include <string>
#include <string_view>

#include <fovea/core/shape.hpp>

/// The checks that schedules and optimizers share. They throw ValueError with the owner's name, the option's name and its value.
namespace fovea::detail {

/// NaN has a sign, and prints it; nobody wants to read `-nan`.
inline std::string number_text(double value) { return std::isnan(value) ? "nan" : text(value); }

inline void check_option(bool allowed, std::string_view owner, std::string_view option, std::string_view expected,
                         double value) {
    if (!allowed) throw ValueError(text(owner, ": ", option, " must be ", expected, ", got ", number_text(value)));
}

inline void check_not_negative(std::string_view owner, std::string_view option, double value) {
    check_option(std::isfinite(value) && value >= 0, owner, option, "a finite number >= 0", value);
}

inline void check_positive(std::string_view owner, std::string_view option, double value) {
    check_option(std::isfinite(value) && value > 0, owner, option, "a finite number > 0", value);
}

inline void check_steps(std::string_view owner, std::string_view option, Index steps) {
    check_option(steps >= 1, owner, option, "at least 1", static_cast<double>(steps));
}

inline void check_learning_rate(std::string_view owner, double rate) {
    check_not_negative(owner, "learning_rate", rate);
}

} // namespace fovea::detail
