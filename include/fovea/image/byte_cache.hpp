#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include <fovea/core/shape.hpp>

namespace fovea::image::detail {

/// Keeps the bytes of the first samples, as many as fit, once they have been made. Any number of threads at once; none waits: what
/// another one is just writing counts as not there.
class ByteCache {
public:
    ByteCache() = default;
    ByteCache(Index samples, Index sample_bytes, Index most_bytes)
        : sample_bytes_(sample_bytes), samples_(std::min(samples, most_bytes / std::max<Index>(sample_bytes, 1))) {
        if (samples_ == 0) return;
        // Not zeroed, so that memory is only taken as samples come.
        bytes_.reset(new std::uint8_t[static_cast<std::size_t>(samples_ * sample_bytes)]);
        states_ = std::make_unique<std::atomic<std::uint8_t>[]>(static_cast<std::size_t>(samples_));
    }

    /// Empty if the sample is not kept.
    std::span<const std::uint8_t> find(Index sample) const {
        if (sample >= samples_ || state(sample).load(std::memory_order_acquire) != ready) return {};
        return place(sample);
    }

    void keep(Index sample, std::span<const std::uint8_t> bytes) const {
        if (sample >= samples_) return;
        std::uint8_t expected = empty;
        if (!state(sample).compare_exchange_strong(expected, writing, std::memory_order_relaxed)) return;
        std::copy(bytes.begin(), bytes.end(), place(sample).begin());
        state(sample).store(ready, std::memory_order_release);
    }

private:
    static constexpr std::uint8_t empty = 0, writing = 1, ready = 2;

    std::atomic<std::uint8_t>& state(Index sample) const { return states_[static_cast<std::size_t>(sample)]; }
    std::span<std::uint8_t> place(Index sample) const {
        return {bytes_.get() + sample * sample_bytes_, static_cast<std::size_t>(sample_bytes_)};
    }

    Index sample_bytes_ = 0;
    Index samples_ = 0;
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::unique_ptr<std::atomic<std::uint8_t>[]> states_;
};

} // namespace fovea::image::detail
