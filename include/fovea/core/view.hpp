#pragma once
#include <concepts>
#include <span>
#include <type_traits>

#include <fovea/core/shape.hpp>

namespace fovea {

namespace detail {

/// Row-major offset of an element; unchecked.
template <std::integral... I>
Index offset(const Shape& shape, I... index) {
    Index axis = 0;
    Index result = 0;
    ((result = result * shape[axis++] + static_cast<Index>(index)), ...);
    return result;
}

/// As `offset`, but throws ShapeError for a wrong number of indices or an index out of range.
template <std::integral... I>
Index checked_offset(const Shape& shape, I... index) {
    require<ShapeError>(Index{sizeof...(I)} == shape.rank(), "at: the shape ", shape, " needs ", shape.rank(),
                        " indices, got ", sizeof...(I));
    Index axis = 0;
    [[maybe_unused]] const auto check = [&](Index i) {
        require<ShapeError>(0 <= i && i < shape[axis], "at: index ", i, " is outside axis ", axis, " of the shape ",
                            shape);
        ++axis;
    };
    (check(static_cast<Index>(index)), ...);
    return offset(shape, index...);
}

} // namespace detail

/// A window on row-major elements that something else owns: a pointer and a shape, as cheap to copy as that.
/// A default-constructed view is empty and means "not there" or "not wanted".
template <class T>
class View {
public:
    using value_type = std::remove_const_t<T>;

    View() : shape_{0} {}
    View(T* data, const Shape& shape) : data_(data), shape_(shape) {}

    /// View<float> is also a View<const float>.
    template <class U>
        requires(std::is_same_v<T, const U>)
    View(const View<U>& other) : data_(other.data()), shape_(other.shape()) {}

    /// Throws ShapeError unless `elements` has as many elements as `shape`.
    View(std::span<T> elements, const Shape& shape) : data_(elements.data()), shape_(shape) {
        require<ShapeError>(static_cast<Index>(elements.size()) == shape.size(), "View: the shape ", shape, " has ",
                            shape.size(), " elements, the span ", elements.size());
    }

    T* data() const { return data_; }
    const Shape& shape() const { return shape_; }
    Index size() const { return shape_.size(); }
    bool empty() const { return size() == 0; }
    std::span<T> span() const { return {data_, static_cast<std::size_t>(size())}; }
    T* begin() const { return data_; }
    T* end() const { return data_ + size(); }

    /// The element at flat (row-major) position `i`; unchecked.
    T& operator[](Index i) const { return data_[i]; }

    /// The element at one index an axis; unchecked.
    template <std::integral... I>
    T& operator()(I... index) const {
        return data_[detail::offset(shape_, index...)];
    }

    /// The element at one index an axis. Throws ShapeError for an index that is not there.
    template <std::integral... I>
    T& at(I... index) const {
        return data_[detail::checked_offset(shape_, index...)];
    }

    /// The same elements in another shape of the same size; one extent may be -1 and is worked out.
    /// Throws ShapeError if the sizes differ.
    View reshape(std::initializer_list<Index> extents) const { return {data_, infer(extents)}; }
    View reshape(const Shape& shape) const {
        require<ShapeError>(shape.size() == size(), "reshape: ", shape_, " has ", size(), " elements, ", shape, " has ",
                            shape.size());
        return {data_, shape};
    }

    /// Elements [first, last) of the first axis. Throws ShapeError if they are not all there.
    View slice(Index first, Index last) const {
        const Index count = shape_.at(0);
        require<ShapeError>(0 <= first && first <= last && last <= count, "slice: [", first, ", ", last,
                            ") is outside the first axis of ", shape_);
        const Shape inner = shape_.tail();
        return {data_ + first * inner.size(), inner.prepend(last - first)};
    }

    /// Element `i` of the first axis, without that axis. Throws ShapeError if it is not there.
    View row(Index i) const {
        const View one = slice(i, i + 1);
        return {one.data_, shape_.tail()};
    }

private:
    Shape infer(std::initializer_list<Index> extents) const {
        std::array<Index, Shape::max_rank> known{};
        Index rank = 0;
        Index unknown = -1;
        for (const Index extent : extents) {
            require<ShapeError>(rank < Shape::max_rank, "reshape: at most ", Shape::max_rank, " axes are possible");
            require<ShapeError>(extent != -1 || unknown < 0, "reshape: only one extent may be -1");
            if (extent == -1) unknown = rank;
            known[static_cast<std::size_t>(rank++)] = extent == -1 ? 1 : extent;
        }
        const std::span<const Index> given(known.data(), static_cast<std::size_t>(rank));
        if (unknown >= 0) {
            const Index rest = Shape(given).size();
            require<ShapeError>(rest > 0 && size() % rest == 0, "reshape: ", size(), " elements of ", shape_,
                                " cannot be divided into rows of ", rest);
            known[static_cast<std::size_t>(unknown)] = size() / rest;
        }
        return reshape(Shape(given)).shape();
    }

    T* data_ = nullptr;
    Shape shape_;
};

template <class T>
using ConstView = View<const T>;

} // namespace fovea
