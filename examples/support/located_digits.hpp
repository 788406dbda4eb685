#pragma once
#include <algorithm>

#include <fovea/core/random.hpp>
#include <fovea/data/dataset.hpp>

/// A digit somewhere on a larger canvas, among scraps of other digits.
struct LocatedDigits {
    static constexpr fovea::Index extent = 48;

    fovea::Dataset set;         ///< images (size, 48, 48, 1), labels
    fovea::Tensor<float> boxes; ///< (size, 4): left, top, right, bottom of the ink, as fractions of the canvas
};

/// Each image of `set` (size, 28, 28, 1) on a canvas of its own; sample i is number `first` + i of the random places.
inline LocatedDigits locate_digits(const fovea::Dataset& set, fovea::Index first = 0) {
    using namespace fovea;
    constexpr Index extent = LocatedDigits::extent;
    const Index digit = set.images.shape()[1];
    LocatedDigits located{{Tensor<std::uint8_t>(Shape{set.size(), extent, extent, 1}), set.labels, set.source},
                          Tensor<float>(Shape{set.size(), 4})};
    for (Index i = 0; i < set.size(); ++i) {
        const random::Stream stream{random_seed(), random::Purpose::user, 4, static_cast<std::uint32_t>(first + i)};
        std::uint64_t next = 0;
        const auto below = [&](Index bound) {
            return static_cast<Index>(stream.below(next++, static_cast<std::uint32_t>(bound)));
        };
        const View<std::uint8_t> canvas = located.set.images.row(i);
        // size x size pixels of an image, from (row, column) on, at (top, left).
        const auto paste = [&](Index image, Index row, Index column, Index size, Index top, Index left) {
            for (Index r = 0; r < size; ++r)
                for (Index c = 0; c < size; ++c) {
                    std::uint8_t& pixel = canvas[(top + r) * extent + left + c];
                    pixel = std::max(pixel, set.images(image, row + r, column + c, Index{0}));
                }
        };
        for (int scrap = 0; scrap < 6; ++scrap) {
            constexpr Index size = 8;
            const Index image = below(set.size());
            const Index row = 6 + below(digit - size - 12);
            const Index column = 6 + below(digit - size - 12);
            const Index top = below(extent - size);
            paste(image, row, column, size, top, below(extent - size));
        }
        const Index top = below(extent - digit + 1);
        const Index left = below(extent - digit + 1);
        paste(i, 0, 0, digit, top, left);

        Index box[] = {digit, digit, 0, 0};
        for (Index row = 0; row < digit; ++row)
            for (Index column = 0; column < digit; ++column) {
                if (set.images(i, row, column, Index{0}) < 128) continue;
                box[0] = std::min(box[0], column);
                box[1] = std::min(box[1], row);
                box[2] = std::max(box[2], column + 1);
                box[3] = std::max(box[3], row + 1);
            }
        for (Index side = 0; side < 4; ++side)
            located.boxes(i, side) =
                static_cast<float>(box[side] + (side % 2 == 0 ? left : top)) / static_cast<float>(extent);
    }
    return located;
}

/// Intersection over union of boxes (left, top, right, bottom), 0 where one of them is empty.
inline double box_iou(fovea::ConstView<float> a, fovea::ConstView<float> b) {
    const auto area = [](double left, double top, double right, double bottom) {
        return std::max(0.0, right - left) * std::max(0.0, bottom - top);
    };
    const double both = area(std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]), std::min(a[3], b[3]));
    const double either = area(a[0], a[1], a[2], a[3]) + area(b[0], b[1], b[2], b[3]) - both;
    return either > 0 ? both / either : 0;
}

/// The mean over rows of boxes (count, 4).
inline double mean_box_iou(const fovea::Tensor<float>& a, const fovea::Tensor<float>& b) {
    double sum = 0;
    for (fovea::Index i = 0; i < a.shape()[0]; ++i) sum += box_iou(a.row(i), b.row(i));
    return sum / static_cast<double>(a.shape()[0]);
}

/// What to say without looking: the mean box of some, `count` times.
inline fovea::Tensor<float> mean_box(const fovea::Tensor<float>& boxes, fovea::Index count) {
    fovea::Tensor<float> result(fovea::Shape{count, 4});
    for (fovea::Index side = 0; side < 4; ++side) {
        double sum = 0;
        for (fovea::Index i = 0; i < boxes.shape()[0]; ++i) sum += boxes(i, side);
        for (fovea::Index i = 0; i < count; ++i)
            result(i, side) = static_cast<float>(sum / static_cast<double>(boxes.shape()[0]));
    }
    return result;
}
