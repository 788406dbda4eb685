#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>

namespace fovea {

/// Which sides change places.
enum class FlipMode { horizontal, vertical, horizontal_and_vertical };

/// Exchanges left and right, top and bottom, or each of the two by itself, of every other image. `horizontal_and_vertical` is Keras's
/// default; most photographs want FlipMode::horizontal. Keras exchanges both or neither.
struct RandomFlip {
    FlipMode mode = FlipMode::horizontal_and_vertical;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomFlip";

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
