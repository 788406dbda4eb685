#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/core/rounding.hpp>

namespace fovea {

/// x (height, width, channels): x + delta, cut to `value_range`, with delta from [-factor, factor], or from factor's two ends, times the
/// length of `value_range`.
///
/// `value_range` is [0, 1] here, and in all that follow, where Keras has [0, 255]: bytes have become numbers in [0, 1] when they are
/// augmented.
struct RandomBrightness {
    Factor factor = 0;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomBrightness";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomBrightness, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "factor", factor, factor.both_signs(), {-1, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto [low, high] = factor.both_signs();
        const T delta = static_cast<T>(rounded(draw.uniform(low, high) * value_range.length()));
        for (T& value : x) value = detail::clip(value + delta, value_range);
    }
};

static_assert(LayerSpec<RandomBrightness>);

} // namespace fovea
