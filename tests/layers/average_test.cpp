#include <fovea/layers/average.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Average: by hand") {
    const auto out = contract::evaluate(
        Average{}, {Tensor<double>{{1, 2}, {3, 4}}, Tensor<double>{{10, 20}, {30, 40}}, Tensor<double>{{4, 5}, {6, 7}}},
        Tensor<double>{{3, 6}, {9, 12}});
    CHECK(out.y == Tensor<double>{{5, 9}, {13, 17}});
    CHECK(out.dx == Tensor<double>{{1, 2}, {3, 4}});
    CHECK(out.more_dx[0] == out.dx);
    CHECK(out.more_dx[1] == out.dx);
}

TEST_CASE("Average: an extent of 1 is repeated, and its gradient is the sum") {
    const Tensor<double> one(Shape{1, 1}, 4.0);
    const Tensor<double> three(Shape{1, 3}, {1, 2, 3});
    const auto out = contract::evaluate(Average{}, {one, three}, Tensor<double>{{2, 4, 6}});
    CHECK(out.y == Tensor<double>{{2.5, 3, 3.5}});
    CHECK(out.dx == Tensor<double>{{6}});
    CHECK(out.more_dx[0] == Tensor<double>{{1, 2, 3}});
}

TEST_CASE("Average: what does not fit is refused") {
    const auto shape = [](const std::vector<Shape>& inputs) { return Average{}.output_shape(inputs); };
    CHECK(shape({{1, 1, 2}, {3, 4, 2}}) == Shape{3, 4, 2});
    CHECK_THROWS_MATCHES(shape({{3}}), ValueError, says("Average: takes at least two inputs, got 1"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {3, 4}}), ShapeError, says("Average: an input of (3, 4) does not fit (3, 2)"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {2}}), ShapeError, says("Average: an input of (2,) does not fit (3, 2)"));
}

TEST_CASE("Average keeps a layer's contract") {
    contract::check(Average{}, {{3, 5, 4, 7}, {3, 5, 4, 7}}, {5, 4, 7});
    contract::check(Average{}, {{2, 1, 1, 6}, {2, 4, 3, 6}, {2, 4, 3, 1}}, {4, 3, 6});
    contract::check(Average{}, {{2, 3, 1}, {2, 1, 5}}, {3, 5});
}

TEST_CASE("Average: gradients") {
    const auto check = [](const std::vector<Shape>& inputs) {
        const auto result = gradient_check(Average{}, inputs);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({{2, 3, 4}, {2, 3, 4}});
    check({{2, 3, 4}, {2, 1, 4}, {2, 3, 1}});
    check({{2, 3, 1}, {2, 1, 4}});
}
