#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>

namespace fovea {

/// x (height, width, channels): white becomes black, and all between the other way round, with a probability from [0, factor] or from
/// factor's two ends. One number f is thus done to f / 2 of all samples, as in Keras; `{1, 1}` to all.
struct RandomInvert {
    Factor factor = 1;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomInvert";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomInvert, T>;

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
        if (!draw.chance((low + high) / 2)) return; // as often as with a probability between the two
        const T most = static_cast<T>(value_range.high), least = static_cast<T>(value_range.low);
        for (T& value : x) value = most - value + least;
    }
};

static_assert(LayerSpec<RandomInvert>);

} // namespace fovea
