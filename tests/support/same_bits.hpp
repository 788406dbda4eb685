#pragma once
#include <cstring>

#include <fovea/core/tensor.hpp>

/// Whether two tensors are equal to the last bit, but for NaN, of which there are many.
template <class T>
bool same_bits(const fovea::Tensor<T>& a, const fovea::Tensor<T>& b) {
    if (a.shape() != b.shape()) return false;
    for (fovea::Index i = 0; i < a.size(); ++i)
        if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0 && (a[i] == a[i] || b[i] == b[i])) return false;
    return true;
}
