#pragma once
#include <algorithm>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/colors.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// x (height, width, 3 or 1): with the probability `factor`, all three channels become the luma of RGB; one channel is grey already.
/// Throws ShapeError for other channels.
struct RandomGrayscale {
    double factor = 0.5;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomGrayscale";

    void fields(SpecVisitor& visit) { visit("factor", factor); }

    template <class T>
    using Layer = AugmentationLayer<RandomGrayscale, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const { detail::check_factor(type, "factor", factor, {factor, factor}, {0, 1}); }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        if (x.shape().last() == 1) return;
        detail::require_rgb(type, x.shape());
        if (!draw.chance(factor)) return;
        for (T* rgb = x.begin(); rgb != x.end(); rgb += 3) std::fill_n(rgb, 3, static_cast<T>(detail::luma(rgb)));
    }
};

static_assert(LayerSpec<RandomGrayscale>);

} // namespace fovea
