#include "catch.hpp"

#include <fovea/core/eigen_tensor.hpp>

using fovea::as_tensor_map;
using fovea::as_view;
using fovea::Shape;
using fovea::Tensor;
using fovea::to_tensor;

namespace {

template <class X>
concept ViewableAsTensorMap = requires(X&& x) {
    as_tensor_map<2>(std::forward<X>(x));
};
template <class X>
concept ViewableFromEigen = requires(X&& x) {
    as_view(std::forward<X>(x));
};

Tensor<float> counted(const Shape& shape) {
    Tensor<float> x(shape);
    for (fovea::Index i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    return x;
}

} // namespace

TEST_CASE("a tensor is an Eigen tensor over the same elements") {
    Tensor<float> x = counted({2, 3, 4});
    auto map = as_tensor_map<3>(x);
    CHECK(map.data() == x.data());
    CHECK(map.dimension(1) == 3);
    CHECK(map(1, 2, 3) == 23);
    CHECK(map(0, 1, 0) == 4);
    map(1, 0, 0) = -1;
    CHECK(x(1, 0, 0) == -1);
    map = map * 2.0F;
    CHECK(x(1, 2, 3) == 46);
}

TEST_CASE("a const tensor is a read-only Eigen tensor") {
    const Tensor<float> x = counted({2, 2, 2, 2, 2});
    const auto map = as_tensor_map<5>(x);
    STATIC_REQUIRE(std::is_same_v<decltype(as_tensor_map<5>(x).data()), const float*>);
    CHECK(map(1, 0, 1, 0, 1) == 21); // 16 + 4 + 1
}

TEST_CASE("as_tensor_map says which shape does not fit") {
    const Tensor<float> x(Shape{2, 3});
    CHECK_THROWS_MATCHES(as_tensor_map<3>(x), fovea::ShapeError, says("expected 3 axes, got the shape (2, 3)"));
}

TEST_CASE("row-major Eigen tensors and tensor maps are views without a copy") {
    fovea::EigenTensor<double, 3> eigen(2, 3, 4);
    eigen.setZero();
    eigen(1, 0, 2) = 5;
    auto view = as_view(eigen);
    CHECK(view.shape() == Shape{2, 3, 4});
    CHECK(view(1, 0, 2) == 5);
    CHECK(view.data() == eigen.data());
    const auto& constant = eigen;
    STATIC_REQUIRE(std::is_same_v<decltype(as_view(constant)), fovea::ConstView<double>>);

    float numbers[] = {1, 2, 3, 4, 5, 6};
    Eigen::TensorMap<Eigen::Tensor<float, 2, Eigen::RowMajor>> map(numbers, 3, 2);
    CHECK(as_view(map)(2, 0) == 5);
    CHECK(as_view(map).data() == numbers);
}

TEST_CASE("temporary and column-major Eigen tensors are refused at compile time") {
    STATIC_REQUIRE(ViewableAsTensorMap<Tensor<float>&>);
    STATIC_REQUIRE_FALSE(ViewableAsTensorMap<Tensor<float>>);
    STATIC_REQUIRE(ViewableFromEigen<fovea::EigenTensor<float, 2>&>);
    STATIC_REQUIRE_FALSE(ViewableFromEigen<fovea::EigenTensor<float, 2>>);
    STATIC_REQUIRE_FALSE(ViewableFromEigen<Eigen::Tensor<float, 2>&>);
}

TEST_CASE("to_tensor copies Eigen tensor expressions of either storage order") {
    Tensor<float> x = counted({2, 3});
    auto map = as_tensor_map<2>(x);
    CHECK(to_tensor(map + 1.0F) == Tensor<float>{{1, 2, 3}, {4, 5, 6}});
    CHECK(to_tensor(map) == x);

    Eigen::Tensor<int, 3> columns(2, 3, 2);
    columns.setValues({{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}});
    CHECK(to_tensor(columns) == Tensor<int>{{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}});
    CHECK(to_tensor(columns.sum()).shape() == Shape{});
    CHECK(to_tensor(columns.sum())[0] == 78);
}
