#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <fovea/image/bounding_box.hpp>
#include <fovea/image/color.hpp>
#include <fovea/image/otsu_threshold.hpp>
#include <fovea/image/resize.hpp>

namespace fovea::image {

namespace detail {

/// x (height, width, 1) -> the same with 255 for ink and 0 for paper. Paper is what most of the picture's edge is.
inline Tensor<std::uint8_t> ink_of(const Tensor<std::uint8_t>& grey) {
    const auto threshold = otsu_threshold(grey);
    require<ValueError>(threshold.has_value(), "mnist_digit: there is no digit, all pixels are the same");
    const Index height = grey.shape()[0], width = grey.shape()[1];
    Index edge = 0, bright = 0;
    for (Index i = 0; i < grey.size(); ++i) {
        const Index y = i / width, x = i % width;
        if (0 < y && y < height - 1 && 0 < x && x < width - 1) continue;
        ++edge;
        bright += grey[i] > *threshold ? 1 : 0;
    }
    const bool bright_paper = 2 * bright >= edge;
    return grey.map(
        [=](std::uint8_t value) { return static_cast<std::uint8_t>((value > *threshold) != bright_paper ? 255 : 0); });
}

/// Takes away ink that touches, by sides or corners, less than a tenth as much as the largest blot does. Dirt would move the box.
inline void remove_specks(Tensor<std::uint8_t>& ink) {
    const Index height = ink.shape()[0], width = ink.shape()[1];
    std::vector<std::vector<Index>> blots;
    std::vector<bool> seen(static_cast<std::size_t>(ink.size()));
    const auto add = [&](std::vector<Index>& blot, Index y, Index x) {
        if (y < 0 || y >= height || x < 0 || x >= width) return;
        const Index i = y * width + x;
        if (ink[i] == 0 || seen[static_cast<std::size_t>(i)]) return;
        seen[static_cast<std::size_t>(i)] = true;
        blot.push_back(i);
    };
    std::size_t largest = 0;
    for (Index start = 0; start < ink.size(); ++start) {
        std::vector<Index> blot;
        add(blot, start / width, start % width);
        for (std::size_t next = 0; next < blot.size(); ++next)
            for (Index neighbour = 0; neighbour < 9; ++neighbour)
                add(blot, blot[next] / width + neighbour / 3 - 1, blot[next] % width + neighbour % 3 - 1);
        largest = std::max(largest, blot.size());
        if (!blot.empty()) blots.push_back(std::move(blot));
    }
    for (const std::vector<Index>& blot : blots)
        if (10 * blot.size() < largest)
            for (const Index i : blot) ink[i] = 0;
}

} // namespace detail

/// x (height, width, 1 to 4) -> (28, 28, 1): a picture of one digit, dark on bright paper or bright on dark, as the images of MNIST were
/// made of scans. Ink becomes white and paper black, with nothing between, and specks go; the box around the rest is fitted into 20 x 20 pixels,
/// which makes greys; and its center of mass comes to the middle of the field, pixel (14, 14) up to a half. The brightest pixel is 255, as
/// in MNIST, however thin the strokes are.
///
/// The picture must be lit evenly and hold nothing else than paper, the digit and a little dirt. Throws ValueError if all of its pixels are the
/// same, or ink is but specks.
///
/// LeCun, Cortes, Burges, "The MNIST database of handwritten digits". That the middle is (14, 14) is measured: in the first 20,000 images
/// the center of mass is from 13.5 to 14.5.
inline Tensor<std::uint8_t> mnist_digit(ConstView<std::uint8_t> picture) {
    constexpr Index field = 28, most = 20;
    Tensor<std::uint8_t> ink = detail::ink_of(convert_color(picture, ColorMode::grayscale));
    detail::remove_specks(ink);
    const BoundingBox box = *bounding_box(ink);
    Tensor<std::uint8_t> digit = resize(crop(ink, box.top, box.left, box.size), detail::fitted(box.size, {most, most}),
                                        {.interpolation = Interpolation::area});
    const Index brightest = *std::max_element(digit.begin(), digit.end());
    require<ValueError>(brightest > 0, "mnist_digit: there is no digit, only specks in a box of ", box.size);
    for (std::uint8_t& value : digit) value = static_cast<std::uint8_t>((value * 255 + brightest / 2) / brightest);

    const Place center = *center_of_mass(digit);
    const auto first = [](double place, Index extent) {
        return std::clamp<Index>(static_cast<Index>(std::floor(14.5 - place)), 0, field - extent);
    };
    const Index height = digit.shape()[0], width = digit.shape()[1];
    const Index top = first(center.y, height), left = first(center.x, width);
    Tensor<std::uint8_t> y(Shape{field, field, 1});
    for (Index row = 0; row < height; ++row)
        std::copy_n(digit.data() + row * width, width, y.data() + (top + row) * field + left);
    return y;
}

} // namespace fovea::image
