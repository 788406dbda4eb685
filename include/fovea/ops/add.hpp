#pragma once
#include <fovea/core/view.hpp>

namespace fovea::ops {

/// y += x, element by element.
template <class T>
void add(View<T> y, ConstView<T> x) {
    T* const to = y.data();
    const T* const from = x.data();
    for (Index i = 0; i < y.size(); ++i) to[i] += from[i];
}

} // namespace fovea::ops
