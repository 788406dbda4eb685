#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>

namespace fovea {

namespace detail {

inline void check_crop(std::string_view type, Index height, Index width) {
    require<ValueError>(0 < height && 0 < width && height <= most_of_size && width <= most_of_size, type,
                        ": height and width must be from 1 to ", most_of_size, ", got ", Size2D(height, width));
}

/// The mapping to the pixels from (top, left) on.
inline ProjectiveMap cropped(Index top, Index left) {
    return ProjectiveMap::shift(static_cast<double>(left), static_cast<double>(top));
}

/// The mapping to the middle; of a margin that is odd, the smaller half is above and to the left.
inline ProjectiveMap cropped_middle(Size2D size, Index height, Index width) {
    return cropped((size.height - height) / 2, (size.width - width) / 2);
}

} // namespace detail

/// Cuts `height` rows and `width` columns out of images, from anywhere: `RandomCrop{.height = 32, .width = 32, .padding = 4}` is what
/// CIFAR is trained with. In inference it is their middle. Throws ShapeError for images that are too small, which Keras enlarges.
struct RandomCrop {
    Index height;
    Index width;
    Size2D padding = 0; ///< rows above and below, columns on both sides, that are put around images before
    FillMode fill_mode = FillMode::constant; ///< what is in them
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomCrop";

    void fields(SpecVisitor& visit) {
        visit("height", height);
        visit("width", width);
        visit.if_other("padding", padding, 0);
        visit.if_other("fill_mode", fill_mode, FillMode::constant);
        visit.if_other("fill_value", fill_value, 0);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomCrop, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_crop(type, height, width);
        require<ValueError>(0 <= padding.height && 0 <= padding.width && padding.height <= most_of_size &&
                                padding.width <= most_of_size,
                            type, ": padding must be from 0 to ", most_of_size, ", got ", padding);
    }

    Size2D output_size(Size2D size) const {
        require<ShapeError>(height <= size.height + 2 * padding.height && width <= size.width + 2 * padding.width, type,
                            ": ", Size2D(height, width), " does not fit an image ", size, " with padding ", padding);
        return {height, width};
    }

    ProjectiveMap mapping(Size2D size, Draw& draw) const {
        const Index top = draw.below(size.height + 2 * padding.height - height + 1) - padding.height;
        const Index left = draw.below(size.width + 2 * padding.width - width + 1) - padding.width;
        return detail::cropped(top, left);
    }

    ProjectiveMap at_rest(Size2D size) const { return detail::cropped_middle(size, height, width); }
};

static_assert(LayerSpec<RandomCrop>);

} // namespace fovea
