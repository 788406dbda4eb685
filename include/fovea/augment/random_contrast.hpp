#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/core/rounding.hpp>

namespace fovea {

/// x (height, width, channels): mean + strength (x - mean), cut to `value_range`, where the mean is that of the channel and the strength is
/// from [1 - factor, 1 + factor], or from [1 - low, 1 + high] of factor's two ends. (Keras says so too, but 3.x draws from
/// [1, 1 + factor].)
struct RandomContrast {
    Factor factor = 0;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomContrast";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomContrast, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        const auto [lower, upper] = factor.as_written();
        require<ValueError>(lower <= 1 && upper <= 1 && -lower <= upper, type,
                            ": factor must be from 0 to 1, or two such numbers, got ", factor);
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto [lower, upper] = factor.as_written();
        const double strength = draw.uniform(1 - lower, 1 + upper);
        const Index channels = x.shape().last();
        for (Index c = 0; c < channels && !x.empty(); ++c) {
            double sum = 0;
            for (Index i = c; i < x.size(); i += channels) sum += x[i];
            const double mean = sum / static_cast<double>(x.size() / channels);
            for (Index i = c; i < x.size(); i += channels)
                x[i] = detail::clip(static_cast<T>(mean + rounded(strength * (x[i] - mean))), value_range);
        }
    }
};

static_assert(LayerSpec<RandomContrast>);

} // namespace fovea
