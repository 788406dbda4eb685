#pragma once
#include <algorithm>
#include <cmath>

#include <fovea/core/parallel.hpp>
#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>

/// Pictures of discs, squares and triangles, and what each pixel belongs to.
struct Shapes {
    static constexpr fovea::Index extent = 32;
    static constexpr fovea::Index classes = 4;

    fovea::Tensor<std::uint8_t> images; ///< (count, 32, 32, 1)
    fovea::Tensor<std::int32_t> masks;  ///< (count, 32, 32): 0 nothing, 1 disc, 2 square, 3 triangle
};

/// Whether a pixel lies in a shape; dx to the right and dy down from its middle, in pixels.
inline bool is_inside(std::int32_t kind, fovea::Index radius, fovea::Index dx, fovea::Index dy) {
    if (kind == 1) return dx * dx + dy * dy <= radius * radius;
    if (kind == 2) return std::max(std::abs(dx), std::abs(dy)) <= radius;
    return -radius <= dy && dy <= radius && 2 * std::abs(dx) <= dy + radius;
}

/// Samples `first` to `first + count` of an endless row: 1 to 3 shapes of any shade, some in front of others, with noise all over.
inline Shapes draw_shapes(fovea::Index count, fovea::Index first = 0) {
    using namespace fovea;
    constexpr Index extent = Shapes::extent;
    Shapes shapes{Tensor<std::uint8_t>(Shape{count, extent, extent, 1}),
                  Tensor<std::int32_t>(Shape{count, extent, extent})};
    parallel_for(count, [&](Index i, int) {
        const random::Stream stream{random_seed(), random::Purpose::user, 3, static_cast<std::uint32_t>(first + i)};
        std::uint64_t next = 0;
        const auto draw = [&](Index least, Index most) {
            return least + static_cast<Index>(stream.below(next++, static_cast<std::uint32_t>(most - least + 1)));
        };
        const View<std::uint8_t> image = shapes.images.row(i);
        const View<std::int32_t> mask = shapes.masks.row(i);
        std::fill(image.begin(), image.end(), static_cast<std::uint8_t>(draw(100, 155)));
        for (Index left = draw(1, 3); left > 0; --left) {
            const auto kind = static_cast<std::int32_t>(draw(1, 3));
            const Index radius = draw(3, 6);
            const Index x = draw(radius, extent - 1 - radius);
            const Index y = draw(radius, extent - 1 - radius);
            const auto shade = static_cast<std::uint8_t>(draw(0, 1) == 0 ? draw(30, 80) : draw(175, 225));
            for (Index row = 0; row < extent; ++row)
                for (Index column = 0; column < extent; ++column)
                    if (is_inside(kind, radius, column - x, row - y)) {
                        image[row * extent + column] = shade;
                        mask[row * extent + column] = kind;
                    }
        }
        for (std::uint8_t& pixel : image) pixel = static_cast<std::uint8_t>(pixel + draw(-20, 20));
    });
    return shapes;
}

/// The class with the largest probability: probabilities (count, height, width, classes) -> (count, height, width).
inline fovea::Tensor<std::int32_t> most_likely(const fovea::Tensor<float>& probabilities) {
    const fovea::Shape& shape = probabilities.shape();
    fovea::Tensor<std::int32_t> mask(fovea::Shape{shape[0], shape[1], shape[2]});
    const float* p = probabilities.data();
    for (std::int32_t& label : mask) {
        label = static_cast<std::int32_t>(std::max_element(p, p + shape[3]) - p);
        p += shape[3];
    }
    return mask;
}

/// A grey for each class: masks (count, height, width) -> (count, height, width, 1), from 0 to 1.
inline fovea::Tensor<float> shades(const fovea::Tensor<std::int32_t>& masks) {
    const fovea::Shape& shape = masks.shape();
    return masks.map([](std::int32_t label) { return static_cast<float>(label) / (Shapes::classes - 1); })
        .reshaped({shape[0], shape[1], shape[2], 1});
}
