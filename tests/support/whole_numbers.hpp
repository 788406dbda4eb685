#pragma once
#include <algorithm>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>

/// f(i, 32 random bits) for all i below `count`. Each block of the stream is worked out once, for which unoptimised builds take long.
template <class F>
void for_each_random(fovea::Index count, const fovea::random::Stream& stream, F&& f) {
    for (fovea::Index i = 0; i < count; i += 4) {
        const fovea::random::Block block = stream.block(static_cast<std::uint64_t>(i / 4));
        const fovea::Index end = std::min<fovea::Index>(4, count - i);
        for (fovea::Index j = 0; j < end; ++j) f(i + j, block[static_cast<std::size_t>(j)]);
    }
}

/// Whole numbers from -most to most.
template <class T>
void fill_whole(T* to, fovea::Index count, const fovea::random::Stream& stream, std::uint32_t most) {
    for_each_random(count, stream, [&](fovea::Index i, std::uint32_t bits) {
        to[i] = static_cast<T>(bits % (2 * most + 1)) - static_cast<T>(most);
    });
}

/// Fractions in (-1, 1), nearly all of whose sums are rounded.
template <class T>
void fill_fractions(T* to, fovea::Index count, const fovea::random::Stream& stream) {
    for_each_random(count, stream,
                    [&](fovea::Index i, std::uint32_t bits) { to[i] = static_cast<T>((bits + 0.5) * 0x1p-31 - 1); });
}

/// Whole numbers from -4 to 4: sums of some thousand products of them are exact in float too, whatever their order.
template <class T>
fovea::Tensor<T> whole_numbers(const fovea::Shape& shape, std::uint32_t number) {
    fovea::Tensor<T> tensor(shape);
    fill_whole(tensor.data(), tensor.size(), {3, fovea::random::Purpose::user, number, 0}, 4);
    return tensor;
}

template <class T>
fovea::Tensor<T> fractions(const fovea::Shape& shape, std::uint32_t number) {
    fovea::Tensor<T> tensor(shape);
    fill_fractions(tensor.data(), tensor.size(), {4, fovea::random::Purpose::user, number, 0});
    return tensor;
}
