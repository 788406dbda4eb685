#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/colors.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// x (height, width, 3), RGB: the hue of HSV is turned by f half circles one way or the other, with f from [0, factor] or from factor's
/// two ends. 1 makes red cyan. Saturation and value stay. Throws ShapeError for other channels.
/// Keras's `value_range` is not needed: hues do not depend on it.
struct RandomHue {
    Factor factor = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomHue";

    void fields(SpecVisitor& visit) { visit("factor", factor); }

    template <class T>
    using Layer = AugmentationLayer<RandomHue, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const {
        detail::require_rgb(type, input);
        return detail::augmented_shape(*this, input);
    }

    void check() const { detail::check_factor(type, "factor", factor, factor.from_zero(), {0, 1}); }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        detail::require_rgb(type, x.shape());
        const auto [low, high] = factor.from_zero();
        const double sign = draw.chance(0.5) ? -1 : 1;
        const double sixths = rounded(3 * sign * draw.uniform(low, high));
        for (T* rgb = x.begin(); rgb != x.end(); rgb += 3) {
            detail::Hue hue = detail::hue_of(rgb);
            hue.sixths += sixths;
            if (hue.sixths < 0) hue.sixths += 6;
            if (hue.sixths > 6) hue.sixths -= 6;
            detail::set_hue(hue, rgb);
        }
    }
};

static_assert(LayerSpec<RandomHue>);

} // namespace fovea
