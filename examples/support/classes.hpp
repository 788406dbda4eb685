#pragma once
#include <limits>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/data/shuffle.hpp>
#include <fovea/data/subset.hpp>

/// The images of the classes [first, last); of each class at most `most`, and the seed says which. `set` must outlive it.
inline fovea::Subset<const fovea::Dataset&> classes(const fovea::Dataset& set, std::int32_t first, std::int32_t last,
                                                    fovea::Index most = std::numeric_limits<fovea::Index>::max()) {
    std::vector<fovea::Index> taken(static_cast<std::size_t>(last - first), 0);
    std::vector<fovea::Index> chosen;
    const auto shuffled = fovea::shuffle(set, fovea::random_seed());
    for (const fovea::Index sample : shuffled.which()) {
        const std::int32_t label = set.labels[sample];
        if (first <= label && label < last && taken[static_cast<std::size_t>(label - first)]++ < most)
            chosen.push_back(sample);
    }
    return fovea::subset(set, std::move(chosen));
}
