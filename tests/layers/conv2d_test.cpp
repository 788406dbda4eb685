#include <fovea/layers/conv2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;
using contract::one_to_nine;

TEST_CASE("Conv2D: by hand, 2x2 on 1 to 9") {
    // Cross-correlation: the kernel is not turned over. 1 * 1 + 2 * 2 + 3 * 4 + 4 * 5 + 10 = 47.
    const Tensor<double> parameters{1, 2, 3, 4, 10};
    const auto out = contract::evaluate(Conv2D{1, {2, 2}}, one_to_nine(), image(2, 2, {1, 0, 0, 2}), parameters);
    CHECK(out.y == image(2, 2, {47, 57, 77, 87}));
    CHECK(out.dx == image(3, 3, {1, 2, 0, 3, 4 + 2, 4, 0, 6, 8}));
    CHECK(out.gradients == Tensor<double>{1 + 10, 2 + 12, 4 + 16, 5 + 18, 3});
}

TEST_CASE("Conv2D: by hand, same padding and a stride") {
    const Tensor<double> parameters{1, 1, 1, 1, 1, 1, 1, 1, 1};
    const Conv2D sums{.filters = 1, .kernel_size = 3, .padding = Padding::same, .use_bias = false};
    CHECK(contract::evaluate(sums, one_to_nine(), image(3, 3, std::vector<double>(9, 1)), parameters).y ==
          image(3, 3, {12, 21, 16, 27, 45, 33, 24, 39, 28}));
    const Conv2D strided{.filters = 1, .kernel_size = 3, .strides = 2, .padding = Padding::same, .use_bias = false};
    CHECK(contract::evaluate(strided, one_to_nine(), image(2, 2, {1, 1, 1, 1}), parameters).y ==
          image(2, 2, {12, 16, 24, 28}));
}

TEST_CASE("Conv2D: by hand, each group sees its own channels") {
    // A 1x1 kernel, two groups of one channel and two filters each: filters 0 and 1 see channel 0.
    const Conv2D spec{.filters = 4, .kernel_size = 1, .groups = 2, .use_bias = false};
    const Tensor<double> x(Shape{1, 1, 1, 2}, {3, 5});
    const Tensor<double> g(Shape{1, 1, 1, 4}, {1, 1, 1, 1});
    const auto out = contract::evaluate(spec, x, g, Tensor<double>{1, 2, 10, 20});
    CHECK(out.y == Tensor<double>(Shape{1, 1, 1, 4}, {3, 6, 50, 100}));
    CHECK(out.dx == Tensor<double>(Shape{1, 1, 1, 2}, {3, 30}));
    CHECK(out.gradients == Tensor<double>{3, 3, 5, 5});
}

TEST_CASE("Conv2D: the activation comes behind the bias") {
    const Tensor<double> parameters{-1, 5};
    const auto out = contract::evaluate(Conv2D{1, 1, Activation::relu}, one_to_nine(),
                                        image(3, 3, std::vector<double>(9, 1)), parameters);
    CHECK(out.y == image(3, 3, {4, 3, 2, 1, 0, 0, 0, 0, 0}));
    CHECK(out.dx == image(3, 3, {-1, -1, -1, -1, 0, 0, 0, 0, 0}));
    CHECK(out.gradients == Tensor<double>{1 + 2 + 3 + 4, 4});
}

TEST_CASE("Conv2D: output shapes") {
    CHECK(Conv2D{32, {3, 3}}.output_shape({28, 28, 1}) == Shape{26, 26, 32});
    CHECK((Conv2D{.filters = 8, .kernel_size = {5, 3}, .strides = {2, 3}}.output_shape({28, 27, 3})) ==
          Shape{12, 9, 8});
    CHECK((Conv2D{.filters = 8, .kernel_size = 3, .strides = 2, .padding = Padding::same}.output_shape({7, 8, 3})) ==
          Shape{4, 4, 8});
    CHECK((Conv2D{.filters = 8, .kernel_size = 3, .dilation_rate = {1, 4}}.output_shape({9, 9, 3})) == Shape{7, 1, 8});
}

TEST_CASE("Conv2D: parameters, their order and Keras's fans") {
    ParameterRegistry registry;
    registry.begin_layer("conv2d");
    const Conv2D::Layer<float> layer(Conv2D{.filters = 6, .kernel_size = {3, 2}, .groups = 2}, {9, 9, 4}, registry);
    REQUIRE(registry.parameters().size() == 2);
    const NamedParameter& kernel = registry.parameters()[0];
    CHECK(kernel.name == "conv2d/kernel");
    CHECK(kernel.place.shape == Shape{3, 2, 2, 6});
    CHECK(kernel.initializer.name() == "glorot_uniform");
    CHECK(kernel.fans.in == 3 * 2 * 2);
    CHECK(kernel.fans.out == 3 * 2 * 6);
    const NamedParameter& bias = registry.parameters()[1];
    CHECK(bias.name == "conv2d/bias");
    CHECK(bias.place.shape == Shape{6});
    CHECK(bias.initializer.name() == "zeros");
    CHECK(layer.activation() == Activation::linear);

    ParameterRegistry without;
    const Conv2D::Layer<float> no_bias(
        Conv2D{.filters = 6, .kernel_size = 3, .use_bias = false, .kernel_initializer = Initializer::he_normal},
        {9, 9, 4}, without);
    REQUIRE(without.parameters().size() == 1);
    CHECK(without.parameters()[0].initializer.name() == "he_normal");
}

