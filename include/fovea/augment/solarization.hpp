#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/core/rounding.hpp>

namespace fovea {

/// x (height, width, channels): x + addition, cut to `value_range`; what is not below the threshold then becomes its negative. Addition
/// and threshold are from [0, factor], or from the factor's two ends, times the length of `value_range`.
/// As it is, without factors, it inverts the picture.
struct Solarization {
    Factor addition_factor = 0;
    Factor threshold_factor = 0;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Solarization";

    void fields(SpecVisitor& visit) {
        visit("addition_factor", addition_factor);
        visit("threshold_factor", threshold_factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<Solarization, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "addition_factor", addition_factor, addition_factor.from_zero(), {0, 1});
        detail::check_factor(type, "threshold_factor", threshold_factor, threshold_factor.from_zero(), {0, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto drawn = [&](const Interval& from) {
            return rounded(draw.uniform(from.low, from.high) * value_range.length());
        };
        const T addition = static_cast<T>(drawn(addition_factor.from_zero()));
        const T threshold = static_cast<T>(value_range.low + drawn(threshold_factor.from_zero()));
        const T most = static_cast<T>(value_range.high), least = static_cast<T>(value_range.low);
        for (T& value : x) {
            value = detail::clip(value + addition, value_range);
            if (value >= threshold) value = most - value + least;
        }
    }
};

static_assert(LayerSpec<Solarization>);

} // namespace fovea
