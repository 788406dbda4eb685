#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/auto_contrast.hpp>
#include <fovea/augment/equalization.hpp>
#include <fovea/augment/random_brightness.hpp>
#include <fovea/augment/random_color_degeneration.hpp>
#include <fovea/augment/random_contrast.hpp>
#include <fovea/augment/random_posterization.hpp>
#include <fovea/augment/random_rotation.hpp>
#include <fovea/augment/random_sharpness.hpp>
#include <fovea/augment/random_shear.hpp>
#include <fovea/augment/random_translation.hpp>
#include <fovea/augment/solarization.hpp>

namespace fovea {

/// x (height, width, 3 or 1): `num_ops` of Keras's eleven operations, each as likely, in one picture perhaps the same one twice. Those that change
/// values come first, then those that move pixels, which are one resampling. `factor`, 0 to 1, is how strong each can become:
///
///     RandomShear 0.3, RandomTranslation 0.45, RandomRotation 30 degrees, RandomBrightness 0.5, RandomColorDegeneration 0.9,
///     RandomContrast 0.9, RandomSharpness 0.5 +- 0.45, each times factor, both ways;
///     RandomPosterization to 8 - 4 factor bits, Solarization above 1 - factor, AutoContrast and Equalization as they are
///
/// Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2020, whose ranges these are, as torchvision has
/// them; brightness is added here, by as much as theirs changes a middle grey. (Keras 3.x gives `factor` to each operation as it
/// is: 0.5 turns pictures by up to half a circle, and none becomes darker or sharper.)
struct RandAugment {
    Index num_ops = 2;
    double factor = 0.5;
    Interval value_range = {0, 1};
    Interpolation interpolation = Interpolation::bilinear;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandAugment";
    static constexpr Index max_ops = 16;

    void fields(SpecVisitor& visit) {
        visit("num_ops", num_ops);
        visit("factor", factor);
        visit("value_range", value_range);
        visit("interpolation", interpolation);
        visit.if_other("fill_mode", fill_mode, FillMode::reflect);
        visit.if_other("fill_value", fill_value, 0);
    }

    template <class T>
    using Layer = AugmentationLayer<RandAugment, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        require<ValueError>(0 <= num_ops && num_ops <= max_ops, type, ": num_ops must be from 0 to ", max_ops, ", got ",
                            num_ops);
        detail::check_factor(type, "factor", factor, {factor, factor}, {0, 1});
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const Operations operations(*this, draw);
        for (const Operation operation : operations) apply(operation, x, draw);
    }

    /// Where pixels come from, one operation after another.
    class Mapping {
    public:
        Point2D operator()(Point2D p) const {
            for (std::size_t i = count_; i-- > 0;) p = maps_[i](p);
            return p;
        }
        Point2D forward(Point2D p) const {
            for (std::size_t i = 0; i < count_; ++i) p = maps_[i].forward(p);
            return p;
        }

    private:
        friend RandAugment;
        std::array<ProjectiveMap, max_ops> maps_;
        std::size_t count_ = 0;
    };

    Mapping mapping(Size2D size, Draw& draw) const {
        const Operations operations(*this, draw);
        Mapping all;
        for (const Operation operation : operations) map(operation, size, draw, all);
        return all;
    }

private:
    enum class Operation {
        shear,
        translation,
        rotation,
        brightness,
        color_degeneration,
        contrast,
        sharpness,
        posterization,
        solarization,
        auto_contrast,
        equalization
    };

    /// Which ones a sample gets: the first numbers that are drawn for it.
    class Operations {
    public:
        Operations(const RandAugment& spec, Draw& draw) : count_(static_cast<std::size_t>(spec.num_ops)) {
            constexpr Index kinds = static_cast<Index>(Operation::equalization) + 1;
            std::generate_n(chosen_.begin(), count_, [&] { return static_cast<Operation>(draw.below(kinds)); });
        }
        const Operation* begin() const { return chosen_.data(); }
        const Operation* end() const { return chosen_.data() + count_; }

    private:
        std::array<Operation, max_ops> chosen_{};
        std::size_t count_;
    };

    void map(Operation operation, Size2D size, Draw& draw, Mapping& all) const {
        const auto add = [&](const auto& augmentation) { all.maps_[all.count_++] = augmentation.mapping(size, draw); };
        switch (operation) {
        case Operation::shear:
            return add(RandomShear{.x_factor = 0.3 * factor, .y_factor = 0.3 * factor});
        case Operation::translation:
            return add(RandomTranslation{.height_factor = 0.45 * factor, .width_factor = 0.45 * factor});
        case Operation::rotation:
            return add(RandomRotation{.degrees = 30 * factor});
        default:
            break; // changes values
        }
    }

    template <class T>
    void apply(Operation operation, View<T> x, Draw& draw) const {
        const double most_sharp = rounded(0.45 * factor);
        switch (operation) {
        case Operation::brightness:
            return RandomBrightness{0.5 * factor, value_range}.apply(x, draw);
        case Operation::color_degeneration:
            return RandomColorDegeneration{0.9 * factor, value_range}.apply(x, draw);
        case Operation::contrast:
            return RandomContrast{0.9 * factor, value_range}.apply(x, draw);
        case Operation::sharpness:
            return RandomSharpness{{0.5 - most_sharp, 0.5 + most_sharp}, value_range}.apply(x, draw);
        case Operation::posterization:
            return RandomPosterization{{8 - std::floor(rounded(4 * factor) + 0.5), 8}, value_range}.apply(x, draw);
        case Operation::solarization:
            return Solarization{0, {1 - factor, 1}, value_range}.apply(x, draw);
        case Operation::auto_contrast:
            return AutoContrast{value_range}.apply(x, draw);
        case Operation::equalization:
            return Equalization{value_range}.apply(x, draw);
        default:
            break; // moves pixels
        }
    }
};

static_assert(LayerSpec<RandAugment>);

} // namespace fovea
