#pragma once
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/augment/levels.hpp>

namespace fovea {

/// x (height, width, channels): of the nearest byte only the first `factor` bits are kept, 1 to 8; of two numbers each between them, both
/// included, is as likely. (Keras says that one number is what it is, but 3.x draws below it.)
struct RandomPosterization {
    Factor factor = 4;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomPosterization";

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomPosterization, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        const auto [low, high] = factor.as_written();
        detail::check_factor(type, "factor", factor, factor.as_written(), {1, 8});
        require<ValueError>(low == std::floor(low) && high == std::floor(high), type,
                            ": factor is a number of bits, got ", factor);
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto [low, high] = factor.as_written();
        const Index bits = static_cast<Index>(low) + draw.below(static_cast<Index>(high - low) + 1);
        const int kept = 0xFF & (0xFF << (8 - bits));
        for (T& value : x) value = detail::value_of<T>(detail::level_of(value, value_range) & kept, value_range);
    }
};

static_assert(LayerSpec<RandomPosterization>);

} // namespace fovea
