#pragma once
#include <array>
#include <cmath>
#include <functional>

#include <fovea/data/dataset.hpp>

/// An image of 28 x 28 seen through a linear map about its middle, with a label: pixel p of the copy is the image's at a p + moved.
struct DrawnCopy {
    fovea::Index image;
    fovea::Index label;
    std::array<double, 4> a; ///< [row by row, row by column, column by row, column by column]
    std::array<double, 2> moved = {};
};

/// Data for `fit`: copies that are drawn when they are asked for, `each` of an image, as `copy(sample)` says. The nearest pixel is taken.
struct DrawnCopies {
    const fovea::Tensor<std::uint8_t>& images;
    fovea::Index each;
    std::function<DrawnCopy(fovea::Index)> copy;

    fovea::Index size() const { return each * images.shape()[0]; }
    fovea::Shape sample_shape() const { return images.shape().tail(); }

    void read(std::span<const fovea::Index> which, fovea::View<float> x, fovea::View<std::int32_t> labels) const {
        using fovea::Index;
        constexpr Index extent = 28;
        constexpr double middle = (extent - 1) / 2.0;
        const auto near = [](double place) { return static_cast<Index>(std::floor(place + middle + 0.5)); };
        for (Index i = 0; i < static_cast<Index>(which.size()); ++i) {
            const auto [image, label, a, moved] = copy(which[static_cast<std::size_t>(i)]);
            if (!labels.empty()) labels[i] = static_cast<std::int32_t>(label);
            for (Index pixel = 0; pixel < extent * extent && !x.empty(); ++pixel) {
                const double row = static_cast<double>(pixel / extent) - middle;
                const double column = static_cast<double>(pixel % extent) - middle;
                const Index r = near(std::fma(a[0], row, std::fma(a[1], column, moved[0])));
                const Index c = near(std::fma(a[2], row, std::fma(a[3], column, moved[1])));
                const bool inside = 0 <= r && r < extent && 0 <= c && c < extent;
                const float shade = inside ? static_cast<float>(images(image, r, c, 0)) : 0;
                x[i * extent * extent + pixel] = shade / 255;
            }
        }
    }
};
