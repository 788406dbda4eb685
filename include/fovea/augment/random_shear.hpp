#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// Shifts rows by a multiple of their distance from the middle, and columns likewise: (x, y) from (x + f y, y + g x), with f from
/// [0, x_factor] or from its two ends, g from y_factor, each of them positive or negative.
/// Keras does it about the top left corner, which shifts images, too.
struct RandomShear {
    Factor x_factor = 0;
    Factor y_factor = 0;
    Interpolation interpolation = Interpolation::bilinear;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomShear";

    void fields(SpecVisitor& visit) {
        visit("x_factor", x_factor);
        visit("y_factor", y_factor);
        visit("interpolation", interpolation);
        visit("fill_mode", fill_mode);
        visit("fill_value", fill_value);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomShear, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "x_factor", x_factor, x_factor.from_zero(), {0, 1});
        detail::check_factor(type, "y_factor", y_factor, y_factor.from_zero(), {0, 1});
    }

    ProjectiveMap mapping(Size2D size, Draw& draw) const {
        const auto slope = [&](const Factor& factor) {
            const auto [low, high] = factor.from_zero();
            const double amount = draw.uniform(low, high);
            return draw.chance(0.5) ? -amount : amount;
        };
        const double f = slope(x_factor);
        const double g = slope(y_factor);
        return ProjectiveMap::about_middle(size, 1, f, g, 1);
    }
};

static_assert(LayerSpec<RandomShear>);

} // namespace fovea