TEST_CASE("Conv2D: what does not fit is refused") {
    const auto shape = [](const Conv2D& spec, const Shape& input) { return spec.output_shape(input); };
    CHECK_THROWS_MATCHES(shape({8, {5, 5}}, {3, 3, 8}), ShapeError,
                         says("Conv2D: kernel (5, 5) does not fit input (3, 3, 8) with padding=valid"));
    CHECK_THROWS_MATCHES(shape({.filters = 8, .kernel_size = 3, .dilation_rate = 2}, {4, 9, 8}), ShapeError,
                         says("kernel (3, 3) with dilation_rate (2, 2) does not fit input (4, 9, 8)"));
    CHECK_THROWS_MATCHES(shape({0, 3}, {9, 9, 8}), ValueError, says("Conv2D: filters must be at least 1, got 0"));
    CHECK_THROWS_MATCHES(shape({-3, 3}, {9, 9, 8}), ValueError, says("got -3"));
    CHECK_THROWS_MATCHES(shape({8}, {9, 9, 8}), ValueError, says("Conv2D: kernel_size must be"));
    CHECK_THROWS_MATCHES(shape({8, {3, -1}}, {9, 9, 8}), ValueError, says("got (3, -1)"));
    CHECK_THROWS_MATCHES(shape({.filters = 8, .kernel_size = 3, .strides = {1, 0}}, {9, 9, 8}), ValueError,
                         says("strides must be"));
    CHECK_THROWS_MATCHES(shape({.filters = 8, .kernel_size = 3, .strides = {1, 0}}, {9, 9, 8}), ValueError,
                         says("got (1, 0)"));
    CHECK_THROWS_MATCHES(shape({.filters = 8, .kernel_size = 3, .dilation_rate = -2}, {9, 9, 8}), ValueError,
                         says("dilation_rate must be"));
    CHECK_THROWS_MATCHES(shape({.filters = 8, .kernel_size = 3, .groups = 3}, {9, 9, 8}), ValueError,
                         says("Conv2D: groups=3 does not divide the 8 channels of the input (9, 9, 8)"));
    CHECK_THROWS_MATCHES(shape({.filters = 6, .kernel_size = 3, .groups = 4}, {9, 9, 8}), ValueError,
                         says("Conv2D: groups=4 does not divide filters=6"));
    CHECK_THROWS_MATCHES(shape({.filters = 8, .kernel_size = 3, .groups = 0}, {9, 9, 8}), ValueError,
                         says("groups must be at least 1, got 0"));
    CHECK_THROWS_MATCHES(shape({8, 3}, {784}), ShapeError,
                         says("expected an input of 3 axes (height, width, channels), got (784,)"));
}

TEST_CASE("Conv2D keeps a layer's contract") {
    contract::check(Conv2D{5, {3, 3}}, {3, 6, 7, 3}, {4, 5, 5});
    contract::check(Conv2D{16, 1, Activation::relu}, {2, 3, 3, 4}, {3, 3, 16});
    contract::check(Conv2D{.filters = 6,
                           .kernel_size = {2, 3},
                           .activation = Activation::gelu,
                           .strides = {2, 1},
                           .padding = Padding::same},
                    {2, 5, 6, 3}, {3, 6, 6});
    contract::check(Conv2D{.filters = 4,
                           .kernel_size = 3,
                           .activation = Activation::softmax,
                           .dilation_rate = 2,
                           .groups = 2,
                           .use_bias = false},
                    {2, 7, 6, 4}, {3, 2, 4});
    contract::check(Conv2D{1, 1}, {1, 1, 1, 1}, {1, 1, 1});
}

TEST_CASE("Conv2D: gradients") {
    const auto check = [](const Conv2D& spec, const Shape& input) {
        const auto result = gradient_check(spec, input);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({3, {3, 3}}, {2, 5, 6, 2});
    check({.filters = 4, .kernel_size = {2, 3}, .strides = {2, 3}}, {1, 7, 8, 3});
    check({.filters = 3, .kernel_size = {4, 3}, .padding = Padding::same}, {2, 5, 4, 2});
    check({.filters = 3, .kernel_size = 3, .strides = 2, .padding = Padding::same, .dilation_rate = {2, 1}},
          {1, 6, 7, 2});
    check({.filters = 6, .kernel_size = 3, .groups = 3, .use_bias = false}, {2, 4, 5, 3});
    for (const Activation activation : {Activation::relu, Activation::sigmoid, Activation::tanh, Activation::softmax,
                                        Activation::leaky_relu, Activation::elu, Activation::gelu, Activation::silu}) {
        INFO(activation);
        check({3, {2, 2}, activation}, {2, 4, 4, 2});
    }
}
