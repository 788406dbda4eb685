#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include <fovea/core/parameters.hpp>

namespace fovea {

/// What the layers of a network keep up themselves, such as moving averages, put aside.
template <class T>
class SavedStates {
public:
    void save(const std::vector<NamedParameter>& parameters, std::span<const T> values) {
        saved_.clear();
        for (const NamedParameter& p : parameters)
            if (p.is_state) saved_.insert(saved_.end(), p.place.in(values).begin(), p.place.in(values).end());
    }

    void restore(const std::vector<NamedParameter>& parameters, std::span<T> values) const {
        auto from = saved_.begin();
        for (const NamedParameter& p : parameters) {
            if (!p.is_state) continue;
            std::copy_n(from, p.place.size(), p.place.in(values).begin());
            from += p.place.size();
        }
    }

private:
    std::vector<T> saved_;
};

} // namespace fovea
