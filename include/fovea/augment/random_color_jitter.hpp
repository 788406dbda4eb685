#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/random_brightness.hpp>
#include <fovea/augment/random_contrast.hpp>
#include <fovea/augment/random_hue.hpp>
#include <fovea/augment/random_saturation.hpp>

namespace fovea {

/// RandomBrightness, RandomContrast, RandomSaturation and RandomHue, in this order; each is left out unless it has a factor.
/// x (height, width, channels), of which the last two need 3.
struct RandomColorJitter {
    Factor brightness_factor = 0;
    Factor contrast_factor = 0;
    Factor saturation_factor = {0.5, 0.5};
    Factor hue_factor = 0;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomColorJitter";

    void fields(SpecVisitor& visit) {
        visit("brightness_factor", brightness_factor);
        visit("contrast_factor", contrast_factor);
        visit("saturation_factor", saturation_factor);
        visit("hue_factor", hue_factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomColorJitter, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        each([](const auto& augmentation) { augmentation.check(); });
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        each([&](const auto& augmentation) { augmentation.apply(x, draw); });
    }

private:
    template <class F>
    void each(F&& f) const {
        if (brightness_factor != Factor{0}) f(RandomBrightness{brightness_factor, value_range});
        if (contrast_factor != Factor{0}) f(RandomContrast{contrast_factor, value_range});
        if (saturation_factor != Factor{0.5, 0.5}) f(RandomSaturation{saturation_factor, value_range});
        if (hue_factor != Factor{0}) f(RandomHue{hue_factor});
    }
};

static_assert(LayerSpec<RandomColorJitter>);

} // namespace fovea
