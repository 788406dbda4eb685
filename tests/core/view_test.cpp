#include "catch.hpp"

#include <numeric>
#include <vector>

#include <fovea/core/view.hpp>

using fovea::ConstView;
using fovea::Index;
using fovea::Shape;
using fovea::ShapeError;
using fovea::View;

namespace {

std::vector<float> counted(int count) {
    std::vector<float> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0.0F);
    return numbers;
}

} // namespace

TEST_CASE("a view shows row-major elements without owning them") {
    auto numbers = counted(24);
    const View<float> view(numbers.data(), {2, 3, 4});
    CHECK(view.size() == 24);
    CHECK(view.shape() == Shape{2, 3, 4});
    CHECK(view(1, 2, 3) == 23);
    CHECK(view(0, 1, 0) == 4);
    CHECK(view[13] == 13);
    view(1, 0, 1) = -1;
    CHECK(numbers[13] == -1);
    CHECK(std::accumulate(view.begin(), view.end(), 0.0F) == 262); // 0 + ... + 23 = 276, less 13, less 1
}

TEST_CASE("a view has up to five axes, or none") {
    auto numbers = counted(32);
    const View<float> five(numbers.data(), {2, 2, 2, 2, 2});
    CHECK(five(1, 0, 1, 0, 1) == 21);
    CHECK(five.at(1, 1, 1, 1, 1) == 31);
    const View<float> scalar(numbers.data() + 7, Shape{});
    CHECK(scalar() == 7);
    CHECK(scalar.at() == 7);
    CHECK(scalar.size() == 1);
}

TEST_CASE("an empty view means that nothing is there") {
    const View<float> none;
    CHECK(none.empty());
    CHECK(none.size() == 0);
    CHECK(none.data() == nullptr);
    CHECK(none.begin() == none.end());
}

TEST_CASE("a view converts to a view of constants, not back") {
    auto numbers = counted(4);
    const View<float> view(numbers.data(), {4});
    const ConstView<float> constant = view;
    CHECK(constant.data() == view.data());
    CHECK(constant.shape() == view.shape());
    STATIC_REQUIRE_FALSE(std::is_convertible_v<ConstView<float>, View<float>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<View<float>, ConstView<double>>);
}

TEST_CASE("a view over a span checks its size") {
    auto numbers = counted(6);
    CHECK(View<float>(std::span(numbers), {2, 3})(1, 0) == 3);
    CHECK_THROWS_MATCHES(View<float>(std::span(numbers), {2, 4}), ShapeError,
                         says("(2, 4) has 8 elements, the span 6"));
}

TEST_CASE("at says which index is wrong") {
    auto numbers = counted(6);
    const View<float> view(numbers.data(), {2, 3});
    CHECK(view.at(1, 2) == 5);
    CHECK_THROWS_MATCHES(view.at(2, 0), ShapeError, says("index 2 is outside axis 0 of the shape (2, 3)"));
    CHECK_THROWS_MATCHES(view.at(0, 3), ShapeError, says("index 3 is outside axis 1 of the shape (2, 3)"));
    CHECK_THROWS_MATCHES(view.at(0, -1), ShapeError, says("index -1 is outside axis 1 of the shape (2, 3)"));
    CHECK_THROWS_MATCHES(view.at(0), ShapeError, says("the shape (2, 3) needs 2 indices, got 1"));
    CHECK_THROWS_MATCHES(view.at(0, 0, 0), ShapeError, says("the shape (2, 3) needs 2 indices, got 3"));
    const Index huge = Index{1} << 62;
    CHECK_THROWS_MATCHES(view.at(huge, huge), ShapeError, says("is outside axis 0 of the shape (2, 3)"));
    CHECK_THROWS_MATCHES(view.at(0, 0, 0, 0, 0, 0), ShapeError, says("the shape (2, 3) needs 2 indices, got 6"));
}

TEST_CASE("reshape keeps the elements and may leave one extent open") {
    auto numbers = counted(24);
    const View<float> view(numbers.data(), {2, 3, 4});
    CHECK(view.reshape({6, 4})(5, 3) == 23);
    CHECK(view.reshape({4, -1}).shape() == Shape{4, 6});
    CHECK(view.reshape({-1}).shape() == Shape{24});
    CHECK(view.reshape(Shape{24, 1}).data() == numbers.data());
    CHECK(View<float>(numbers.data(), {1}).reshape({}).shape() == Shape{});
    CHECK(View<float>(numbers.data(), {0, 3}).reshape({3, -1}).shape() == Shape{3, 0});
}

TEST_CASE("reshape says why it cannot") {
    auto numbers = counted(24);
    const View<float> view(numbers.data(), {2, 3, 4});
    CHECK_THROWS_MATCHES(view.reshape({5, 5}), ShapeError, says("(2, 3, 4) has 24 elements, (5, 5) has 25"));
    CHECK_THROWS_MATCHES(view.reshape({5, -1}), ShapeError,
                         says("24 elements of (2, 3, 4) cannot be divided into rows of 5"));
    CHECK_THROWS_MATCHES(view.reshape({-1, -1}), ShapeError, says("only one extent may be -1"));
    CHECK_THROWS_MATCHES(view.reshape({0, -1}), ShapeError, says("cannot be divided into rows of 0"));
    CHECK_THROWS_MATCHES(view.reshape({-2, -12}), ShapeError, says("must not be negative, got (-2, -12)"));
    CHECK_THROWS_MATCHES(view.reshape({-3, -1}), ShapeError, says("-3"));
    CHECK_THROWS_MATCHES(view.reshape({1, 1, 1, 1, 1, 24}), ShapeError, says("at most 5 axes"));
    const Index large = Index{1} << 32;
    CHECK_THROWS_AS(view.reshape({large, large, -1}), ShapeError);
}

TEST_CASE("slice and row cut along the first axis") {
    auto numbers = counted(24);
    const View<float> view(numbers.data(), {4, 3, 2});
    const auto middle = view.slice(1, 3);
    CHECK(middle.shape() == Shape{2, 3, 2});
    CHECK(middle(0, 0, 0) == 6);
    CHECK(middle(1, 2, 1) == 17);
    CHECK(view.slice(4, 4).empty());
    CHECK(view.row(3).shape() == Shape{3, 2});
    CHECK(view.row(3)(0, 1) == 19);
    CHECK(view.row(3).row(2).row(1)() == 23);
    CHECK_THROWS_MATCHES(view.slice(1, 5), ShapeError, says("[1, 5) is outside the first axis of (4, 3, 2)"));
    CHECK_THROWS_MATCHES(view.slice(3, 1), ShapeError, says("[3, 1)"));
    CHECK_THROWS_MATCHES(view.slice(-1, 1), ShapeError, says("[-1, 1)"));
    CHECK_THROWS_MATCHES(view.row(4), ShapeError, says("(4, 3, 2)"));
    CHECK_THROWS_AS(View<float>(numbers.data(), Shape{}).row(0), ShapeError);
}
