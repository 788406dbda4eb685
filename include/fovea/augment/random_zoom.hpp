#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// Makes what is on images smaller or larger, about their middle: an image 1 + f times as high is seen in the old one's place, with f from
/// [-height_factor, height_factor] or from its two ends. So positive zooms out, negative zooms in.
struct RandomZoom {
    Factor height_factor = 0;
    OptionalFactor width_factor = {}; ///< left out: as the height, so that the shape of things stays
    FillMode fill_mode = FillMode::reflect;
    Interpolation interpolation = Interpolation::bilinear;
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomZoom";

    void fields(SpecVisitor& visit) {
        visit("height_factor", height_factor);
        visit("width_factor", width_factor);
        visit("fill_mode", fill_mode);
        visit("interpolation", interpolation);
        visit("fill_value", fill_value);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomZoom, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        check_zoom("height_factor", height_factor);
        if (width_factor) check_zoom("width_factor", *width_factor);
    }

    ProjectiveMap mapping(Size2D size, Draw& draw) const {
        const auto zoom = [&](const Factor& factor) {
            const auto [low, high] = factor.both_signs();
            return 1 + draw.uniform(low, high);
        };
        const double height = zoom(height_factor);
        const double width = width_factor ? zoom(*width_factor) : height;
        return ProjectiveMap::about_middle(size, width, 0, 0, height);
    }

private:
    static void check_zoom(const char* field, const Factor& factor) {
        detail::check_factor(type, field, factor, factor.both_signs(), {-1, 1});
        require<ValueError>(factor.both_signs().low > -1, type, ": ", field, " must be above -1, got ", factor);
    }
};

static_assert(LayerSpec<RandomZoom>);

} // namespace fovea
