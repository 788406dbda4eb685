#pragma once
#include <limits>

#include <fovea/losses/categorical_crossentropy.hpp>

/// What the focal losses share. They multiply the cross-entropy of a probability p by (1 - p)^gamma, so that what is right
/// already hardly counts and the rest decides: Lin et al., Focal Loss for Dense Object Detection, arXiv:1708.02002.
namespace fovea::detail {

inline void check_focal(std::string_view name, double alpha, double gamma) {
    require<ValueError>(std::isfinite(alpha) && alpha >= 0, name, ": alpha must be a finite number >= 0, got ", alpha);
    require<ValueError>(std::isfinite(gamma) && gamma >= 0, name, ": gamma must be a finite number >= 0, got ", gamma);
}

/// base^exponent of a base >= 0.
inline double power(double base, double exponent) { return exponent == 0 ? 1 : math::exp(exponent * math::log(base)); }

/// The derivative of base^exponent by the base, and 0 where that is infinite: there it is multiplied by nothing.
inline double power_slope(double base, double exponent) {
    if (base == 0 && exponent < 1) return 0;
    return exponent == 0 ? 0 : exponent * power(base, exponent - 1);
}

/// -alpha (1 - p)^gamma log p, and p times its derivative by p.
struct FocalTerm {
    double loss;
    double slope;

    FocalTerm(double p, double log_p, double alpha, double gamma) {
        const double focus = power(1 - p, gamma);
        loss = -alpha * focus * log_p;
        slope = alpha * std::fma(power_slope(1 - p, gamma) * p, log_p, -focus);
    }
};

/// What the outputs of a categorical focal loss are.
enum class FocalOutput { probabilities, logits, softmax };

inline FocalOutput focal_output(bool from_logits, bool before_activation) {
    if (from_logits) return FocalOutput::logits;
    return before_activation ? FocalOutput::softmax : FocalOutput::probabilities;
}

/// Sum over j of target(j) * focal loss of p[j]. Probabilities are y divided by its sum and then clipped, and the gradient is
/// by y; from logits or behind a softmax nothing is clipped, and the gradient is by the logits.
template <class T, class Target>
double focal_cross_entropy(const LossRow<T>& row, const Target& target, double alpha, double gamma,
                           FocalOutput output) {
    constexpr T least = std::numeric_limits<T>::min(); // stands for a y that was too small for T
    const bool given = output == FocalOutput::probabilities;
    const double normaliser = output == FocalOutput::logits ? log_sum_exp(row.y) : 0;
    double divisor = given ? 0 : 1;
    if (given)
        for (const T y : row.y) divisor += static_cast<double>(y);
    const auto probability = [&](std::size_t j) {
        const auto y = static_cast<double>(row.y[j]);
        return output == FocalOutput::logits ? math::exp(y - normaliser) : y / divisor;
    };
    const auto term = [&](std::size_t j) {
        const double p = given ? clip_probability(probability(j)) : probability(j);
        const double log_p = output == FocalOutput::logits ? static_cast<double>(row.y[j]) - normaliser
                             : given                       ? math::log(p)
                                     : math::log(static_cast<double>(row.y[j] < least ? least : row.y[j]));
        return FocalTerm(p, log_p, alpha, gamma);
    };
    double loss = 0;
    double slopes = 0;
    for (std::size_t j = 0; j < row.y.size(); ++j) {
        const double t = target(j);
        if (t == 0) continue; // a one-hot code costs one logarithm
        const auto [its_loss, its_slope] = term(j);
        loss = std::fma(t, its_loss, loss);
        if (!given || !is_clipped(probability(j))) slopes = std::fma(t, its_slope, slopes);
    }
    if (given && std::isnan(divisor)) loss = divisor;
    for (std::size_t j = 0; j < row.dy.size(); ++j) {
        const double t = target(j);
        const double p = probability(j);
        const double own = t == 0 || (given && is_clipped(p)) ? 0 : t * term(j).slope;
        const double gradient = given ? ((own == 0 ? 0 : own / p) - slopes) / divisor : std::fma(-p, slopes, own);
        row.dy[j] = static_cast<T>(gradient * row.factor);
    }
    return loss;
}

} // namespace fovea::detail
