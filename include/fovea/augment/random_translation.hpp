#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// Shifts images, down by a part of their height from [-height_factor, height_factor] or from its two ends, and right by such a part of
/// their width.
struct RandomTranslation {
    Factor height_factor = 0;
    Factor width_factor = 0;
    FillMode fill_mode = FillMode::reflect;
    Interpolation interpolation = Interpolation::bilinear;
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomTranslation";

    void fields(SpecVisitor& visit) {
        visit("height_factor", height_factor);
        visit("width_factor", width_factor);
        visit("fill_mode", fill_mode);
        visit("interpolation", interpolation);
        visit("fill_value", fill_value);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomTranslation, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "height_factor", height_factor, height_factor.both_signs(), {-1, 1});
        detail::check_factor(type, "width_factor", width_factor, width_factor.both_signs(), {-1, 1});
    }

    ProjectiveMap mapping(Size2D size, Draw& draw) const {
        const auto [up, down] = height_factor.both_signs();
        const auto [left, right] = width_factor.both_signs();
        const double dy = rounded(draw.uniform(up, down) * static_cast<double>(size.height));
        const double dx = rounded(draw.uniform(left, right) * static_cast<double>(size.width));
        return ProjectiveMap::shift(-dx, -dy);
    }
};

static_assert(LayerSpec<RandomTranslation>);

} // namespace fovea
