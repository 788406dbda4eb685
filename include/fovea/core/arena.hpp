#pragma once
#include <cstddef>
#include <span>

#include <fovea/core/shape.hpp>

namespace fovea {

/// Hands out pieces of memory that belongs to somebody else. Copying it starts again from the beginning of what is left,
/// so a function takes a copy and leaves no trace.
class Arena {
public:
    Arena() = default;
    explicit Arena(std::span<std::byte> memory) : memory_(memory) {}

    /// What `take<T>(count)` uses up.
    template <class T>
    static constexpr Index bytes(Index count) {
        return (count * static_cast<Index>(sizeof(T)) + 63) / 64 * 64;
    }

    /// `count` elements on a 64-byte boundary, not initialised. Asking for more than there is is a layer's own mistake: StateError.
    template <class T>
    T* take(Index count) {
        const auto size = static_cast<std::size_t>(bytes<T>(count));
        require<StateError>(size <= memory_.size(), "Arena: a layer takes ", size,
                            " bytes more than it said it would, ", memory_.size(), " are left");
        auto* const start = reinterpret_cast<T*>(memory_.data());
        memory_ = memory_.subspan(size);
        return start;
    }

private:
    std::span<std::byte> memory_;
};

} // namespace fovea
