#include <fovea/layers/add.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Add: by hand") {
    const auto out = contract::evaluate(
        Add{}, {Tensor<double>{{1, 2}, {3, 4}}, Tensor<double>{{10, 20}, {30, 40}}, Tensor<double>{{5, 6}, {7, 8}}},
        Tensor<double>{{1, 2}, {3, 4}});
    CHECK(out.y == Tensor<double>{{16, 28}, {40, 52}});
    CHECK(out.dx == Tensor<double>{{1, 2}, {3, 4}});
    CHECK(out.more_dx[0] == out.dx);
    CHECK(out.more_dx[1] == out.dx);
}

TEST_CASE("Add: an extent of 1 is repeated, and its gradient is the sum") {
    // (1, 3) + (2, 1) -> (2, 3), in each of two samples
    const Tensor<double> row(Shape{2, 1, 3}, {1, 2, 3, 4, 5, 6});
    const Tensor<double> column(Shape{2, 2, 1}, {10, 20, 30, 40});
    const Tensor<double> g(Shape{2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    const auto out = contract::evaluate(Add{}, {row, column}, g);
    CHECK(out.y == Tensor<double>(Shape{2, 2, 3}, {11, 12, 13, 21, 22, 23, 34, 35, 36, 44, 45, 46}));
    CHECK(out.dx == Tensor<double>(Shape{2, 1, 3}, {5, 7, 9, 17, 19, 21}));
    CHECK(out.more_dx[0] == Tensor<double>(Shape{2, 2, 1}, {6, 15, 24, 33}));
}

TEST_CASE("Add: output shapes") {
    const auto shape = [](const std::vector<Shape>& inputs) { return Add{}.output_shape(inputs); };
    CHECK(shape({{3, 4, 2}, {3, 4, 2}}) == Shape{3, 4, 2});
    CHECK(shape({{1, 1, 2}, {3, 4, 2}}) == Shape{3, 4, 2});
    CHECK(shape({{3, 1, 1}, {1, 4, 1}, {1, 1, 2}}) == Shape{3, 4, 2});
    CHECK(shape({{}, {}}) == Shape{});
}

TEST_CASE("Add: what does not fit is refused") {
    const auto shape = [](const std::vector<Shape>& inputs) { return Add{}.output_shape(inputs); };
    CHECK_THROWS_MATCHES(shape({}), ValueError, says("Add: takes at least two inputs, got 0"));
    CHECK_THROWS_MATCHES(shape({{3}}), ValueError, says("Add: takes at least two inputs, got 1"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {3, 4}}), ShapeError, says("Add: an input of (3, 4) does not fit (3, 2)"));
    CHECK_THROWS_MATCHES(shape({{3, 2}, {2}}), ShapeError, says("Add: an input of (2,) does not fit (3, 2)"));
    CHECK_THROWS_MATCHES(shape({{1, 2}, {3, 2}, {4, 2}}), ShapeError,
                         says("Add: an input of (4, 2) does not fit (3, 2)"));
}

TEST_CASE("Add keeps a layer's contract") {
    contract::check(Add{}, {{3, 5, 4, 7}, {3, 5, 4, 7}}, {5, 4, 7});
    contract::check(Add{}, {{2, 1, 1, 6}, {2, 4, 3, 6}, {2, 4, 3, 1}}, {4, 3, 6});
    contract::check(Add{}, {{2, 3, 1}, {2, 1, 5}}, {3, 5}); // none has all of the output
    contract::check(Add{}, {{4}, {4}}, {});
}

TEST_CASE("Add: gradients") {
    const auto check = [](const std::vector<Shape>& inputs) {
        const auto result = gradient_check(Add{}, inputs);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({{2, 3, 4}, {2, 3, 4}});
    check({{2, 3, 4}, {2, 1, 4}, {2, 3, 1}});
    check({{2, 3, 1}, {2, 1, 4}});
}
