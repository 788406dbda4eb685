#include <fovea/layers/permute.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Permute: every element goes to its place, and its gradient back") {
    const auto x = contract::numbers<double>({2, 3, 4, 5}, 1), g = contract::numbers<double>({2, 5, 3, 4}, 2);
    const auto out = contract::evaluate(Permute{{3, 1, 2}}, x, g);
    REQUIRE(out.y.shape() == Shape{2, 5, 3, 4});
    for (Index n = 0; n < 2; ++n)
        for (Index h = 0; h < 3; ++h)
            for (Index w = 0; w < 4; ++w)
                for (Index c = 0; c < 5; ++c) {
                    REQUIRE(out.y(n, c, h, w) == x(n, h, w, c));
                    REQUIRE(out.dx(n, h, w, c) == g(n, c, h, w));
                }
}

TEST_CASE("Permute: a matrix is transposed, and nothing changes in order") {
    const Tensor<double> x(Shape{1, 2, 3}, {1, 2, 3, 4, 5, 6});
    CHECK(contract::evaluate(Permute{{2, 1}}, x, Tensor<double>(Shape{1, 3, 2})).y ==
          Tensor<double>(Shape{1, 3, 2}, {1, 4, 2, 5, 3, 6}));
    CHECK(contract::evaluate(Permute{{1, 2}}, x, x).y == x);
}

TEST_CASE("Permute: dims that are no order of the axes are refused") {
    CHECK_THROWS_MATCHES((Permute{{1, 2}}).output_shape({4, 5, 6}), ValueError,
                         says("Permute: dims must have 3 axes for the input (4, 5, 6), got 2"));
    CHECK_THROWS_MATCHES((Permute{{1, 1}}).output_shape({4, 5}), ValueError,
                         says("dims must have each of 1 to 2 once, got 1"));
    CHECK_THROWS_MATCHES((Permute{{0, 1}}).output_shape({4, 5}), ValueError, says("got 0"));
    CHECK_THROWS_MATCHES((Permute{{3, 1}}).output_shape({4, 5}), ValueError, says("got 3"));
}

TEST_CASE("Permute keeps a layer's contract") {
    contract::check(Permute{{2, 3, 1}}, {3, 4, 5, 2}, {5, 2, 4});
    contract::check(Permute{{1}}, {3, 7}, {7}, false);
    CHECK(gradient_check(Permute{{3, 2, 1}}, {2, 3, 4, 5}).passed(1e-6));
}
