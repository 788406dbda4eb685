#pragma once
#include <fovea/core/random.hpp>
#include <fovea/data/subset.hpp>

namespace fovea {

namespace detail {

/// The numbers of `samples` samples in the order that the seed says; not one that `fit` draws.
inline std::vector<Index> random_order(Index samples, std::uint64_t seed) {
    std::vector<Index> order(static_cast<std::size_t>(samples));
    std::iota(order.begin(), order.end(), Index{0});
    random::shuffle(order, {seed, random::Purpose::shuffle, 1, 0});
    return order;
}

} // namespace detail

/// All samples of a data set in a random order, once and for all. `fit` shuffles by itself, anew in each epoch.
template <class S>
    requires ComposableSource<std::remove_cvref_t<S>> Subset<detail::Kept<S>> shuffle(S&& source, std::uint64_t seed) {
        std::vector<Index> order = detail::random_order(detail::size_of(source), seed);
        return {std::forward<S>(source), std::move(order)};
    }

} // namespace fovea
