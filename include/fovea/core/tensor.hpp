#pragma once
#include <cmath>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include <fovea/core/view.hpp>

namespace fovea {

/// Memory on 64-byte boundaries: a cache line, and the widest SIMD register.
template <class T>
struct AlignedAllocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    AlignedAllocator() = default;
    template <class U>
    AlignedAllocator(const AlignedAllocator<U>&) {}

    T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
    void deallocate(T* data, std::size_t) { ::operator delete(data, alignment); }
    bool operator==(const AlignedAllocator&) const = default;
};

namespace detail {

/// Converts a number; throws ValueError where the target type cannot hold it (out of range, or NaN as an integer).
template <class To, class From>
To convert(From value) {
    if constexpr (std::integral<To> && std::floating_point<From>) {
        const auto low = static_cast<From>(std::numeric_limits<To>::min());
        const From beyond = std::ldexp(From{1}, std::numeric_limits<To>::digits); // max itself may not be representable
        const From whole = std::trunc(value);
        require<ValueError>(whole >= low && whole < beyond, "cast: ", value, " does not fit the integer type [",
                            +std::numeric_limits<To>::min(), ", ", +std::numeric_limits<To>::max(), "]");
        return static_cast<To>(whole);
    } else if constexpr (std::integral<To>) {
        require<ValueError>(std::in_range<To>(value), "cast: ", +value, " does not fit the integer type [",
                            +std::numeric_limits<To>::min(), ", ", +std::numeric_limits<To>::max(), "]");
        return static_cast<To>(value);
    } else {
        if constexpr (std::floating_point<From>)
            require<ValueError>(!std::isfinite(value) || std::abs(value) <= std::numeric_limits<To>::max(),
                                "cast: ", value, " does not fit a number of at most ", std::numeric_limits<To>::max());
        return static_cast<To>(value);
    }
}

/// A number, or a list of numbers and lists, as they are written: `{{1, 2}, {3, 4}}`. It lives as long as that expression.
/// One type for all depths, since for initializer_list<float> the rows of `{{1}, {2}}` would be numbers as well as lists.
template <class T>
struct Nested {
    template <class U>
        requires(std::integral<U> || (std::floating_point<U> && std::floating_point<T>))
    Nested(U number) : value(convert<T>(number)) {}
    Nested(std::initializer_list<Nested> rows) : list(rows), is_list(true) {}

    T value{};
    std::initializer_list<Nested> list{};
    bool is_list = false;
};

} // namespace detail

/// Owns its elements: row-major, 64-byte aligned, of rank 0 to 5. Copying copies the elements; a moved-from tensor may
/// only be assigned to or destroyed.
template <class T>
class Tensor {
    static_assert(!std::is_same_v<T, bool>, "std::vector<bool> has no elements to point at; use std::uint8_t");

public:
    using value_type = T;

    /// No elements, shape (0,).
    Tensor() : shape_{0} {}

    /// All elements zero, or all `value`. The shape must be called one, `Tensor<float>(Shape{2, 3})`: a bare `({2, 3})` is a
    /// list of two values.
    explicit Tensor(const Shape& shape, T value = T{})
        : shape_(shape), elements_(static_cast<std::size_t>(shape.size()), value) {}

    /// Copies `elements`. Throws ShapeError unless there are as many as `shape` has.
    Tensor(const Shape& shape, std::span<const T> elements)
        : shape_(shape), elements_(elements.begin(), elements.end()) {
        require<ShapeError>(static_cast<Index>(elements.size()) == shape.size(), "Tensor: the shape ", shape, " has ",
                            shape.size(), " elements, got ", elements.size());
    }
    Tensor(const Shape& shape, const std::vector<T>& elements) : Tensor(shape, std::span<const T>(elements)) {}

    /// Copies what a view shows.
    explicit Tensor(ConstView<T> view) : Tensor(view.shape(), view.span()) {}

    /// From values as they are written: `Tensor<float>{{1, 2}, {3, 4}}`. Throws ShapeError if rows differ in length or depth.
    Tensor(std::initializer_list<detail::Nested<T>> list) : shape_(measure(list)) {
        elements_.reserve(static_cast<std::size_t>(shape_.size()));
        append(list, 0);
    }

    const Shape& shape() const { return shape_; }
    Index size() const { return static_cast<Index>(elements_.size()); }
    bool empty() const { return elements_.empty(); }
    T* data() { return elements_.data(); }
    const T* data() const { return elements_.data(); }
    std::span<T> span() { return elements_; }
    std::span<const T> span() const { return elements_; }
    T* begin() { return data(); }
    T* end() { return data() + size(); }
    const T* begin() const { return data(); }
    const T* end() const { return data() + size(); }

