#pragma once
#include <algorithm>
#include <cstdint>

#include <fovea/core/tensor.hpp>
#include <fovea/ops/window.hpp>

namespace fovea::image {

namespace detail {

inline void check_picture(const Shape& shape, const char* what) {
    require<ShapeError>(shape.rank() == 3 && shape.size() > 0, what,
                        ": expected a picture (height, width, channels) with pixels, got ", shape);
}

template <class T>
Tensor<T> crop(ConstView<T> picture, Index top, Index left, Size2D size) {
    const Shape& shape = picture.shape();
    check_picture(shape, "crop");
    const bool inside = 0 <= top && 0 <= left && 0 < size.height && 0 < size.width && size.height <= shape[0] - top &&
                        size.width <= shape[1] - left;
    require<ValueError>(inside, "crop: ", size, " from row ", top, ", column ", left, " on is not inside a picture ",
                        shape);
    Tensor<T> part(Shape{size.height, size.width, shape[2]});
    const Index row = size.width * shape[2];
    for (Index y = 0; y < size.height; ++y)
        std::copy_n(picture.data() + ((top + y) * shape[1] + left) * shape[2], row, part.data() + y * row);
    return part;
}

template <class T>
Tensor<T> center_crop(ConstView<T> picture, Size2D size) {
    check_picture(picture.shape(), "crop");
    return crop(picture, (picture.shape()[0] - size.height) / 2, (picture.shape()[1] - size.width) / 2, size);
}

/// The picture in the middle of a larger one.
template <class T>
Tensor<T> pad_to(ConstView<T> picture, Size2D size, T fill_value) {
    const Shape& shape = picture.shape();
    Tensor<T> whole(Shape{size.height, size.width, shape[2]}, fill_value);
    const Index top = (size.height - shape[0]) / 2;
    const Index left = (size.width - shape[1]) / 2;
    const Index row = shape[1] * shape[2];
    for (Index y = 0; y < shape[0]; ++y)
        std::copy_n(picture.data() + y * row, row, whole.data() + ((top + y) * size.width + left) * shape[2]);
    return whole;
}

} // namespace detail

/// x (height, width, channels) -> (size, channels), from pixel (top, left) on. Throws ValueError if it is not all inside.
inline Tensor<std::uint8_t> crop(ConstView<std::uint8_t> picture, Index top, Index left, Size2D size) {
    return detail::crop(picture, top, left, size);
}
inline Tensor<float> crop(ConstView<float> picture, Index top, Index left, Size2D size) {
    return detail::crop(picture, top, left, size);
}

/// From the middle; of a margin that is odd, the smaller half is above and to the left.
inline Tensor<std::uint8_t> center_crop(ConstView<std::uint8_t> picture, Size2D size) {
    return detail::center_crop(picture, size);
}
inline Tensor<float> center_crop(ConstView<float> picture, Size2D size) { return detail::center_crop(picture, size); }

} // namespace fovea::image
