#pragma once
#include <type_traits>
#include <utility>

#include <Eigen/Core>

#include <fovea/core/tensor.hpp>

/// Tensors as Eigen matrices and back. What is called `as_...` shares the elements and copies nothing, so its argument
/// must live on: temporaries that own their elements are refused by the compiler.
namespace fovea {

template <class T>
using RowMajorMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace detail {

template <class T>
View<T> view_of(const View<T>& view) {
    return view;
}
template <class T>
View<T> view_of(Tensor<T>& tensor) {
    return tensor;
}
template <class T>
ConstView<T> view_of(const Tensor<T>& tensor) {
    return tensor;
}
template <class T>
ConstView<T> view_of(const Tensor<T>&&) = delete;

/// T for a View<T> or a Tensor<T>, const T for a ConstView<T> or a const Tensor<T>.
template <class X>
using Element = std::remove_pointer_t<decltype(view_of(std::declval<X>()).data())>;

/// `Object<T>`, or `const Object<T>` over const elements, on memory that something else owns.
template <template <class> class Object, class T>
using MapOf = Eigen::Map<
    std::conditional_t<std::is_const_v<T>, const Object<std::remove_const_t<T>>, Object<std::remove_const_t<T>>>>;

template <class E>
concept HasData = requires(E& e) {
    e.data();
};

/// What as_view takes: a matrix, array, map or block whose elements lie in memory row by row.
template <class E>
concept RowMajorDense = HasData<E> && std::is_base_of_v<Eigen::DenseBase<E>, E> &&
                        (bool(E::IsRowMajor) || bool(E::IsVectorAtCompileTime)) &&
                        int(E::InnerStrideAtCompileTime) == 1;

template <class E>
Shape eigen_shape(const Eigen::DenseBase<E>& e) {
    if constexpr (E::IsVectorAtCompileTime)
        return {e.size()};
    else
        return {e.rows(), e.cols()};
}

} // namespace detail

template <class T>
using MatrixMap = detail::MapOf<RowMajorMatrix, T>;
template <class T>
using VectorMap = detail::MapOf<Eigen::VectorX, T>;

/// A tensor or view with two axes as a matrix. Throws ShapeError for another number of axes.
template <class X>
MatrixMap<detail::Element<X>> as_matrix(X&& x) {
    const Shape& shape = x.shape();
    require<ShapeError>(shape.rank() == 2, "as_matrix: expected 2 axes, got the shape ", shape);
    return {x.data(), shape[0], shape[1]};
}

/// Any tensor or view as a matrix of `rows` times `columns`; one of them may be -1 and is worked out.
/// Throws ShapeError if the sizes differ.
template <class X>
MatrixMap<detail::Element<X>> as_matrix(X&& x, Index rows, Index columns) {
    return as_matrix(x.reshape({rows, columns}));
}

/// All elements of a tensor or view as one column.
template <class X>
VectorMap<detail::Element<X>> as_vector(X&& x) {
    return {x.data(), x.size()};
}

/// A row-major Eigen matrix, array, map or block as a view (rows, columns), a vector as a view (size,).
/// Throws ShapeError where a block skips elements between its rows.
template <class E>
    requires(detail::RowMajorDense<std::remove_const_t<E>>)
auto as_view(E& e) {
    require<ShapeError>(E::IsVectorAtCompileTime || e.rows() <= 1 || e.outerStride() == e.cols(), "as_view: rows of ",
                        e.cols(), " elements are ", e.outerStride(), " apart");
    return View<std::remove_pointer_t<decltype(e.data())>>(e.data(), detail::eigen_shape(e));
}
template <class E>
void as_view(const E&&) = delete;

/// A copy of any Eigen expression, whatever its storage order: (rows, columns), or (size,) for vectors.
template <class E>
Tensor<typename E::Scalar> to_tensor(const Eigen::DenseBase<E>& e) {
    Tensor<typename E::Scalar> result(detail::eigen_shape(e));
    as_matrix(result, e.rows(), e.cols()) = e.derived().matrix();
    return result;
}

} // namespace fovea
