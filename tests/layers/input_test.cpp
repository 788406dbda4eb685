#include <fovea/layers/input.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Input: one sample's shape, from its extents or from a Shape") {
    CHECK(Input{28, 28, 1}.shape == Shape{28, 28, 1});
    CHECK(Input{7}.shape == Shape{7});
    const Input named(Shape{3, 2}, "pixels");
    CHECK(named.shape == Shape{3, 2});
    CHECK(named.name == "pixels");
}

TEST_CASE("Input: shapes that no sample can have are refused") {
    CHECK_THROWS_MATCHES((Input{0, 28, 1}), ShapeError, says("Input: extents must be positive, got (0, 28, 1)"));
    CHECK_THROWS_MATCHES((Input{28, -28, 1}), ShapeError, says("Input: extents must be positive, got (28, -28, 1)"));
    CHECK_THROWS_MATCHES((Input{1, 2, 3, 4, 5}), ShapeError, says("Input: expected 1 to 4 extents, got 5"));
    CHECK_THROWS_MATCHES(Input(Shape{}), ShapeError, says("Input: expected 1 to 4 extents, got 0"));
}
