#pragma once
#include <algorithm>
#include <vector>

#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// values[0] up to and with step boundaries[0], then values[1] up to and with boundaries[1] ..., and the last value behind the last.
struct PiecewiseConstantDecay {
    std::vector<Index> boundaries{};
    std::vector<double> values{};

    static constexpr std::string_view name = "PiecewiseConstantDecay";

    void check() const {
        require<ValueError>(values.size() == boundaries.size() + 1, name,
                            ": there must be one more of values than of boundaries, got ", values.size(), " and ",
                            boundaries.size());
        for (std::size_t i = 1; i < boundaries.size(); ++i)
            require<ValueError>(boundaries[i - 1] < boundaries[i], name, ": boundaries must grow, got ",
                                boundaries[i - 1], " before ", boundaries[i]);
        for (const double value : values) detail::check_not_negative(name, "each of values", value);
    }

    double at(Index step) const {
        const auto passed = std::lower_bound(boundaries.begin(), boundaries.end(), step) - boundaries.begin();
        return values[static_cast<std::size_t>(passed)];
    }
};

static_assert(Schedule<PiecewiseConstantDecay>);

} // namespace fovea
