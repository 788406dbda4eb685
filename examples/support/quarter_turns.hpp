#pragma once
#include <fovea/core/random.hpp>
#include <fovea/data/dataset.hpp>

/// Images, each turned by a number of quarters that was drawn for it.
struct TurnedImages {
    fovea::Dataset set;
    fovea::Tensor<std::int32_t> quarters; ///< (size), 0 to 3, against the clock
};

/// Sample i gets number `first` + i of the random quarters. `set` has square images.
inline TurnedImages quarter_turns(const fovea::Dataset& set, fovea::Index first = 0) {
    using namespace fovea;
    const random::Stream stream{random_seed(), random::Purpose::user, 1};
    const Index extent = set.images.shape()[1];
    TurnedImages turned{set, Tensor<std::int32_t>(Shape{set.size()})};
    for (Index i = 0; i < set.size(); ++i) {
        turned.quarters[i] = static_cast<std::int32_t>(stream.below(static_cast<std::uint64_t>(first + i), 4));
        for (Index row = 0; row < extent; ++row)
            for (Index column = 0; column < extent; ++column) {
                Index r = row;
                Index c = column;
                for (std::int32_t quarter = 0; quarter < turned.quarters[i]; ++quarter) {
                    const Index old = r;
                    r = c;
                    c = extent - 1 - old;
                }
                turned.set.images(i, row, column, Index{0}) = set.images(i, r, c, Index{0});
            }
    }
    return turned;
}
