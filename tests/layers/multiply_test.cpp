#include <fovea/layers/multiply.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Multiply: by hand") {
    const auto out = contract::evaluate(
        Multiply{}, {Tensor<double>{{1, 2}, {3, 4}}, Tensor<double>{{5, 6}, {7, 8}}, Tensor<double>{{2, 3}, {-1, 0}}},
        Tensor<double>{{1, 2}, {3, 4}});
    CHECK(out.y == Tensor<double>{{10, 36}, {-21, 0}});
    CHECK(out.dx == Tensor<double>{{10, 36}, {-21, 0}});
    CHECK(out.more_dx[0] == Tensor<double>{{2, 12}, {-9, 0}});
    CHECK(out.more_dx[1] == Tensor<double>{{5, 24}, {63, 128}}); // behind a product of 0 too
}

TEST_CASE("Multiply: an extent of 1 is repeated, and its gradient is the sum") {
    // A weight for each channel of two pixels, as in squeeze-and-excitation.
    const Tensor<double> pixels(Shape{1, 1, 2, 2}, {1, 2, 3, 4});
    const Tensor<double> weights(Shape{1, 1, 1, 2}, {10, 100});
    const auto out = contract::evaluate(Multiply{}, {pixels, weights}, Tensor<double>(Shape{1, 1, 2, 2}, {1, 2, 3, 4}));
    CHECK(out.y == Tensor<double>(Shape{1, 1, 2, 2}, {10, 200, 30, 400}));
    CHECK(out.dx == Tensor<double>(Shape{1, 1, 2, 2}, {10, 200, 30, 400}));
    CHECK(out.more_dx[0] == Tensor<double>(Shape{1, 1, 1, 2}, {10, 20}));
}

TEST_CASE("Multiply: what does not fit is refused") {
    const auto shape = [](const std::vector<Shape>& inputs) { return Multiply{}.output_shape(inputs); };
    CHECK(shape({{1, 1, 2}, {3, 4, 2}}) == Shape{3, 4, 2});
    CHECK_THROWS_MATCHES(shape({{3}}), ValueError, says("Multiply: takes at least two inputs, got 1"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {3, 4}}), ShapeError, says("Multiply: an input of (3, 4) does not fit (3, 2)"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {2}}), ShapeError, says("Multiply: an input of (2,) does not fit (3, 2)"));
}

TEST_CASE("Multiply keeps a layer's contract") {
    contract::check(Multiply{}, {{3, 5, 4, 7}, {3, 5, 4, 7}}, {5, 4, 7});
    contract::check(Multiply{}, {{2, 1, 1, 6}, {2, 4, 3, 6}, {2, 4, 3, 1}}, {4, 3, 6});
    contract::check(Multiply{}, {{2, 3, 1}, {2, 1, 5}}, {3, 5});
}

TEST_CASE("Multiply: gradients") {
    const auto check = [](const std::vector<Shape>& inputs) {
        const auto result = gradient_check(Multiply{}, inputs);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({{2, 3, 4}, {2, 3, 4}});
    check({{2, 3, 4}, {2, 1, 4}, {2, 3, 1}});
    check({{2, 3, 1}, {2, 1, 4}});
}
