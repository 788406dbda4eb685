#pragma once
#include <cstdint>

#include <fovea/core/view.hpp>

namespace fovea {

/// What the outputs of some samples should be: class labels or values, whichever is not empty.
template <class T>
struct Targets {
    ConstView<std::int32_t> labels; ///< (batch) or (batch, positions...)
    ConstView<T> values;            ///< (batch, ...), as the output

    bool are_labels() const { return labels.data() != nullptr; }
};

} // namespace fovea
