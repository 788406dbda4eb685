#pragma once
#include <algorithm>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/borrowed.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/core/rounding.hpp>

namespace fovea {

/// x (height, width, channels): x + (1 - 2 f) (smooth - x), cut to `value_range`, with f from [0, factor] or from factor's two ends. 0 makes
/// the picture smooth, 0.5 leaves it as it is, 1 makes its edges stronger. Smooth is the mean of 3x3 pixels in which the middle counts
/// 5 times; outside of the picture all is 0.
struct RandomSharpness {
    Factor factor = 0.5;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomSharpness";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomSharpness, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "factor", factor, factor.from_zero(), {0, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto [low, high] = factor.from_zero();
        const double part = 1 - rounded(2 * draw.uniform(low, high));
        const Shape& shape = x.shape();
        const Index height = shape[0], width = shape[1], channels = shape[2];
        const Index row = width * channels;
        const detail::Borrowed<std::vector<T>> before;
        before->assign(x.begin(), x.end());
        const T* const old = before->data();
        for (Index h = 0; h < height; ++h)
            for (Index i = 0; i < row; ++i) {
                double around = 0;
                for (Index y = std::max<Index>(h - 1, 0); y <= std::min(h + 1, height - 1); ++y)
                    for (Index at = i - channels; at <= i + channels; at += channels)
                        around += at >= 0 && at < row ? old[y * row + at] : 0;
                const double here = old[h * row + i];
                const double smooth = (around + rounded(4 * here)) / 13;
                x[h * row + i] = detail::clip(static_cast<T>(here + rounded(part * (smooth - here))), value_range);
            }
    }
};

static_assert(LayerSpec<RandomSharpness>);

} // namespace fovea
