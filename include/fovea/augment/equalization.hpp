#pragma once
#include <array>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/levels.hpp>

namespace fovea {

/// x (height, width, channels): the nearest bytes of each channel are spread so that each part of `value_range` has as many of them as any
/// other: 255 (pixels up to this level - those of the lowest) / (all - those of the lowest), rounded to even. A channel with one value
/// stays as it is. Nothing is random. (Keras also has fewer `bins` than 256.)
struct Equalization {
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Equalization";

    void fields(SpecVisitor& visit) { visit("value_range", value_range); }

    template <class T>
    using Layer = AugmentationLayer<Equalization, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const { detail::check_value_range(type, value_range); }

    template <class T>
    void apply(View<T> x, Draw&) const {
        const Index channels = x.shape().last();
        for (Index c = 0; c < channels; ++c) {
            std::array<Index, 256> count{};
            for (Index i = c; i < x.size(); i += channels) ++count[level(x[i])];
            std::array<T, 256> spread{};
            Index up_to = 0, lowest = 0;
            const Index all = x.size() / channels;
            for (std::size_t l = 0; l < 256; ++l) {
                up_to += count[l];
                if (lowest == 0) lowest = up_to;
                if (lowest == all) break;
                spread[l] = detail::value_of<T>(rounded_share(up_to - lowest, all - lowest), value_range);
            }
            for (Index i = c; i < x.size() && lowest < all; i += channels) x[i] = spread[level(x[i])];
        }
    }

private:
    template <class T>
    std::size_t level(T value) const {
        return static_cast<std::size_t>(detail::level_of(value, value_range));
    }

    /// 255 part / all, a half to the even side.
    static int rounded_share(Index part, Index all) {
        const Index floor = 255 * part / all, twice_rest = 2 * (255 * part % all);
        const bool up = twice_rest > all || (twice_rest == all && floor % 2 == 1);
        return static_cast<int>(floor + (up ? 1 : 0));
    }
};

static_assert(LayerSpec<Equalization>);

} // namespace fovea
