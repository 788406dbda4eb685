#include "catch.hpp"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <fovea/core/tensor.hpp>

using fovea::allclose;
using fovea::ConstView;
using fovea::Index;
using fovea::Shape;
using fovea::ShapeError;
using fovea::Tensor;
using fovea::ValueError;
using fovea::View;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

template <class T>
concept TakesFraction = requires {
    Tensor<T>{1.5};
};

} // namespace

TEST_CASE("a tensor is made from a shape, with zeros or a value") {
    const Tensor<float> zeros(Shape{2, 3});
    CHECK(zeros.shape() == Shape{2, 3});
    CHECK(zeros == Tensor<float>{{0, 0, 0}, {0, 0, 0}});
    CHECK(Tensor<int>(Shape{3}, 7) == Tensor<int>{7, 7, 7});
    CHECK(Tensor<double>(Shape{}, 2.5)() == 2.5);
}

TEST_CASE("a tensor is made from nested lists of up to five levels") {
    CHECK(Tensor<float>{1, 2, 3}.shape() == Shape{3});
    CHECK(Tensor<float>{{1, 2, 3}, {4, 5, 6}}.shape() == Shape{2, 3});
    CHECK(Tensor<int>{{{1, 2}, {3, 4}, {5, 6}}}.shape() == Shape{1, 3, 2});
    const Tensor<int> five{{{{{1, 2}, {3, 4}}}, {{{5, 6}, {7, 8}}}}};
    CHECK(five.shape() == Shape{1, 2, 1, 2, 2});
    CHECK(five(0, 1, 0, 1, 0) == 7);
    CHECK(Tensor<float>{{1}, {2}}.shape() == Shape{2, 1});
    CHECK(Tensor<float>{{{{1}, {2}}, {{3}, {4}}}}.shape() == Shape{1, 2, 2, 1});
    CHECK(Tensor<float>{{{{{1}}}}}.shape() == Shape{1, 1, 1, 1, 1});
    CHECK(Tensor<float>{{}, {}}.shape() == Shape{2, 0});
    CHECK(Tensor<float>{5}.shape() == Shape{1});
    CHECK(Tensor<float>({2, 3}).shape() == Shape{2});
    CHECK(Tensor<double>{1, 2.5, 3.5F} == Tensor<double>{1.0, 2.5, 3.5});
    STATIC_REQUIRE(TakesFraction<float>);
    STATIC_REQUIRE_FALSE(TakesFraction<int>);
    CHECK(Tensor<float>{5, 6}[0] == 5);
}

TEST_CASE("nested lists of different lengths or depths, and numbers that do not fit, are refused") {
    CHECK_THROWS_MATCHES((Tensor<float>{{1, 2, 3}, {4, 5}}), ShapeError, says("differ in length: 3 and 2"));
    CHECK_THROWS_MATCHES((Tensor<float>{{{1, 2}, {3, 4}}, {{5, 6}}}), ShapeError, says("differ in length: 2 and 1"));
    CHECK_THROWS_MATCHES((Tensor<float>{{1}, 2}), ShapeError, says("differ in depth: 2 and less"));
    CHECK_THROWS_MATCHES((Tensor<float>{1, {2}}), ShapeError, says("differ in depth: 1 and more"));
    CHECK_THROWS_MATCHES((Tensor<float>{{{{{{1}}}}}}), ShapeError, says("already has 5 axes"));
    CHECK_THROWS_MATCHES((Tensor<std::uint8_t>{255, 256}), ValueError,
                         says("256 does not fit the integer type [0, 255]"));
}

