#pragma once
#include <algorithm>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// Distorts images as if they were of rubber (Simard et al. 2003). Displacements are nearly normal; with s from [0, scale] or from its
/// two ends, their standard deviation is 0.0282 s of the longer side, and they are alike within 0.05 s of the shorter one, as in Keras.
///
/// Keras smooths noise by a Gaussian of that width. Here it is drawn at control points only, a cubic B-spline between which is nearly the
/// same, at some 200 points for s = 1 instead of every pixel. There are at most 24 along a side: below s = 0.55 fields are smoother
/// than Keras's, which tear images apart.
struct RandomElasticTransform {
    double factor = 1; ///< the part of images that are distorted; Keras draws it between 0 and this
    Factor scale = 1;
    Interpolation interpolation = Interpolation::bilinear;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomElasticTransform";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("scale", scale);
        visit("interpolation", interpolation);
        visit("fill_mode", fill_mode);
        visit("fill_value", fill_value);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomElasticTransform, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        require<ValueError>(0 <= factor && factor <= 1, type, ": factor must be from 0 to 1, got ", factor);
        detail::check_factor(type, "scale", scale, scale.from_zero(), {0, 1});
    }

    DisplacementField mapping(Size2D size, Draw& draw) const {
        const bool distorts = draw.chance(factor);
        const auto [low, high] = scale.from_zero();
        const double s = distorts ? draw.uniform(low, high) : 0;
        // Noise that a Gaussian of width sigma smooths has a standard deviation of 1 / sqrt(4 pi) sigma; Keras multiplies it by sigma and
        // by alpha = 0.1 s of the longer side. A B-spline's own width is spacing / sqrt(3).
        const double deviation = 0.1 * s * static_cast<double>(std::max(size.height, size.width)) * 0.28209479177387814;
        const double sigma = 0.05 * s * static_cast<double>(std::min(size.height, size.width));
        return {size, std::max(1.0, sigma * 1.7320508075688772), deviation / DisplacementField::smoothed, draw};
    }
};

static_assert(LayerSpec<RandomElasticTransform>);

} // namespace fovea
