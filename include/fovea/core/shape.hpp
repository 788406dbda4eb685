#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <ostream>
#include <span>

#include <fovea/core/error.hpp>

namespace fovea {

/// Sizes, counts and offsets: signed, so that differences are right.
using Index = std::ptrdiff_t;

/// The extents of a tensor, outermost first; rank 0 (a scalar) to 5. Prints as `(64, 28, 28, 1)`.
class Shape {
public:
    static constexpr Index max_rank = 5;

    Shape() = default;
    Shape(std::initializer_list<Index> extents) : Shape(std::span(extents.begin(), extents.size())) {}

    /// Throws ShapeError for more than 5 extents, a negative extent, or more elements than memory can hold.
    explicit Shape(std::span<const Index> extents) : rank_(static_cast<Index>(extents.size())) {
        require<ShapeError>(rank_ <= max_rank, "Shape: at most ", max_rank, " axes are possible, got ", rank_);
        std::copy(extents.begin(), extents.end(), extents_.begin());
        constexpr Index most = std::numeric_limits<Index>::max() / 16;
        Index product = 1;
        for (const Index extent : *this) {
            require<ShapeError>(extent >= 0, "Shape: extents must not be negative, got ", *this);
            require<ShapeError>(extent == 0 || product <= most / extent, "Shape: ", *this, " has too many elements");
            product *= std::max<Index>(extent, 1);
        }
    }

    Index rank() const { return rank_; }

    /// The extent of one axis; unchecked.
    Index operator[](Index axis) const { return extents_[static_cast<std::size_t>(axis)]; }

    /// The extent of one axis; -1 is the last. Throws ShapeError if there is no such axis.
    Index at(Index axis) const {
        require<ShapeError>(-rank_ <= axis && axis < rank_, "Shape: ", *this, " has no axis ", axis);
        return (*this)[axis < 0 ? axis + rank_ : axis];
    }

    Index last() const { return at(-1); }

    /// The number of elements; 1 for a scalar.
    Index size() const {
        Index product = 1;
        for (const Index extent : *this) product *= extent;
        return product;
    }

    const Index* begin() const { return extents_.data(); }
    const Index* end() const { return extents_.data() + rank_; }

    /// The shape without its first axis: (64, 28, 28, 1) -> (28, 28, 1).
    Shape tail() const {
        require<ShapeError>(rank_ > 0, "Shape: a scalar has no first axis");
        return Shape(std::span(begin() + 1, end()));
    }

    /// The shape with one more axis in front: (28, 28, 1) -> (64, 28, 28, 1).
    Shape prepend(Index extent) const {
        require<ShapeError>(rank_ < max_rank, "Shape: ", *this, " already has ", max_rank, " axes");
        std::array<Index, max_rank> extents{extent};
        std::copy(begin(), end(), extents.begin() + 1);
        return Shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(rank_) + 1));
    }

    bool operator==(const Shape&) const = default;

    friend std::ostream& operator<<(std::ostream& out, const Shape& shape) {
        out << '(';
        for (Index axis = 0; axis < shape.rank_; ++axis) out << (axis ? ", " : "") << shape[axis];
        return out << (shape.rank_ == 1 ? ",)" : ")");
    }

private:
    std::array<Index, max_rank> extents_{};
    Index rank_ = 0;
};

} // namespace fovea
