#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// Turns images about their middle, by an angle from [-factor, factor] or from factor's two ends, in fractions of a whole turn; positive is
/// counter-clockwise. `RandomRotation{.degrees = 10}` says the same in degrees.
struct RandomRotation {
    Factor factor = 0;
    Factor degrees = 0; ///< instead of factor, which then is 0
    FillMode fill_mode = FillMode::reflect;
    Interpolation interpolation = Interpolation::bilinear;
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomRotation";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit.if_other("degrees", degrees, 0);
        visit("fill_mode", fill_mode);
        visit("interpolation", interpolation);
        visit("fill_value", fill_value);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomRotation, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "factor", factor, factor.both_signs(), {-1, 1});
        detail::check_factor(type, "degrees", degrees, degrees.both_signs(), {-360, 360});
        constexpr Interval none{0, 0};
        require<ValueError>(factor.both_signs() == none || degrees.both_signs() == none, type,
                            ": expected an angle as factor or in degrees, got factor ", factor, " and degrees ",
                            degrees);
    }

    ProjectiveMap mapping(Size2D size, Draw& draw) const {
        const auto [low, high] = factor.both_signs();
        const auto [least, most] = degrees.both_signs();
        const double turn = draw.uniform(low + least / 360, high + most / 360);
        const double cosine = math::cos_pi(2 * turn), sine = math::cos_pi(2 * turn - 0.5);
        return ProjectiveMap::about_middle(size, cosine, -sine, sine, cosine);
    }
};

static_assert(LayerSpec<RandomRotation>);

} // namespace fovea
