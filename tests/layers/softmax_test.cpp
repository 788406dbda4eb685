#include <cmath>

#include <fovea/layers/softmax.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Softmax: by hand") {
    const Tensor<double> x{{0, std::log(2.0), std::log(5.0)}, {7, 7, -INFINITY}};
    const auto out = contract::evaluate(Softmax{}, x, Tensor<double>{{8, 0, 0}, {0, 0, 0}});
    CHECK(allclose(out.y, Tensor<double>{{0.125, 0.25, 0.625}, {0.5, 0.5, 0}}, 1e-15, 0));
    // y (g - sum of y g), and the sum is 1
    CHECK(allclose(out.dx, Tensor<double>{{0.875, -0.25, -0.625}, {0, 0, 0}}, 1e-15, 1e-15));
}

TEST_CASE("Softmax: pairs with cross-entropy, whose gradient goes through as it is") {
    ParameterRegistry registry;
    const Softmax::Layer<float> layer({}, {3}, registry);
    CHECK(layer.activation() == Activation::softmax);
    const Tensor<float> x{{1, 2, 3}}, y{{0.1F, 0.2F, 0.7F}};
    Tensor<float> dy{{4, 5, 6}}, dx(Shape{1, 3});
    Pass<float> pass;
    pass.before_activation = true;
    layer.backward(x, y, dy, dx, pass);
    CHECK(dx == Tensor<float>{{4, 5, 6}});
}

TEST_CASE("Softmax: only over the last axis") {
    CHECK(Softmax{.axis = 3}.output_shape({4, 5, 6}) == Shape{4, 5, 6});
    CHECK_THROWS_MATCHES(Softmax{.axis = 1}.output_shape({4, 5, 6}), ValueError,
                         says("Softmax: axis must be the last one, -1 or 3 for the input (4, 5, 6), got 1"));
    CHECK_THROWS_MATCHES(Softmax{}.output_shape(Shape{}), ShapeError, says("got ()"));
}

TEST_CASE("Softmax keeps a layer's contract") {
    contract::check(Softmax{}, {3, 4, 5, 7}, {4, 5, 7});
    contract::check(Softmax{}, {1, 10}, {10}, false);
    CHECK(gradient_check(Softmax{}, {3, 5, 3}).passed(1e-6));
}
