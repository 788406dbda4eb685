#include <fovea/layers/concatenate.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Concatenate: by hand, along the last axis") {
    const auto out = contract::evaluate(
        Concatenate{}, {Tensor<double>{{1, 2}, {3, 4}}, Tensor<double>{{5}, {6}}, Tensor<double>{{7, 8}, {9, 10}}},
        Tensor<double>{{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}});
    CHECK(out.y == Tensor<double>{{1, 2, 5, 7, 8}, {3, 4, 6, 9, 10}});
    CHECK(out.dx == Tensor<double>{{1, 2}, {6, 7}});
    CHECK(out.more_dx[0] == Tensor<double>{{3}, {8}});
    CHECK(out.more_dx[1] == Tensor<double>{{4, 5}, {9, 10}});
}

TEST_CASE("Concatenate: by hand, along the first axis of a sample") {
    const Tensor<double> a(Shape{2, 1, 2}, {1, 2, 3, 4});
    const Tensor<double> b(Shape{2, 2, 2}, {10, 20, 30, 40, 50, 60, 70, 80});
    const Tensor<double> g(Shape{2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    for (const int axis : {1, -2}) {
        const auto out = contract::evaluate(Concatenate{.axis = axis}, {a, b}, g);
        CHECK(out.y == Tensor<double>(Shape{2, 3, 2}, {1, 2, 10, 20, 30, 40, 3, 4, 50, 60, 70, 80}));
        CHECK(out.dx == Tensor<double>(Shape{2, 1, 2}, {1, 2, 7, 8}));
        CHECK(out.more_dx[0] == Tensor<double>(Shape{2, 2, 2}, {3, 4, 5, 6, 9, 10, 11, 12}));
    }
}

TEST_CASE("Concatenate: output shapes") {
    const auto shape = [](int axis, const std::vector<Shape>& inputs) {
        return Concatenate{.axis = axis}.output_shape(inputs);
    };
    CHECK(shape(-1, {{3, 4, 2}, {3, 4, 5}, {3, 4, 1}}) == Shape{3, 4, 8});
    CHECK(shape(3, {{3, 4, 2}, {3, 4, 5}}) == Shape{3, 4, 7});
    CHECK(shape(1, {{3, 4, 2}, {6, 4, 2}}) == Shape{9, 4, 2});
    CHECK(shape(-2, {{3, 4, 2}, {3, 1, 2}}) == Shape{3, 5, 2});
}

TEST_CASE("Concatenate: what does not fit is refused") {
    const auto shape = [](int axis, const std::vector<Shape>& inputs) {
        return Concatenate{.axis = axis}.output_shape(inputs);
    };
    CHECK_THROWS_MATCHES(shape(-1, {{3}}), ValueError, says("Concatenate: takes at least two inputs, got 1"));
    CHECK_THROWS_MATCHES(shape(-1, {{3, 4, 2}, {3, 5, 2}}), ShapeError,
                         says("Concatenate: an input of (3, 5, 2) does not fit (3, 4, 2) along axis -1"));
    CHECK_THROWS_MATCHES(shape(2, {{3, 4, 2}, {1, 4, 2}}), ShapeError, says("along axis 2")); // nothing is repeated
    CHECK_THROWS_MATCHES(shape(-1, {{3, 4}, {4}}), ShapeError, says("an input of (4,) does not fit (3, 4)"));
    for (const int axis : {0, 3, -3, 7})
        CHECK_THROWS_MATCHES(
            shape(axis, {{3, 4}, {3, 4}}), ValueError,
            says("Concatenate: axis must be from 1 to 2, or from the end -1 to -2, got " + std::to_string(axis)));
    CHECK_THROWS_MATCHES(shape(-1, {{}, {}}), ShapeError,
                         says("Concatenate: expected inputs of at least 1 axis, got ()"));
}

TEST_CASE("Concatenate keeps a layer's contract") {
    contract::check(Concatenate{}, {{3, 5, 4, 7}, {3, 5, 4, 2}, {3, 5, 4, 1}}, {5, 4, 10});
    contract::check(Concatenate{.axis = 1}, {{2, 3, 4}, {2, 1, 4}}, {4, 4});
    contract::check(Concatenate{.axis = -2}, {{2, 3, 4, 5}, {2, 3, 2, 5}}, {3, 6, 5});
    contract::check(Concatenate{}, {{4, 3}, {4, 5}}, {8});
}

TEST_CASE("Concatenate: gradients") {
    const auto check = [](int axis, const std::vector<Shape>& inputs) {
        const auto result = gradient_check(Concatenate{.axis = axis}, inputs);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check(-1, {{2, 3, 4}, {2, 3, 1}, {2, 3, 2}});
    check(1, {{2, 3, 4}, {2, 1, 4}});
    check(2, {{2, 3, 2, 3}, {2, 3, 1, 3}});
}
