#include "catch.hpp"

#include <vector>

#include <fovea/core/shape.hpp>

using fovea::Index;
using fovea::Shape;
using fovea::ShapeError;
using fovea::text;

TEST_CASE("a shape knows its rank, extents and size") {
    const Shape shape{64, 28, 28, 3};
    CHECK(shape.rank() == 4);
    CHECK(shape[0] == 64);
    CHECK(shape[3] == 3);
    CHECK(shape.last() == 3);
    CHECK(shape.at(-4) == 64);
    CHECK(shape.at(2) == 28);
    CHECK(shape.size() == 150528);
    CHECK(std::vector<Index>(shape.begin(), shape.end()) == std::vector<Index>{64, 28, 28, 3});
}

TEST_CASE("a scalar has rank 0 and one element, an extent of 0 no elements") {
    CHECK(Shape{}.rank() == 0);
    CHECK(Shape{}.size() == 1);
    CHECK(Shape{3, 0, 2}.size() == 0);
}

TEST_CASE("shapes print as Python writes tuples") {
    CHECK(text(Shape{}) == "()");
    CHECK(text(Shape{5}) == "(5,)");
    CHECK(text(Shape{2, 3}) == "(2, 3)");
    CHECK(text(Shape{1, 2, 3, 4, 5}) == "(1, 2, 3, 4, 5)");
}

TEST_CASE("shapes are equal if rank and extents are") {
    CHECK(Shape{2, 3} == Shape{2, 3});
    CHECK(Shape{2, 3} != Shape{3, 2});
    CHECK(Shape{2, 3} != Shape{2, 3, 1});
    CHECK(Shape{} != Shape{1});
    CHECK(Shape{2, 0} != Shape{2});
}

TEST_CASE("tail drops the first axis and prepend adds one") {
    CHECK(Shape{64, 28, 1}.tail() == Shape{28, 1});
    CHECK(Shape{28, 1}.prepend(64) == Shape{64, 28, 1});
    CHECK(Shape{7}.tail() == Shape{});
    CHECK(Shape{}.prepend(7) == Shape{7});
}

TEST_CASE("shapes that cannot be are refused") {
    CHECK_THROWS_MATCHES((Shape{1, 2, 3, 4, 5, 6}), ShapeError, says("at most 5 axes are possible, got 6"));
    CHECK_THROWS_MATCHES((Shape{2, -1}), ShapeError, says("must not be negative, got (2, -1)"));
    const Index large = Index{1} << 40;
    CHECK_THROWS_MATCHES((Shape{large, large}), ShapeError, says("too many elements"));
    CHECK_THROWS_MATCHES((Shape{large, 0, large}), ShapeError, says("too many elements"));
    CHECK_THROWS_MATCHES((Shape{2, 3}.at(2)), ShapeError, says("(2, 3) has no axis 2"));
    CHECK_THROWS_MATCHES((Shape{2, 3}.at(-3)), ShapeError, says("(2, 3) has no axis -3"));
    CHECK_THROWS_MATCHES(Shape{}.last(), ShapeError, says("() has no axis -1"));
    CHECK_THROWS_MATCHES(Shape{}.tail(), ShapeError, says("no first axis"));
    CHECK_THROWS_MATCHES((Shape{1, 2, 3, 4, 5}.prepend(9)), ShapeError, says("already has 5 axes"));
}
