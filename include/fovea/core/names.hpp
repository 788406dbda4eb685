#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include <fovea/core/error.hpp>

namespace fovea::detail {

/// The one of `all` whose `name_of` is `wanted`. Throws ValueError, and lists those that are known.
template <class E>
E value_named(std::string_view type, std::string_view wanted, std::initializer_list<E> all) {
    std::string known;
    for (const E value : all) {
        if (name_of(value) == wanted) return value;
        known.append(known.empty() ? "" : ", ").append(name_of(value));
    }
    throw ValueError(text(type, ": unknown name \"", wanted, "\"; known are ", known));
}

} // namespace fovea::detail
