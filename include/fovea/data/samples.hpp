#pragma once
#include <span>

#include <fovea/core/shape.hpp>

namespace fovea {

/// Numbers of samples that are wanted, and the epoch of training that they are wanted for: what is drawn at random for a sample is drawn
/// anew in each epoch. A std::span for those who do not care.
struct Samples : std::span<const Index> {
    Index epoch = 0;

    using std::span<const Index>::span;
    Samples(std::span<const Index> which, Index in_epoch = 0) : std::span<const Index>(which), epoch(in_epoch) {}

    /// `count` of them from number `first` on.
    Samples part(Index first, Index count) const {
        return {subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), epoch};
    }
};

} // namespace fovea
