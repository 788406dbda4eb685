#pragma once
#include <cmath>
#include <vector>

#include <fovea/core/arena.hpp>
#include <fovea/core/parameters.hpp>
#include <fovea/core/tensor.hpp>

namespace fovea {

/// A BatchNormalization that has been taken into the convolution or dense layer in front of it, for inference, where it is but a factor
/// and a shift for each channel:
///
///     gamma * (x w + b - mean) / sqrt(variance + epsilon) + beta = x (factor * w) + (b - mean) * factor + beta
template <class T>
class NormalizationFold {
public:
    NormalizationFold() = default;
    NormalizationFold(const Parameter& gamma, const Parameter& beta, const Parameter& mean, const Parameter& variance,
                      double epsilon)
        : gamma_(gamma), beta_(beta), mean_(mean), variance_(variance), epsilon_(epsilon) {}

    /// Whether there is one.
    explicit operator bool() const { return channels() > 0; }
    Index channels() const { return mean_.size(); }

    /// What the new bias takes up.
    Index bytes() const { return Arena::bytes<T>(channels()); }

    /// The kernel (..., channels) times the factors.
    Tensor<T> kernel(std::span<const T> values, const Parameter& weights) const {
        Tensor<T> folded(weights.in(values));
        std::vector<T> factors;
        for (Index c = 0; c < channels(); ++c) factors.push_back(factor(values, c));
        for (Index i = 0; i < folded.size(); ++i) folded[i] *= factors[static_cast<std::size_t>(i % channels())];
        return folded;
    }

    /// `folded` (channels) = the new bias, from the old one, which there need not be.
    void bias(std::span<const T> values, const Parameter& bias, T* folded) const {
        const ConstView<T> old = bias.in(values);
        const ConstView<T> mean = mean_.in(values);
        const ConstView<T> beta = beta_.in(values);
        for (Index c = 0; c < channels(); ++c)
            folded[c] =
                std::fma((old.empty() ? T{0} : old[c]) - mean[c], factor(values, c), beta.empty() ? T{0} : beta[c]);
    }

private:
    T factor(std::span<const T> values, Index c) const {
        const ConstView<T> gamma = gamma_.in(values);
        const T scale = gamma.empty() ? T{1} : gamma[c];
        return scale / std::sqrt(variance_.in(values)[c] + static_cast<T>(epsilon_));
    }

    Parameter gamma_;
    Parameter beta_;
    Parameter mean_;
    Parameter variance_;
    double epsilon_ = 0;
};

} // namespace fovea
