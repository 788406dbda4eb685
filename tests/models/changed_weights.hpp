#pragma once
#include <cstdint>

#include <fovea/models/model.hpp>

#include "reference/reference.hpp"

namespace networks {

/// Gives a model other weights than those that every layer starts with.
template <class T>
void change_weights(fovea::Model<T>& model) {
    std::uint64_t number = reference::parameters;
    for (const fovea::NamedParameter& p : model.network().parameters()) {
        const fovea::View<T> values = model.parameter(p.name);
        const bool variance = p.name.ends_with("variance");
        for (fovea::Index i = 0; i < values.size(); ++i) {
            const T drawn = static_cast<T>(reference::value(number, i));
            values[i] = variance ? 1 + drawn / 2 : values[i] + drawn / 8;
        }
        ++number;
    }
}

} // namespace networks
