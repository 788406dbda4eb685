#include "catch.hpp"

#include <fovea/core/eigen.hpp>

using fovea::as_matrix;
using fovea::as_vector;
using fovea::as_view;
using fovea::ConstView;
using fovea::Shape;
using fovea::ShapeError;
using fovea::Tensor;
using fovea::to_tensor;
using fovea::View;

namespace {

template <class X>
concept ViewableAsMatrix = requires(X&& x) {
    as_matrix(std::forward<X>(x));
};
template <class X>
concept ViewableFromEigen = requires(X&& x) {
    as_view(std::forward<X>(x));
};

} // namespace

TEST_CASE("a tensor with two axes is a row-major Eigen matrix over the same elements") {
    Tensor<float> x{{1, 2, 3}, {4, 5, 6}};
    auto matrix = as_matrix(x);
    REQUIRE(matrix.rows() == 2);
    REQUIRE(matrix.cols() == 3);
    CHECK(matrix(0, 2) == 3);
    CHECK(matrix(1, 0) == 4);
    CHECK(matrix.data() == x.data());
    matrix(1, 1) = 50;
    CHECK(x(1, 1) == 50);
    as_matrix(x.view()).row(0).setConstant(7);
    CHECK(x == Tensor<float>{{7, 7, 7}, {4, 50, 6}});
}

TEST_CASE("a const tensor is a read-only Eigen matrix") {
    const Tensor<double> x{{1, 2}, {3, 4}};
    const auto matrix = as_matrix(x);
    STATIC_REQUIRE(std::is_same_v<decltype(as_matrix(x).data()), const double*>);
    STATIC_REQUIRE(std::is_same_v<decltype(as_vector(x).data()), const double*>);
    CHECK(matrix(1, 0) == 3);
    CHECK(as_matrix(ConstView<double>(x)).sum() == 10);
}

TEST_CASE("any tensor is a matrix of given rows and columns, or a vector") {
    Tensor<float> x(Shape{2, 3, 4});
    for (fovea::Index i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    CHECK(as_matrix(x, 6, 4)(5, 3) == 23);
    CHECK(as_matrix(x, 2, 12)(1, 0) == 12);
    CHECK(as_matrix(x, -1, 4).rows() == 6);
    CHECK(as_vector(x).sum() == 276); // 0 + ... + 23
    CHECK(as_vector(x).data() == x.data());
    as_vector(x.row(1)).setZero();
    CHECK(as_vector(x).sum() == 66); // 0 + ... + 11
}

TEST_CASE("as_matrix says which shape does not fit") {
    const Tensor<float> x(Shape{2, 3, 4});
    CHECK_THROWS_MATCHES(as_matrix(x), ShapeError, says("expected 2 axes, got the shape (2, 3, 4)"));
    CHECK_THROWS_MATCHES(as_matrix(x, 5, 5), ShapeError, says("(2, 3, 4) has 24 elements, (5, 5) has 25"));
}

TEST_CASE("row-major Eigen objects are views without a copy") {
    fovea::RowMajorMatrix<float> matrix(2, 3);
    matrix << 1, 2, 3, 4, 5, 6;
    View<float> view = as_view(matrix);
    CHECK(view.shape() == Shape{2, 3});
    CHECK(view.data() == matrix.data());
    view(1, 0) = 40;
    CHECK(matrix(1, 0) == 40);

    const auto& constant = matrix;
    STATIC_REQUIRE(std::is_same_v<decltype(as_view(constant)), ConstView<float>>);
    CHECK(as_view(constant)(1, 2) == 6);

    double numbers[] = {1, 2, 3, 4, 5, 6};
    Eigen::Map<fovea::RowMajorMatrix<double>> map(numbers, 3, 2);
    CHECK(as_view(map)(2, 0) == 5);
    CHECK(as_view(map).data() == numbers);

    Eigen::VectorXf vector(3);
    vector << 7, 8, 9;
    CHECK(as_view(vector).shape() == Shape{3});
    CHECK(as_view(vector)(2) == 9);

    auto rows = matrix.topRows(1);
    CHECK(as_view(rows).shape() == Shape{1, 3});
    auto columns = matrix.leftCols(2);
    CHECK_THROWS_MATCHES(as_view(columns), ShapeError, says("rows of 2 elements are 3 apart"));
}

TEST_CASE("temporary and column-major matrices are refused at compile time") {
    STATIC_REQUIRE(ViewableAsMatrix<Tensor<float>&>);
    STATIC_REQUIRE(ViewableAsMatrix<View<float>>);
    STATIC_REQUIRE_FALSE(ViewableAsMatrix<Tensor<float>>);
    STATIC_REQUIRE_FALSE(ViewableAsMatrix<const Tensor<float>>);
    STATIC_REQUIRE(ViewableFromEigen<fovea::RowMajorMatrix<float>&>);
    STATIC_REQUIRE_FALSE(ViewableFromEigen<fovea::RowMajorMatrix<float>>);
    STATIC_REQUIRE_FALSE(ViewableFromEigen<Eigen::MatrixXf&>);
}

TEST_CASE("to_tensor copies matrix expressions of either storage order") {
    Eigen::MatrixXd columns(2, 3);
    columns << 1, 2, 3, 4, 5, 6;
    CHECK(to_tensor(columns) == Tensor<double>{{1, 2, 3}, {4, 5, 6}});
    CHECK(to_tensor(columns.transpose()) == Tensor<double>{{1, 4}, {2, 5}, {3, 6}});
    CHECK(to_tensor(columns * columns.transpose()) == Tensor<double>{{14, 32}, {32, 77}});
    CHECK(to_tensor(columns.array() + 1) == Tensor<double>{{2, 3, 4}, {5, 6, 7}});
    CHECK(to_tensor(columns.row(1)) == Tensor<double>{4, 5, 6});
    CHECK(to_tensor(columns.col(1)) == Tensor<double>{2, 5});
    CHECK(to_tensor(Eigen::MatrixXf(0, 3)).shape() == Shape{0, 3});
}
