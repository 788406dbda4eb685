#include <fovea/layers/minimum.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Minimum: by hand; of equal elements the first input has the gradient") {
    const auto out = contract::evaluate(
        Minimum{}, {Tensor<double>{{1, 5, 3, -2}}, Tensor<double>{{2, 4, 3, -1}}, Tensor<double>{{0, 9, 3, -3}}},
        Tensor<double>{{1, 2, 3, 4}});
    CHECK(out.y == Tensor<double>{{0, 4, 3, -3}});
    CHECK(out.dx == Tensor<double>{{0, 0, 3, 0}});
    CHECK(out.more_dx[0] == Tensor<double>{{0, 2, 0, 0}});
    CHECK(out.more_dx[1] == Tensor<double>{{1, 0, 0, 4}});
}

TEST_CASE("Minimum: an extent of 1 is repeated, and its gradient is the sum of where it is the smallest") {
    const Tensor<double> one(Shape{1, 1}, 4.0);
    const Tensor<double> others(Shape{1, 4}, {1, 4, 6, 3});
    const auto out = contract::evaluate(Minimum{}, {others, one}, Tensor<double>{{1, 2, 4, 8}});
    CHECK(out.y == Tensor<double>{{1, 4, 4, 3}});
    CHECK(out.dx == Tensor<double>{{1, 2, 0, 8}});
    CHECK(out.more_dx[0] == Tensor<double>{{4}});
    const auto swapped = contract::evaluate(Minimum{}, {one, others}, Tensor<double>{{1, 2, 4, 8}});
    CHECK(swapped.dx == Tensor<double>{{6}});
}

TEST_CASE("Minimum: what does not fit is refused") {
    const auto shape = [](const std::vector<Shape>& inputs) { return Minimum{}.output_shape(inputs); };
    CHECK(shape({{1, 1, 2}, {3, 4, 2}}) == Shape{3, 4, 2});
    CHECK_THROWS_MATCHES(shape({{3}}), ValueError, says("Minimum: takes at least two inputs, got 1"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {3, 4}}), ShapeError, says("Minimum: an input of (3, 4) does not fit (3, 2)"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {2}}), ShapeError, says("Minimum: an input of (2,) does not fit (3, 2)"));
}

TEST_CASE("Minimum keeps a layer's contract") {
    contract::check(Minimum{}, {{3, 5, 4, 7}, {3, 5, 4, 7}}, {5, 4, 7});
    contract::check(Minimum{}, {{2, 1, 1, 6}, {2, 4, 3, 6}, {2, 4, 3, 1}}, {4, 3, 6});
    contract::check(Minimum{}, {{2, 3, 1}, {2, 1, 5}}, {3, 5});
}

TEST_CASE("Minimum: gradients") {
    const auto check = [](const std::vector<Shape>& inputs) {
        const auto result = gradient_check(Minimum{}, inputs);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({{2, 3, 4}, {2, 3, 4}});
    check({{2, 3, 4}, {2, 1, 4}, {2, 3, 1}});
    check({{2, 3, 1}, {2, 1, 4}});
}
