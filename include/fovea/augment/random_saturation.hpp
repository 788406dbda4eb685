#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/colors.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// x (height, width, 3), RGB: the saturation of HSV times f / (1 - f), cut to 1, with f from [0, factor] or from factor's two ends. 0 is
/// grey, 0.5 leaves the picture as it is, towards 1 every colour becomes as strong as it can be. Hue and value stay.
/// (Keras says so too, but 3.x draws from [-factor, factor].) Throws ShapeError for other channels.
struct RandomSaturation {
    Factor factor = 0.5;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomSaturation";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomSaturation, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const {
        detail::require_rgb(type, input);
        return detail::augmented_shape(*this, input);
    }

    void check() const {
        detail::check_factor(type, "factor", factor, factor.from_zero(), {0, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        detail::require_rgb(type, x.shape());
        const auto [low, high] = factor.from_zero();
        const double f = draw.uniform(low, high);
        const double strength = f / (1 - f + 1e-7); // Keras's epsilon
        for (T* rgb = x.begin(); rgb != x.end(); rgb += 3) {
            const double most = std::max({rgb[0], rgb[1], rgb[2]}), least = std::min({rgb[0], rgb[1], rgb[2]});
            const double value = most - value_range.low;
            if (most == least || value <= 0) continue;
            // With s = (most - least) / value, each part is most - value s (1 - its share): only s changes.
            const double change = std::min(strength, value / (most - least));
            for (int c = 0; c < 3; ++c) rgb[c] = static_cast<T>(most - rounded(change * (most - rgb[c])));
        }
    }
};

static_assert(LayerSpec<RandomSaturation>);

} // namespace fovea
