#pragma once
#include <cmath>
#include <optional>

#include <fovea/augment/draw_beta.hpp>
#include <fovea/augment/mixed.hpp>
#include <fovea/core/random.hpp>

namespace fovea {

struct MixupOptions {
    double alpha = 0.2;                     ///< the smaller, the less is mixed; 1: every share is as likely
    Index classes = 0;                      ///< how many there are, if targets are labels
    std::optional<std::uint64_t> seed = {}; ///< that of `set_random_seed` if there is none
};

namespace detail {

/// What a sample and its partner become: share x + (1 - share) partner, the same for the targets.
struct Blending {
    double alpha;

    static constexpr std::string_view type = "mixup";
    static constexpr Index number = 0xFFFFFF; ///< no augmentation of a list has it

    void check(const Shape&) const {
        require<ValueError>(alpha > 0 && std::isfinite(alpha), type, ": alpha must be above 0, got ", alpha);
    }

    struct Drawn {
        double share;

        template <class T>
        void operator()(View<T> x, const T* other) const {
            blend(share, x, other);
        }
        template <class T>
        void targets(View<T> values, const T* other) const {
            blend(share, values, other);
        }
    };

    Drawn drawn(const Shape&, Draw& draw) const { return {draw_beta(alpha, draw)}; }
};

} // namespace detail

template <class S>
using Mixup = Mixed<S, detail::Blending>;

/// `mixup(train, {.alpha = 0.2, .classes = 10})`: samples share x + (1 - share) partner, with targets mixed in the same way and a share from
/// the beta distribution of (alpha, alpha), mostly near 0 or 1. Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018;
/// Keras's MixUp takes the partner from the batch, this from the whole data set. Targets become values: see Mixed.
template <class S>
    requires ComposableSource<std::remove_cvref_t<S>> Mixup<detail::Kept<S>> mixup(S&& source,
                                                                                   const MixupOptions& options = {}) {
        return {std::forward<S>(source), {options.alpha}, options.classes, options.seed.value_or(random_seed())};
    }

} // namespace fovea
