#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <fovea/core/shape.hpp>

namespace fovea::ops {

/// The axes of x in another order: axis k of y is axis axes[k] of x, counted from 0.
class Permutation {
public:
    Permutation(const Shape& x, std::span<const Index> axes) {
        std::vector<Index> extents;
        for (const Index axis : axes) {
            Index stride = 1;
            for (Index i = axis + 1; i < x.rank(); ++i) stride *= x[i];
            strides_[extents.size()] = stride;
            extents.push_back(x[axis]);
        }
        output_ = Shape(std::span<const Index>(extents));
    }

    const Shape& output() const { return output_; }

    /// Calls f(place in x, place in y) for `size` elements, of as many tensors as that is, one behind the other; in the order of y.
    template <class F>
    void each(Index size, F&& f) const {
        const Index last = output_.rank() > 0 ? output_.last() : 1;
        const Index stride = output_.rank() > 0 ? strides_[static_cast<std::size_t>(output_.rank() - 1)] : 1;
        const Index rows = output_.size() / std::max<Index>(1, last);
        for (Index out = 0, row = 0; out < size; ++row) {
            Index rest = row % rows;
            Index in = row / rows * output_.size();
            for (Index axis = output_.rank() - 2; axis >= 0; --axis) {
                in += rest % output_[axis] * strides_[static_cast<std::size_t>(axis)];
                rest /= output_[axis];
            }
            for (Index i = 0; i < last; ++i, ++out) f(in + i * stride, out);
        }
    }

private:
    Shape output_;
    std::array<Index, Shape::max_rank> strides_{}; ///< in x, of the axes of y
};

} // namespace fovea::ops
