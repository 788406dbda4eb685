#pragma once
#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>

/// Whole numbers from -4 to 4: sums of some thousand products of them are exact in float too, whatever their order.
template <class T>
fovea::Tensor<T> whole_numbers(const fovea::Shape& shape, std::uint32_t number) {
    fovea::Tensor<T> tensor(shape);
    const fovea::random::Stream stream{3, fovea::random::Purpose::user, number, 0};
    for (fovea::Index i = 0; i < tensor.size(); ++i)
        tensor[i] = static_cast<T>(stream.below(static_cast<std::uint64_t>(i), 9)) - 4;
    return tensor;
}

/// Fractions in (-1, 1), nearly all of whose sums are rounded.
template <class T>
fovea::Tensor<T> fractions(const fovea::Shape& shape, std::uint32_t number) {
    fovea::Tensor<T> tensor(shape);
    const fovea::random::Stream stream{4, fovea::random::Purpose::user, number, 0};
    for (fovea::Index i = 0; i < tensor.size(); ++i)
        tensor[i] = static_cast<T>(2 * stream.uniform(static_cast<std::uint64_t>(i)) - 1);
    return tensor;
}
