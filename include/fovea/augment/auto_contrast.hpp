#pragma once
#include <algorithm>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/interval.hpp>
#include <fovea/core/rounding.hpp>

namespace fovea {

/// x (height, width, channels): each channel is stretched so that it goes from one end of `value_range` to the other. A channel with one
/// value stays as it is. Nothing is random, and as a layer it does the same in training and in inference.
struct AutoContrast {
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "AutoContrast";
    static constexpr bool always = true;

    void fields(SpecVisitor& visit) { visit("value_range", value_range); }

    template <class T>
    using Layer = AugmentationLayer<AutoContrast, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const { detail::check_value_range(type, value_range); }

    template <class T>
    void apply(View<T> x, Draw&) const {
        const Index channels = x.shape().last();
        for (Index c = 0; c < channels && !x.empty(); ++c) {
            T least = x[c], most = x[c];
            for (Index i = c; i < x.size(); i += channels) {
                least = std::min(least, x[i]);
                most = std::max(most, x[i]);
            }
            if (least == most) continue;
            for (Index i = c; i < x.size(); i += channels) {
                const double share = (static_cast<double>(x[i]) - least) / (static_cast<double>(most) - least);
                x[i] = static_cast<T>(value_range.low + rounded(share * value_range.length()));
            }
        }
    }
};

static_assert(LayerSpec<AutoContrast>);

} // namespace fovea
