#include <fovea/layers/prelu.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("PReLU: by hand, with an alpha for each element and for each column") {
    const Tensor<double> x(Shape{1, 2, 2}, {-1, 2, -3, -4}), g(x.shape(), {1, 2, 3, 4});
    const auto each = contract::evaluate(PReLU{}, x, g, Tensor<double>{10, 20, 30, 40});
    CHECK(each.y == Tensor<double>(x.shape(), {-10, 2, -90, -160}));
    CHECK(each.dx == Tensor<double>(x.shape(), {10, 2, 90, 160}));
    CHECK(each.gradients == Tensor<double>{-1, 0, -9, -16});
    const auto columns = contract::evaluate(PReLU{.shared_axes = {1}}, x, g, Tensor<double>{10, 20});
    CHECK(columns.y == Tensor<double>(x.shape(), {-10, 2, -30, -80}));
    CHECK(columns.gradients == Tensor<double>{-10, -16});
}

TEST_CASE("PReLU: the shape of alpha") {
    const auto shape = [](std::vector<Index> shared) {
        return contract::Subject<float>(PReLU{.alpha_regularizer = L2{1}, .shared_axes = std::move(shared)}, {4, 5, 6})
            .parameters()
            .at(0);
    };
    CHECK(shape({}).name == "layer/alpha");
    CHECK(shape({}).initializer.name() == "zeros");
    CHECK(shape({}).regularizer.l2() == 1);
    CHECK(shape({}).place.shape == Shape{4, 5, 6});
    CHECK(shape({1, 2}).place.shape == Shape{1, 1, 6});
    CHECK(shape({3}).place.shape == Shape{4, 5, 1});
}

TEST_CASE("PReLU: axes that are not there are refused") {
    CHECK_THROWS_MATCHES(PReLU{.shared_axes = {0}}.output_shape({4, 5}), ValueError,
                         says("PReLU: shared_axes must be from 1 to 2 for the input (4, 5), got 0"));
    CHECK_THROWS_MATCHES(PReLU{.shared_axes = {3}}.output_shape({4, 5}), ValueError, says("got 3"));
    CHECK_THROWS_MATCHES(PReLU{}.output_shape(Shape{}), ShapeError, says("got ()"));
}

TEST_CASE("PReLU keeps a layer's contract") {
    contract::check(PReLU{}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(PReLU{.shared_axes = {1, 2}}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(PReLU{.shared_axes = {1, 2, 3}}, {2, 4, 5, 3}, {4, 5, 3}, false);
    contract::check(PReLU{}, {3, 7}, {7});
}

TEST_CASE("PReLU: gradients") {
    for (const std::vector<Index>& shared : {std::vector<Index>{}, {1, 2}, {2}, {3}, {1, 2, 3}}) {
        const auto result = gradient_check(PReLU{.shared_axes = shared}, {2, 3, 4, 5});
        INFO(result);
        CHECK(result.passed(1e-6));
    }
}
