#pragma once
#include <cmath>
#include <optional>

#include <fovea/augment/draw_beta.hpp>
#include <fovea/augment/mixed.hpp>
#include <fovea/augment/patch.hpp>
#include <fovea/core/random.hpp>

namespace fovea {

struct CutmixOptions {
    double alpha = 1;  ///< 1: patches of all areas are as likely; the smaller, the more are tiny or nearly all
    Index classes = 0; ///< how many there are, if targets are labels
    std::optional<std::uint64_t> seed = {}; ///< that of `set_random_seed` if there is none
};

namespace detail {

/// What a sample and its partner become: the sample with a patch of the partner. Targets that are pictures of the same height and width
/// get the patch, too; others are mixed by area.
struct Pasting {
    double alpha;

    static constexpr std::string_view type = "cutmix";
    static constexpr Index number = 0xFFFFFE; ///< no augmentation of a list has it

    void check(const Shape& shape) const {
        require<ValueError>(alpha > 0 && std::isfinite(alpha), type, ": alpha must be above 0, got ", alpha);
        require<ShapeError>(shape.rank() == 3 && shape.size() > 0, type,
                            ": expected pictures (height, width, channels), got ", shape);
    }

    struct Drawn {
        Patch patch;
        Index height, width;

        template <class T>
        void operator()(View<T> x, const T* other) const {
            each_row(patch, x.shape(),
                     [&](Index first, Index count) { std::copy_n(other + first, count, x.data() + first); });
        }
        template <class T>
        void targets(View<T> values, const T* other) const {
            const Shape& shape = values.shape();
            if (shape.rank() >= 2 && shape[0] == height && shape[1] == width)
                (*this)(values, other);
            else
                blend(1 - static_cast<double>(patch.pixels()) / static_cast<double>(height * width), values, other);
        }
    };

    Drawn drawn(const Shape& shape, Draw& draw) const {
        const double side = std::sqrt(1 - draw_beta(alpha, draw));
        return {draw_patch(shape, side, side, draw), shape[0], shape[1]};
    }
};

} // namespace detail

template <class S>
using Cutmix = Mixed<S, detail::Pasting>;

/// `cutmix(train, {.classes = 10})`: pictures (height, width, channels) with a patch of another picture, in the same place as there; targets
/// are mixed by area, counted in pixels, or cut in the same way if they are pictures of this size. The patch has the picture's
/// proportions; its area is from the beta distribution of (alpha, alpha). Yun et al., "CutMix", 2019. (Keras's CutMix draws alpha itself, up to
/// its `factor`, and takes the partner from the batch.) Targets become values: see Mixed.
template <class S>
    requires ComposableSource<std::remove_cvref_t<S>> Cutmix<detail::Kept<S>>
    cutmix(S&& source, const CutmixOptions& options = {}) {
        return {std::forward<S>(source), {options.alpha}, options.classes, options.seed.value_or(random_seed())};
    }

} // namespace fovea
