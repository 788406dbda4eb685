#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>

namespace fovea {

/// Tilts images in space: each corner moves, along both axes, by up to scale / 4 of the sides, in or out.
/// Keras moves corners by up to half of their distance from the top left one, which stays; that can turn an image inside out.
struct RandomPerspective {
    double factor = 1; ///< the part of images that are tilted; Keras draws it between 0 and this
    double scale = 1;
    Interpolation interpolation = Interpolation::bilinear;
    FillMode fill_mode = FillMode::constant; ///< the one that Keras has
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomPerspective";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("scale", scale);
        visit("interpolation", interpolation);
        visit.if_other("fill_mode", fill_mode, FillMode::constant);
        visit("fill_value", fill_value);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomPerspective, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        require<ValueError>(0 <= factor && factor <= 1, type, ": factor must be from 0 to 1, got ", factor);
        require<ValueError>(0 <= scale && scale <= 1, type, ": scale must be from 0 to 1, got ", scale);
    }

    ProjectiveMap mapping(Size2D size, Draw& draw) const {
        if (!draw.chance(factor)) return {};
        const auto width = static_cast<double>(size.width), height = static_cast<double>(size.height);
        std::array<Point2D, 4> corners{
            {{-0.5, -0.5}, {width - 0.5, -0.5}, {width - 0.5, height - 0.5}, {-0.5, height - 0.5}}};
        for (Point2D& corner : corners) {
            corner.x += rounded(draw.uniform(-scale / 4, scale / 4) * width);
            corner.y += rounded(draw.uniform(-scale / 4, scale / 4) * height);
        }
        return ProjectiveMap::corners_to(size, corners);
    }
};

static_assert(LayerSpec<RandomPerspective>);

} // namespace fovea
