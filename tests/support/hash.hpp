#pragma once
#include <cstdint>

/// FNV-1a of byte-sized values.
template <class Values>
std::uint64_t fnv1a(const Values& values) {
    std::uint64_t result = 14695981039346656037U;
    for (const auto value : values) result = (result ^ static_cast<std::uint8_t>(value)) * 1099511628211U;
    return result;
}
