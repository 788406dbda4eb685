#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/colors.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// x (height, width, 3 or 1): x + f (luma - x), cut to `value_range`, with f from [0, factor] or from factor's two ends. 0 leaves the picture
/// as it is, 1 makes it grey. Throws ShapeError for other channels.
struct RandomColorDegeneration {
    Factor factor = 0.5;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomColorDegeneration";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomColorDegeneration, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "factor", factor, factor.from_zero(), {0, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        if (x.shape().last() == 1) return;
        detail::require_rgb(type, x.shape());
        const auto [low, high] = factor.from_zero();
        const double f = draw.uniform(low, high);
        for (T* rgb = x.begin(); rgb != x.end(); rgb += 3) {
            const double grey = detail::luma(rgb);
            for (int c = 0; c < 3; ++c)
                rgb[c] = detail::clip(static_cast<T>(rgb[c] + rounded(f * (grey - rgb[c]))), value_range);
        }
    }
};

static_assert(LayerSpec<RandomColorDegeneration>);

} // namespace fovea
