#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

#include <unsupported/Eigen/CXX11/Tensor>

#include <fovea/core/eigen.hpp>

/// Tensors as Eigen's (unsupported) tensors and back; `as_...` shares the elements as in eigen.hpp.
namespace fovea {

template <class T, int rank>
using EigenTensor = Eigen::Tensor<T, rank, Eigen::RowMajor, Index>;

/// Over const T: read-only.
template <class T, int rank>
using TensorMap = Eigen::TensorMap<
    std::conditional_t<std::is_const_v<T>, const EigenTensor<std::remove_const_t<T>, rank>, EigenTensor<T, rank>>>;

/// A tensor or view with `rank` axes as an Eigen tensor. Throws ShapeError for another number of axes.
template <int rank, class X>
TensorMap<detail::Element<X>, rank> as_tensor_map(X&& x) {
    const Shape& shape = x.shape();
    require<ShapeError>(shape.rank() == rank, "as_tensor_map: expected ", rank, " axes, got the shape ", shape);
    Eigen::DSizes<Index, rank> extents;
    for (int axis = 0; axis < rank; ++axis) extents[static_cast<std::size_t>(axis)] = shape[axis];
    return {x.data(), extents};
}

namespace detail {

template <class E>
Shape eigen_tensor_shape(const E& e) {
    std::array<Index, Shape::max_rank> extents{};
    constexpr std::size_t rank = E::NumDimensions;
    for (std::size_t axis = 0; axis < rank; ++axis) extents[axis] = e.dimensions()[axis];
    return Shape(std::span<const Index>(extents.data(), rank));
}

/// What as_view takes: a row-major Eigen::Tensor or Eigen::TensorMap.
template <class E>
concept RowMajorEigenTensor = HasData<E> && std::is_base_of_v<Eigen::TensorBase<E>, E> &&
                              int(E::Layout) == int(Eigen::RowMajor);

} // namespace detail

/// A row-major Eigen::Tensor or Eigen::TensorMap as a view of the same shape.
template <class E>
    requires(detail::RowMajorEigenTensor<std::remove_const_t<E>>)
auto as_view(E& e) { return View<std::remove_pointer_t<decltype(e.data())>>(e.data(), detail::eigen_tensor_shape(e)); }

/// A copy of any Eigen tensor expression of rank 0 to 5, whatever its storage order.
template <class E>
auto to_tensor(const Eigen::TensorBase<E, Eigen::ReadOnlyAccessors>& expression) {
    using Traits = Eigen::internal::traits<E>;
    using Scalar = std::remove_const_t<typename Traits::Scalar>;
    constexpr int rank = Traits::NumDimensions;
    const Eigen::Tensor<Scalar, rank, Traits::Layout, Index> value = static_cast<const E&>(expression);
    Tensor<Scalar> result(detail::eigen_tensor_shape(value));
    if constexpr (rank < 2 || int(Traits::Layout) == int(Eigen::RowMajor)) {
        std::copy(value.data(), value.data() + value.size(), result.begin());
    } else {
        std::array<int, rank> reversed{};
        for (int axis = 0; axis < rank; ++axis) reversed[static_cast<std::size_t>(axis)] = rank - 1 - axis;
        as_tensor_map<rank>(result) = value.swap_layout().shuffle(reversed);
    }
    return result;
}

} // namespace fovea
