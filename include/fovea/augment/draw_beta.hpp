#pragma once
#include <cmath>

#include <fovea/augment/draw.hpp>
#include <fovea/core/math.hpp>

namespace fovea::detail {

/// The logarithm of a number from the gamma distribution with this shape, since for a small shape the number itself is often below what
/// a double can hold. Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
inline double draw_log_gamma(double shape, Draw& draw) {
    if (shape < 1) {
        const double larger = draw_log_gamma(shape + 1, draw);
        return larger + math::log(draw.uniform(0, 1)) / shape;
    }
    const double d = shape - 1.0 / 3;
    const double c = 1 / (3 * std::sqrt(d));
    for (;;) {
        const double x = draw.normal();
        const double root = std::fma(c, x, 1.0);
        if (root <= 0) continue;
        const double v = rounded(root * root * root);
        const double log_v = math::log(v);
        if (math::log(draw.uniform(0, 1)) < std::fma(d, 1 - v + log_v, rounded(x * x / 2))) return math::log(d) + log_v;
    }
}

/// From the beta distribution with both parameters alpha > 0: around 1/2 for a large alpha, near 0 or 1 for a small one.
inline double draw_beta(double alpha, Draw& draw) {
    const double a = draw_log_gamma(alpha, draw);
    const double b = draw_log_gamma(alpha, draw);
    return math::sigmoid(a - b);
}

} // namespace fovea::detail
