#pragma once
#include <array>
#include <string>
#include <string_view>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/core/names.hpp>

namespace fovea {

/// Which sides change places.
enum class FlipMode { horizontal, vertical, horizontal_and_vertical };

inline std::string_view name_of(FlipMode mode) {
    constexpr std::array<std::string_view, 3> names{"horizontal", "vertical", "horizontal_and_vertical"};
    return names[static_cast<std::size_t>(mode)];
}

/// Throws ValueError for an unknown name.
inline void from_name(std::string_view name, FlipMode& mode) {
    using enum FlipMode;
    mode = detail::value_named("FlipMode", name, {horizontal, vertical, horizontal_and_vertical});
}

/// Exchanges left and right, top and bottom, or each of the two by itself, of every other image. `horizontal_and_vertical` is Keras's
/// default; most photographs want FlipMode::horizontal. Keras exchanges both or neither.
struct RandomFlip {
    FlipMode mode = FlipMode::horizontal_and_vertical;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomFlip";

    void fields(SpecVisitor& visit) { visit("mode", mode); }

    template <class T>
    using Layer = AugmentationLayer<RandomFlip, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {}

    ProjectiveMap mapping(Size2D size, Draw& draw) const {
        const bool left_right = mode != FlipMode::vertical && draw.chance(0.5);
        const bool top_bottom = mode != FlipMode::horizontal && draw.chance(0.5);
        return ProjectiveMap::about_middle(size, left_right ? -1 : 1, 0, 0, top_bottom ? -1 : 1);
    }
};

static_assert(LayerSpec<RandomFlip>);

} // namespace fovea
