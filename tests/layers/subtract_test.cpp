#include <fovea/layers/subtract.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Subtract: by hand") {
    const auto out = contract::evaluate(Subtract{}, {Tensor<double>{{1, 2}, {3, 4}}, Tensor<double>{{10, 0}, {-5, 4}}},
                                        Tensor<double>{{1, 2}, {3, 4}});
    CHECK(out.y == Tensor<double>{{-9, 2}, {8, 0}});
    CHECK(out.dx == Tensor<double>{{1, 2}, {3, 4}});
    CHECK(out.more_dx[0] == Tensor<double>{{-1, -2}, {-3, -4}});
}

TEST_CASE("Subtract: an extent of 1 is repeated, and its gradient is the sum") {
    const Tensor<double> row(Shape{1, 1, 3}, {1, 2, 3});
    const Tensor<double> column(Shape{1, 2, 1}, {10, 20});
    const auto out = contract::evaluate(Subtract{}, {row, column}, Tensor<double>(Shape{1, 2, 3}, {1, 2, 3, 4, 5, 6}));
    CHECK(out.y == Tensor<double>(Shape{1, 2, 3}, {-9, -8, -7, -19, -18, -17}));
    CHECK(out.dx == Tensor<double>(Shape{1, 1, 3}, {5, 7, 9}));
    CHECK(out.more_dx[0] == Tensor<double>(Shape{1, 2, 1}, {-6, -15}));
}

TEST_CASE("Subtract: what does not fit is refused") {
    const auto shape = [](const std::vector<Shape>& inputs) { return Subtract{}.output_shape(inputs); };
    CHECK(shape({{1, 4}, {3, 1}}) == Shape{3, 4});
    CHECK_THROWS_MATCHES(shape({{3}}), ValueError, says("Subtract: takes two inputs, got 1"));
    CHECK_THROWS_MATCHES(shape({{3}, {3}, {3}}), ValueError, says("Subtract: takes two inputs, got 3"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {3, 4}}), ShapeError, says("Subtract: an input of (3, 4) does not fit (3, 2)"));
}

TEST_CASE("Subtract keeps a layer's contract") {
    contract::check(Subtract{}, {{3, 5, 4, 7}, {3, 5, 4, 7}}, {5, 4, 7});
    contract::check(Subtract{}, {{2, 3, 1}, {2, 1, 5}}, {3, 5});
    contract::check(Subtract{}, {{2, 1, 6}, {2, 4, 6}}, {4, 6});
}

TEST_CASE("Subtract: gradients") {
    const auto check = [](const std::vector<Shape>& inputs) {
        const auto result = gradient_check(Subtract{}, inputs);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({{2, 3, 4}, {2, 3, 4}});
    check({{2, 3, 1}, {2, 1, 4}});
    check({{2, 1, 4}, {2, 3, 4}});
}
