#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/core/rounding.hpp>

namespace fovea {

/// x (height, width, channels): x + noise, cut to `value_range`, where each number's noise is normal with mean 0. Its standard deviation is
/// from [0, stddev], or from stddev's two ends, times the length of `value_range`, the same for all of a picture. It costs some
/// 20 ns a number. (The layer GaussianNoise adds noise inside of a network, with one deviation for all, and cuts nothing.)
struct RandomNoise {
    Factor stddev = 0.1;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomNoise";

    void fields(SpecVisitor& visit) {
        visit("stddev", stddev);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomNoise, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "stddev", stddev, stddev.from_zero(), {0, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto [low, high] = stddev.from_zero();
        const double deviation = draw.uniform(low, high) * value_range.length();
        for (T& value : x)
            value = detail::clip(static_cast<T>(value + rounded(deviation * draw.normal())), value_range);
    }
};

static_assert(LayerSpec<RandomNoise>);

} // namespace fovea
