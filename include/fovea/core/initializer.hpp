#pragma once
#include <array>
#include <cmath>
#include <optional>
#include <ostream>
#include <string_view>

#include <fovea/core/math.hpp>
#include <fovea/core/random.hpp>
#include <fovea/core/view.hpp>

namespace fovea {

/// How many inputs feed one output of a layer, and how many outputs one input feeds.
struct Fans {
    Index in = 1;
    Index out = 1;
};

/// How a parameter starts, as Keras defines it: `Initializer::glorot_uniform`, `Initializer::constant(0.1)` ...
///
/// With scale s / n, where (s, n) is glorot (1, (in + out) / 2), he (2, in), lecun (1, in): uniform draws from
/// [-l, l), l = sqrt(3 s / n); normal draws from a normal distribution cut off at two standard deviations, whose
/// standard deviation after the cut is sqrt(s / n).
class Initializer {
public:
    static const Initializer zeros, ones, glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform,
        lecun_normal;

    static constexpr Initializer constant(double value) { return {"constant", value}; }

    /// Throws ValueError for a name that is not one of the above, and lists them.
    static Initializer from_name(std::string_view name);

    std::string_view name() const { return name_; }
    /// Of a constant one.
    double value() const { return scale_; }

    /// Writes the starting values; element i depends on the stream and on i alone.
    template <class T>
    void fill(View<T> values, Fans fans, const random::Stream& stream) const {
        for (Index i = 0; i < values.size(); ++i)
            values[i] = static_cast<T>(draw(fans, stream, static_cast<std::uint64_t>(i)));
    }

    friend std::ostream& operator<<(std::ostream& out, const Initializer& initializer) {
        return out << initializer.name_;
    }

private:
    enum class Distribution { constant, uniform, truncated_normal };
    enum class Mode { average, in };

    constexpr Initializer(std::string_view name, double value) : name_(name), scale_(value) {}
    constexpr Initializer(std::string_view name, Distribution distribution, double scale, Mode mode)
        : name_(name), distribution_(distribution), scale_(scale), mode_(mode) {}

    double draw(Fans fans, const random::Stream& stream, std::uint64_t i) const {
        if (distribution_ == Distribution::constant) return scale_;
        const double n = mode_ == Mode::in ? static_cast<double>(fans.in) : static_cast<double>(fans.in + fans.out) / 2;
        const double variance = scale_ / std::max(1.0, n);
        if (distribution_ == Distribution::uniform) return std::sqrt(3 * variance) * (2 * stream.uniform(i) - 1);
        constexpr double deviation_after_cut = 0.87962566103423978; // of a standard normal cut off at +-2
        constexpr double below_minus_two = 0.022750131948179207;    // its probability below -2
        const double p = std::fma(1 - 2 * below_minus_two, stream.uniform(i), below_minus_two);
        return std::sqrt(variance) / deviation_after_cut * math::normal_quantile(p);
    }

    std::string_view name_;
    Distribution distribution_ = Distribution::constant;
    double scale_ = 0;
    Mode mode_ = Mode::average;
};

inline constexpr Initializer Initializer::zeros{"zeros", 0.0};
inline constexpr Initializer Initializer::ones{"ones", 1.0};
inline constexpr Initializer Initializer::glorot_uniform{"glorot_uniform", Distribution::uniform, 1, Mode::average};
inline constexpr Initializer Initializer::glorot_normal{"glorot_normal", Distribution::truncated_normal, 1,
                                                        Mode::average};
inline constexpr Initializer Initializer::he_uniform{"he_uniform", Distribution::uniform, 2, Mode::in};
inline constexpr Initializer Initializer::he_normal{"he_normal", Distribution::truncated_normal, 2, Mode::in};
inline constexpr Initializer Initializer::lecun_uniform{"lecun_uniform", Distribution::uniform, 1, Mode::in};
inline constexpr Initializer Initializer::lecun_normal{"lecun_normal", Distribution::truncated_normal, 1, Mode::in};

inline Initializer Initializer::from_name(std::string_view name) {
    for (const Initializer& known :
         {zeros, ones, glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal})
        if (known.name_ == name) return known;
    throw ValueError(text("Initializer: unknown name \"", name,
                          "\"; known are zeros, ones, glorot_uniform, glorot_normal, he_uniform, he_normal, "
                          "lecun_uniform, lecun_normal"));
}

} // namespace fovea