TEST_CASE("a tensor is made from a span, a vector or a view, and copies them") {
    std::vector<float> numbers{1, 2, 3, 4, 5, 6};
    const Tensor<float> from_vector({2, 3}, numbers);
    const Tensor<float> from_span({3, 2}, std::span<const float>(numbers));
    const Tensor<float> from_view(ConstView<float>(numbers.data() + 2, {2, 2}));
    numbers[3] = -1;
    CHECK(from_vector == Tensor<float>{{1, 2, 3}, {4, 5, 6}});
    CHECK(from_span == Tensor<float>{{1, 2}, {3, 4}, {5, 6}});
    CHECK(from_view == Tensor<float>{{3, 4}, {5, 6}});
    CHECK_THROWS_MATCHES((Tensor<float>({2, 4}, numbers)), ShapeError, says("(2, 4) has 8 elements, got 6"));
    CHECK_THROWS_MATCHES((Tensor<float>({5}, std::span<const float>(numbers))), ShapeError,
                         says("(5,) has 5 elements, got 6"));
}

TEST_CASE("an empty tensor has no elements, but may have a shape") {
    const Tensor<float> none;
    CHECK(none.empty());
    CHECK(none.shape() == Shape{0});
    CHECK(none.begin() == none.end());
    const Tensor<float> wide(Shape{0, 28, 28});
    CHECK(wide.empty());
    CHECK(wide.slice(0, 0).shape() == Shape{0, 28, 28});
    CHECK_FALSE(wide == none);
    CHECK_THROWS_MATCHES(none.at(0), ShapeError, says("index 0 is outside axis 0 of the shape (0,)"));
}

