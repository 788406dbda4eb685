#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea::detail {

/// FNV-1a, 64 bits, of bytes that come behind those that `hash` is of.
inline std::uint64_t fnv1a(std::span<const std::byte> bytes, std::uint64_t hash = 0xcbf29ce484222325) {
    for (const std::byte byte : bytes) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
    return hash;
}

} // namespace fovea::detail
