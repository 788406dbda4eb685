#pragma once
#include <string>

#include <fovea/augment/random_crop.hpp>

namespace fovea {

/// The middle of images, `height` rows and `width` columns of it, in training and in inference. Throws ShapeError for images that are
/// too small, which Keras enlarges.
struct CenterCrop {
    Index height;
    Index width;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "CenterCrop";

    void fields(SpecVisitor& visit) {
        visit("height", height);
        visit("width", width);
    }

    template <class T>
    using Layer = AugmentationLayer<CenterCrop, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const { detail::check_crop(type, height, width); }

    Size2D output_size(Size2D size) const {
        require<ShapeError>(height <= size.height && width <= size.width, type, ": ", Size2D(height, width),
                            " does not fit an image ", size);
        return {height, width};
    }

    ProjectiveMap mapping(Size2D size, Draw&) const { return detail::cropped_middle(size, height, width); }
};

static_assert(LayerSpec<CenterCrop>);

} // namespace fovea
