#include <fovea/core/tensor.hpp>
#include <fovea/ops/edges.hpp>

#include "catch.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

TEST_CASE("Edges2D: three ways to say it") {
    CHECK(Edges2D(2) == Edges2D({2, 2}, {2, 2}));
    CHECK(Edges2D(1, 3) == Edges2D({1, 1}, {3, 3}));
    const Edges2D all{{1, 2}, {3, 4}};
    CHECK(all.height.before == 1);
    CHECK(all.width.behind == 4);
    CHECK(all.rows() == 3);
    CHECK(all.columns() == 7);
    CHECK(text(all) == "((1, 2), (3, 4))");
    CHECK_NOTHROW(all.require_valid("Frame", "width"));
    CHECK_THROWS_MATCHES(Edges2D({0, 0}, {0, -1}).require_valid("Frame", "width"), ValueError,
                         says("Frame: width must be from 0 to 16777216 on all edges, got ((0, 0), (0, -1))"));
    CHECK_THROWS_AS(Edges2D(most_of_size + 1).require_valid("Frame", "width"), ValueError);
}

TEST_CASE("edges: added and removed, pixel by pixel") {
    const Edges2D edges{{1, 0}, {2, 3}};
    const auto inner = whole_numbers<float>(Shape{2, 3, 4, 2}, 1);
    Tensor<float> outer(Shape{2, 4, 9, 2}, 7.0F);
    ops::add_edges(edges, inner, outer.view());
    for (Index n = 0; n < 2; ++n)
        for (Index i = 0; i < 4; ++i)
            for (Index j = 0; j < 9; ++j)
                for (Index c = 0; c < 2; ++c) {
                    const bool inside = i >= 1 && 2 <= j && j < 6;
                    REQUIRE(outer(n, i, j, c) == (inside ? inner(n, i - 1, j - 2, c) : 0));
                }
    Tensor<float> again(inner.shape());
    ops::remove_edges(edges, outer, again.view());
    CHECK(again == inner);
}