    View<T> view() { return {data(), shape_}; }
    ConstView<T> view() const { return {data(), shape_}; }
    operator View<T>() { return view(); }
    operator ConstView<T>() const { return view(); }

    T& operator[](Index i) { return data()[i]; }
    const T& operator[](Index i) const { return data()[i]; }
    template <std::integral... I>
    T& operator()(I... index) {
        return view()(index...);
    }
    template <std::integral... I>
    const T& operator()(I... index) const {
        return view()(index...);
    }
    template <std::integral... I>
    T& at(I... index) {
        return view().at(index...);
    }
    template <std::integral... I>
    const T& at(I... index) const {
        return view().at(index...);
    }

    /// Views of the same elements; see View.
    View<T> reshape(std::initializer_list<Index> extents) { return view().reshape(extents); }
    ConstView<T> reshape(std::initializer_list<Index> extents) const { return view().reshape(extents); }
    View<T> reshape(const Shape& shape) { return view().reshape(shape); }
    ConstView<T> reshape(const Shape& shape) const { return view().reshape(shape); }
    View<T> slice(Index first, Index last) { return view().slice(first, last); }
    ConstView<T> slice(Index first, Index last) const { return view().slice(first, last); }
    View<T> row(Index i) { return view().row(i); }
    ConstView<T> row(Index i) const { return view().row(i); }

    /// This tensor in another shape of the same size, its elements left where they are: `std::move(x).reshaped({-1, 28, 28, 1})`.
    /// Throws as View::reshape, and then nothing has moved.
    Tensor reshaped(std::initializer_list<Index> extents) && {
        return std::move(*this).reshaped(view().reshape(extents).shape());
    }
    Tensor reshaped(const Shape& shape) && {
        shape_ = view().reshape(shape).shape();
        return std::move(*this);
    }

    void fill(T value) { std::fill(begin(), end(), value); }

    /// A new tensor of what `f` makes of each element.
    template <class F>
    auto map(F&& f) const {
        Tensor<std::remove_cvref_t<decltype(f(std::declval<const T&>()))>> result(shape_);
        std::transform(begin(), end(), result.begin(), std::forward<F>(f));
        return result;
    }

    /// A copy in another scalar type; fractions are cut off towards zero. Throws ValueError if a value does not fit.
    template <class U>
    Tensor<U> cast() const {
        return map([](T value) { return detail::convert<U>(value); });
    }

    /// Same shape and equal elements (so NaN makes it false).
    bool operator==(const Tensor& other) const {
        return shape_ == other.shape_ && std::equal(begin(), end(), other.begin());
    }

private:
    static Shape measure(std::initializer_list<detail::Nested<T>> list) {
        const bool deeper = list.size() > 0 && list.begin()->is_list;
        return (deeper ? measure(list.begin()->list) : Shape{}).prepend(static_cast<Index>(list.size()));
    }

    void append(std::initializer_list<detail::Nested<T>> list, Index axis) {
        require<ShapeError>(static_cast<Index>(list.size()) == shape_[axis],
                            "Tensor: nested lists differ in length: ", shape_[axis], " and ", list.size());
        const bool last = axis + 1 == shape_.rank();
        for (const detail::Nested<T>& row : list) {
            require<ShapeError>(row.is_list != last, "Tensor: nested lists differ in depth: ", shape_.rank(), " and ",
                                last ? "more" : "less");
            if (last)
                elements_.push_back(row.value);
            else
                append(row.list, axis + 1);
        }
    }

    Shape shape_;
    std::vector<T, AlignedAllocator<T>> elements_;
};

/// Whether |a - b| <= absolute + relative * |b| for every element, and the shapes are equal (NumPy's allclose).
template <class T>
bool allclose(std::type_identity_t<ConstView<T>> a, std::type_identity_t<ConstView<T>> b, double relative = 1e-5,
              double absolute = 1e-8) {
    if (a.shape() != b.shape()) return false;
    return std::equal(a.begin(), a.end(), b.begin(), [=](T left, T right) {
        const auto l = static_cast<double>(left);
        const auto r = static_cast<double>(right);
        return l == r || (std::isfinite(r) && std::abs(l - r) <= absolute + relative * std::abs(r));
    });
}
template <class T>
bool allclose(const Tensor<T>& a, const Tensor<T>& b, double relative = 1e-5, double absolute = 1e-8) {
    return allclose<T>(a.view(), b.view(), relative, absolute);
}

} // namespace fovea
