#pragma once
#include <optional>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/augment/patch.hpp>

namespace fovea {

/// x (height, width, channels): a rectangle becomes `fill_value`, or normal noise if there is none (mean 0, standard deviation
/// value_range.high), cut to `value_range`. Its height is the square root of a number from [0, scale], or from scale's two ends, times the
/// picture's, its width the same with another number, so that scale is about the part of the area. Done with a probability from
/// [0, factor] or from factor's two ends: one number f means f / 2 of all samples, as in Keras, `{1, 1}` all.
/// Zhong et al., "Random Erasing Data Augmentation", 2020. Cutout (DeVries and Taylor 2017) is
/// `RandomErasing{.factor = {1, 1}, .scale = {0.25, 0.25}, .fill_value = 0}`: a quarter of the picture, black.
struct RandomErasing {
    Factor factor = 1;
    Factor scale = {0.02, 0.33};
    std::optional<double> fill_value = {};
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomErasing";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("scale", scale);
        visit("fill_value", fill_value);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomErasing, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "factor", factor, factor.from_zero(), {0, 1});
        detail::check_factor(type, "scale", scale, scale.from_zero(), {0, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto [low, high] = factor.from_zero();
        if (!draw.chance((low + high) / 2)) return;
        const auto part = [&] { return std::sqrt(draw.uniform(scale.from_zero().low, scale.from_zero().high)); };
        const double width = part(), height = part();
        const detail::Patch patch = detail::draw_patch(x.shape(), height, width, draw);
        detail::each_row(patch, x.shape(), [&](Index first, Index count) {
            for (T& value : x.span().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)))
                value = detail::clip(static_cast<T>(fill_value ? *fill_value : value_range.high * draw.normal()),
                                     value_range);
        });
    }
};

static_assert(LayerSpec<RandomErasing>);

} // namespace fovea