TEST_CASE("elements lie row-major on 64-byte boundaries") {
    for (const Index size : {1, 3, 17, 1000}) {
        const Tensor<float> floats(Shape{size});
        const Tensor<std::uint8_t> bytes(Shape{size});
        CHECK(reinterpret_cast<std::uintptr_t>(floats.data()) % 64 == 0);
        CHECK(reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 == 0);
    }
    const Tensor<int> x{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
    CHECK(std::vector<int>(x.begin(), x.end()) == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("at checks, and both ways of access write") {
    Tensor<float> x(Shape{2, 3});
    x(0, 1) = 1;
    x.at(1, 2) = 2;
    x[3] = 3;
    CHECK(x == Tensor<float>{{0, 1, 0}, {3, 0, 2}});
    const auto& constant = x;
    STATIC_REQUIRE(std::is_same_v<decltype(constant(0, 0)), const float&>);
    CHECK(constant.at(1, 2) == 2);
    CHECK_THROWS_MATCHES(x.at(2, 0), ShapeError, says("index 2 is outside axis 0 of the shape (2, 3)"));
    CHECK_THROWS_MATCHES(constant.at(0, 3), ShapeError, says("index 3 is outside axis 1 of the shape (2, 3)"));
    CHECK_THROWS_MATCHES(x.at(-1, 0), ShapeError, says("index -1"));
    CHECK_THROWS_MATCHES(x.at(1), ShapeError, says("needs 2 indices, got 1"));
}

TEST_CASE("reshape, slice and row are views of the tensor's own elements") {
    Tensor<int> x{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    x.reshape({9})[4] = 50;
    CHECK(x(1, 1) == 50);
    CHECK(x.reshape({-1, 1}).shape() == Shape{9, 1});
    x.slice(1, 3).row(1)[0] = 70;
    CHECK(x(2, 0) == 70);
    x.row(0)[2] = 30;
    const auto& constant = x;
    CHECK(constant.row(0)(2) == 30);
    CHECK(constant.slice(2, 3)(0, 0) == 70);
    STATIC_REQUIRE(std::is_same_v<decltype(constant.row(0)), ConstView<int>>);
    CHECK_THROWS_MATCHES(x.reshape({2, 4}), ShapeError, says("(3, 3) has 9 elements, (2, 4) has 8"));
    CHECK_THROWS_MATCHES(x.slice(2, 4), ShapeError, says("[2, 4) is outside the first axis of (3, 3)"));
}

TEST_CASE("tensors convert to views") {
    Tensor<float> x{1, 2, 3};
    const View<float> view = x;
    const ConstView<float> constant = x;
    view[0] = 10;
    CHECK(constant[0] == 10);
    CHECK(x[0] == 10);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<const Tensor<float>&, View<float>>);
}

TEST_CASE("fill and map") {
    Tensor<float> x(Shape{2, 2});
    x.fill(2.5F);
    CHECK(x == Tensor<float>{{2.5F, 2.5F}, {2.5F, 2.5F}});
    const Tensor<float> y{{1, -2}, {3, -4}};
    CHECK(y.map([](float v) { return v * v; }) == Tensor<float>{{1, 4}, {9, 16}});
    const auto signs = y.map([](float v) { return v < 0 ? -1 : 1; });
    STATIC_REQUIRE(std::is_same_v<decltype(signs), const Tensor<int>>);
    CHECK(signs == Tensor<int>{{1, -1}, {1, -1}});
}

TEST_CASE("copies are deep, moves take the elements along") {
    Tensor<float> x{{1, 2}, {3, 4}};
    Tensor<float> copy = x;
    copy(0, 0) = 9;
    CHECK(x(0, 0) == 1);
    const float* place = x.data();
    Tensor<float> moved = std::move(x);
    CHECK(moved.data() == place);
    CHECK(moved == Tensor<float>{{1, 2}, {3, 4}});
    x = copy;
    CHECK(x == Tensor<float>{{9, 2}, {3, 4}});
    copy = std::move(moved);
    CHECK(copy.data() == place);
}

TEST_CASE("a tensor takes another shape and keeps its elements where they are") {
    Tensor<int> x{{1, 2, 3}, {4, 5, 6}};
    const int* place = x.data();
    Tensor<int> y = std::move(x).reshaped({3, -1});
    CHECK(y == Tensor<int>{{1, 2}, {3, 4}, {5, 6}});
    CHECK(y.data() == place);
    const Tensor<int> z = std::move(y).reshaped(Shape{6});
    CHECK(z == Tensor<int>{1, 2, 3, 4, 5, 6});
    CHECK(z.data() == place);
}

TEST_CASE("a tensor that cannot take a shape stays as it is") {
    Tensor<int> x{{1, 2, 3}, {4, 5, 6}};
    CHECK_THROWS_MATCHES(std::move(x).reshaped({2, 4}), ShapeError, says("(2, 3) has 6 elements, (2, 4) has 8"));
    CHECK_THROWS_MATCHES(std::move(x).reshaped(Shape{5}), ShapeError, says("(2, 3) has 6 elements, (5,) has 5"));
    CHECK(x == Tensor<int>{{1, 2, 3}, {4, 5, 6}});
}

TEST_CASE("cast between scalar types cuts fractions off towards zero") {
    const Tensor<double> x{-1.75, 0.25, 2.999};
    CHECK(x.cast<int>() == Tensor<int>{-1, 0, 2});
    CHECK(x.cast<std::int8_t>() == Tensor<std::int8_t>{-1, 0, 2});
    CHECK(Tensor<float>{-0.5F, 255.99F}.cast<std::uint8_t>() == Tensor<std::uint8_t>{0, 255});
    CHECK(Tensor<double>{0.1}.cast<float>() == Tensor<float>{0.1F});
    CHECK(Tensor<float>{0.5F}.cast<double>() == Tensor<double>{0.5});
    CHECK(Tensor<std::uint8_t>{0, 255}.cast<float>() == Tensor<float>{0, 255});
    CHECK(Tensor<std::uint8_t>{0, 127}.cast<std::int8_t>() == Tensor<std::int8_t>{0, 127});
    CHECK(Tensor<std::int8_t>{-128, 127}.cast<int>() == Tensor<int>{-128, 127});
    CHECK(Tensor<int>{-5, 7}.cast<double>() == Tensor<double>{-5, 7});
    CHECK(Tensor<double>{2147483647.5, -2147483648.5}.cast<int>() == Tensor<int>{2147483647, -2147483647 - 1});
    CHECK(Tensor<double>(Shape{2, 0}).cast<float>().shape() == Shape{2, 0});
}

TEST_CASE("cast refuses what the target type cannot hold") {
    CHECK_THROWS_MATCHES((Tensor<float>{1, 256}.cast<std::uint8_t>()), ValueError,
                         says("256 does not fit the integer type [0, 255]"));
    CHECK_THROWS_MATCHES(Tensor<float>{-1}.cast<std::uint8_t>(), ValueError,
                         says("-1 does not fit the integer type [0, 255]"));
    CHECK_THROWS_MATCHES(Tensor<double>{128}.cast<std::int8_t>(), ValueError,
                         says("128 does not fit the integer type [-128, 127]"));
    CHECK_THROWS_MATCHES(Tensor<float>{2147483648.0F}.cast<int>(), ValueError, says("does not fit"));
    CHECK_THROWS_MATCHES(Tensor<float>{not_a_number}.cast<int>(), ValueError, says("nan does not fit"));
    CHECK_THROWS_MATCHES(Tensor<float>{-infinity}.cast<int>(), ValueError, says("-inf does not fit"));
    CHECK_THROWS_MATCHES(Tensor<int>{-1}.cast<std::uint8_t>(), ValueError,
                         says("-1 does not fit the integer type [0, 255]"));
    CHECK_THROWS_MATCHES(Tensor<std::uint8_t>{128}.cast<std::int8_t>(), ValueError, says("128 does not fit"));
    CHECK_THROWS_MATCHES(Tensor<std::int8_t>{-1}.cast<std::uint8_t>(), ValueError, says("-1 does not fit"));
    CHECK_THROWS_MATCHES(Tensor<double>{1e300}.cast<float>(), ValueError,
                         says("1e+300 does not fit a number of at most 3.40282e+38"));
}

TEST_CASE("cast between floating types keeps infinities and NaN") {
    const auto x = Tensor<float>{infinity, -infinity, not_a_number}.cast<double>().cast<float>();
    CHECK(x[0] == infinity);
    CHECK(x[1] == -infinity);
    CHECK(std::isnan(x[2]));
}

TEST_CASE("equality needs equal shapes and elements") {
    const Tensor<float> x{{1, 2}, {3, 4}};
    CHECK(x == Tensor<float>{{1, 2}, {3, 4}});
    CHECK(x != Tensor<float>{{1, 2}, {3, 5}});
    CHECK(x != Tensor<float>{1, 2, 3, 4});
    CHECK(Tensor<float>{not_a_number} != Tensor<float>{not_a_number});
    CHECK(Tensor<float>{0.0F} == Tensor<float>{-0.0F});
}

TEST_CASE("allclose measures as NumPy does") {
    const Tensor<double> x{100, 1e-9};
    CHECK(allclose(x, {100.0009, 0.0}));
    CHECK_FALSE(allclose(x, {100.0011, 0.0}));
    CHECK_FALSE(allclose(x, {100.0, 2e-8}));
    CHECK(allclose(x, {101.0, 0.0}, 0.01));
    CHECK(allclose(x, {101.0, 0.5}, 0.0, 1.0));
    CHECK_FALSE(allclose(x, Tensor<double>{{100, 1e-9}}));
    CHECK(allclose(Tensor<float>{infinity}, {infinity}));
    CHECK_FALSE(allclose(Tensor<float>{1}, {infinity}));
    CHECK_FALSE(allclose(Tensor<float>{infinity}, {1.0F}));
    CHECK_FALSE(allclose(Tensor<float>{-infinity}, {infinity}));
    CHECK_FALSE(allclose(Tensor<float>{not_a_number}, {not_a_number}));
    CHECK(allclose(Tensor<std::uint8_t>{200}, {201}, 0.0, 1.0));
    CHECK(allclose<double>(x.slice(0, 1), Tensor<double>{100.0}));
}
