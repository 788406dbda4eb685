#pragma once
#include <vector>

#include <fovea/core/random.hpp>

#include "catch.hpp"
#include "support/isa.hpp"
#include "support/same_bits.hpp"

/// Calls `results()`, which makes a vector of tensors, with each instruction set that there is, checks that they have the same bits
/// every time, and returns them.
template <class F>
auto on_all_isas(F&& results) {
    const auto run = [&](fovea::Isa isa) {
        const IsaGuard guard(isa);
        return results();
    };
    const auto first = run(fovea::Isa::generic);
    for (const fovea::Isa isa : available_isas()) {
        const auto again = run(isa);
        REQUIRE(again.size() == first.size());
        for (std::size_t i = 0; i < first.size(); ++i) {
            INFO(isa << ", result " << i);
            CHECK(same_bits(first[i], again[i]));
        }
    }
    return first;
}

/// Uniform in [low, high).
template <class T>
fovea::Tensor<T> uniform_numbers(const fovea::Shape& shape, std::uint32_t number, double low = -1, double high = 1) {
    fovea::Tensor<T> tensor(shape);
    const fovea::random::Stream stream{11, fovea::random::Purpose::user, number, 0};
    for (fovea::Index i = 0; i < tensor.size(); ++i)
        tensor[i] = static_cast<T>(low + (high - low) * stream.uniform(static_cast<std::uint64_t>(i)));
    return tensor;
}
