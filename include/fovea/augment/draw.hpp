#pragma once
#include <cmath>
#include <cstdint>

#include <fovea/core/random.hpp>

namespace fovea {

/// Random numbers for one augmentation of one sample, one after another. What one draws, no other ever does: not of another
/// sample (below 2^32), another epoch, or another number, which is the augmentation's place in its list.
class Draw {
public:
    Draw(std::uint64_t seed, Index sample, Index epoch, Index number)
        : Draw({seed, random::Purpose::augment, static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(epoch)},
               sample) {}

    /// Of a stream that many samples share, as those of a batch share a layer's.
    Draw(const random::Stream& stream, Index sample)
        : stream_(stream), next_(static_cast<std::uint64_t>(sample) << 32) {}

    /// Between `low` and `high`; `low` itself if they are the same.
    double uniform(double low, double high) { return std::fma(high - low, unit(), low); }

    /// Normal with mean 0 and standard deviation 1.
    double normal() { return math::normal_quantile(unit()); }

    bool chance(double probability) { return unit() < probability; }

    /// A whole number in [0, bound), for 0 < bound < 2^32; the bias is below bound / 2^64.
    Index below(Index bound) {
        const std::uint64_t high = bits(), low = bits();
        const auto wide = static_cast<std::uint64_t>(bound);
        return static_cast<Index>((high * wide + (low * wide >> 32)) >> 32);
    }

private:
    /// In (0, 1), on the middles of 2^32 equal steps.
    double unit() { return (bits() + 0.5) * 0x1p-32; }

    std::uint32_t bits() {
        if (used_ == words_.size()) {
            words_ = stream_.block(next_++);
            used_ = 0;
        }
        return words_[used_++];
    }

    random::Stream stream_;
    std::uint64_t next_;
    random::Block words_{};
    std::size_t used_ = std::tuple_size_v<random::Block>;
};

} // namespace fovea
