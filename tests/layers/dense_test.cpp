#include <fovea/layers/dense.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Dense: by hand") {
    const Tensor<double> x{{1, 2}, {3, 4}};
    const Tensor<double> g{{1, 0, 0}, {0, 1, 2}};
    const Tensor<double> parameters{1, 2, 3, 4, 5, 6, 10, 20, 30};
    const auto out = contract::evaluate(Dense{3}, x, g, parameters);
    CHECK(out.y == Tensor<double>{{19, 32, 45}, {29, 46, 63}});
    CHECK(out.dx == Tensor<double>{{1, 4}, {8, 17}});
    CHECK(out.gradients == Tensor<double>{1, 3, 6, 2, 4, 8, 1, 1, 2});
}

TEST_CASE("Dense: over the last axis and whatever stands in front of it") {
    CHECK(Dense{10}.output_shape({576}) == Shape{10});
    CHECK(Dense{10}.output_shape({3, 3, 64}) == Shape{3, 3, 10});
    const Tensor<double> x(Shape{1, 2, 1, 2}, {1, 2, 3, 4});
    const Tensor<double> g(Shape{1, 2, 1, 1}, {1, 10});
    const auto out = contract::evaluate(Dense{.units = 1, .use_bias = false}, x, g, Tensor<double>{5, 7});
    CHECK(out.y == Tensor<double>(Shape{1, 2, 1, 1}, {19, 43}));
    CHECK(out.dx == Tensor<double>(Shape{1, 2, 1, 2}, {5, 7, 50, 70}));
    CHECK(out.gradients == Tensor<double>{1 + 30, 2 + 40});
}

TEST_CASE("Dense: parameters, their order and Keras's fans") {
    ParameterRegistry registry;
    registry.begin_layer("dense");
    const Dense::Layer<float> layer(
        Dense{.units = 3, .activation = Activation::relu, .bias_initializer = Initializer::ones}, {5, 4}, registry);
    REQUIRE(registry.parameters().size() == 2);
    CHECK(registry.parameters()[0].name == "dense/kernel");
    CHECK(registry.parameters()[0].place.shape == Shape{4, 3});
    CHECK(registry.parameters()[0].initializer.name() == "glorot_uniform");
    CHECK(registry.parameters()[0].fans.in == 4);
    CHECK(registry.parameters()[0].fans.out == 3);
    CHECK(registry.parameters()[1].name == "dense/bias");
    CHECK(registry.parameters()[1].place.shape == Shape{3});
    CHECK(registry.parameters()[1].initializer.name() == "ones");
    CHECK(layer.activation() == Activation::relu);
}

TEST_CASE("Dense: what does not fit is refused") {
    CHECK_THROWS_MATCHES(Dense{0}.output_shape({5}), ValueError, says("Dense: units must be at least 1, got 0"));
    CHECK_THROWS_MATCHES(Dense{-2}.output_shape({5}), ValueError, says("got -2"));
    CHECK_THROWS_MATCHES(Dense{2}.output_shape({}), ShapeError, says("Dense: expected an input of at least 1 axis"));
    CHECK_THROWS_MATCHES(Dense{2}.output_shape({3, 0}), ShapeError, says("got (3, 0)"));
}

TEST_CASE("Dense keeps a layer's contract") {
    contract::check(Dense{10}, {3, 7}, {10});
    contract::check(Dense{16, Activation::relu}, {2, 32}, {16});
    contract::check(Dense{5, Activation::silu}, {2, 3, 4, 6}, {3, 4, 5});
    contract::check(Dense{.units = 3, .activation = Activation::softmax, .use_bias = false}, {4, 9}, {3});
    contract::check(Dense{1}, {1, 1}, {1});
}

TEST_CASE("Dense: gradients") {
    const auto check = [](const Dense& spec, const Shape& input) {
        const auto result = gradient_check(spec, input);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({7}, {3, 5});
    check({.units = 4, .use_bias = false}, {2, 3, 2, 5});
    for (const Activation activation : {Activation::relu, Activation::sigmoid, Activation::tanh, Activation::softmax,
                                        Activation::leaky_relu, Activation::elu, Activation::gelu, Activation::silu}) {
        INFO(activation);
        check({5, activation}, {3, 4});
    }
}
