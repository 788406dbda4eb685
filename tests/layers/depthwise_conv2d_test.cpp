#include <fovea/layers/conv2d.hpp>
#include <fovea/layers/depthwise_conv2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;
using contract::one_to_nine;

TEST_CASE("DepthwiseConv2D: by hand, no channel sees another") {
    // Two channels, a 1x2 kernel: channel 0 by (1, 2), channel 1 by (10, 20), then the biases 5 and 7.
    const Tensor<double> x(Shape{1, 1, 3, 2}, {1, 4, 2, 5, 3, 6});
    const Tensor<double> g(Shape{1, 1, 2, 2}, {1, 1, 1, 0});
    const auto out = contract::evaluate(DepthwiseConv2D{{1, 2}}, x, g, Tensor<double>{1, 10, 2, 20, 5, 7});
    CHECK(out.y == Tensor<double>(Shape{1, 1, 2, 2}, {1 + 4 + 5, 40 + 100 + 7, 2 + 6 + 5, 50 + 120 + 7}));
    CHECK(out.dx == Tensor<double>(Shape{1, 1, 3, 2}, {1, 10, 3, 20, 2, 0}));
    CHECK(out.gradients == Tensor<double>{1 + 2, 4, 2 + 3, 5, 2, 1});
}

TEST_CASE("DepthwiseConv2D: by hand, the outputs of one channel lie side by side") {
    // A 1x1 kernel (1, 1, channels, multiplier): channel 0 times 1, 2 and 3, channel 1 times 10, 20 and 30.
    const DepthwiseConv2D spec{.kernel_size = 1, .depth_multiplier = 3, .use_bias = false};
    const Tensor<double> x(Shape{1, 1, 1, 2}, {3, 5});
    const Tensor<double> g(Shape{1, 1, 1, 6}, {1, 1, 1, 1, 0, 1});
    const auto out = contract::evaluate(spec, x, g, Tensor<double>{1, 2, 3, 10, 20, 30});
    CHECK(out.y == Tensor<double>(Shape{1, 1, 1, 6}, {3, 6, 9, 50, 100, 150}));
    CHECK(out.dx == Tensor<double>(Shape{1, 1, 1, 2}, {6, 40}));
    CHECK(out.gradients == Tensor<double>{3, 3, 3, 5, 0, 5});
}

TEST_CASE("DepthwiseConv2D: the activation comes behind the bias") {
    const auto out = contract::evaluate(DepthwiseConv2D{1, Activation::relu}, one_to_nine(),
                                        image(3, 3, std::vector<double>(9, 1)), Tensor<double>{-1, 5});
    CHECK(out.y == image(3, 3, {4, 3, 2, 1, 0, 0, 0, 0, 0}));
    CHECK(out.gradients == Tensor<double>{1 + 2 + 3 + 4, 4});
}

TEST_CASE("DepthwiseConv2D: output shapes") {
    CHECK(DepthwiseConv2D{{3, 3}}.output_shape({28, 28, 5}) == Shape{26, 26, 5});
    CHECK(
        (DepthwiseConv2D{.kernel_size = 3, .strides = 2, .padding = Padding::same, .depth_multiplier = 2}.output_shape(
            {7, 8, 3})) == Shape{4, 4, 6});
    CHECK((DepthwiseConv2D{.kernel_size = 3, .dilation_rate = {1, 4}}.output_shape({9, 9, 3})) == Shape{7, 1, 3});
}

TEST_CASE("DepthwiseConv2D: parameters, their order and Keras's fans") {
    ParameterRegistry registry;
    registry.begin_layer("depthwise_conv2d");
    const DepthwiseConv2D::Layer<float> layer(DepthwiseConv2D{.kernel_size = {3, 2}, .depth_multiplier = 4}, {9, 9, 5},
                                              registry);
    REQUIRE(registry.parameters().size() == 2);
    const NamedParameter& kernel = registry.parameters()[0];
    CHECK(kernel.name == "depthwise_conv2d/kernel");
    CHECK(kernel.place.shape == Shape{3, 2, 5, 4});
    CHECK(kernel.initializer.name() == "glorot_uniform");
    CHECK(kernel.fans.in == 3 * 2 * 5); // keras.src.initializers.compute_fans((3, 2, 5, 4)) is (30, 24)
    CHECK(kernel.fans.out == 3 * 2 * 4);
    const NamedParameter& bias = registry.parameters()[1];
    CHECK(bias.name == "depthwise_conv2d/bias");
    CHECK(bias.place.shape == Shape{20});
    CHECK(bias.initializer.name() == "zeros");

    ParameterRegistry without;
    const DepthwiseConv2D::Layer<float> no_bias(
        DepthwiseConv2D{.kernel_size = 3, .use_bias = false, .depthwise_initializer = Initializer::he_normal},
        {9, 9, 4}, without);
    REQUIRE(without.parameters().size() == 1);
    CHECK(without.parameters()[0].initializer.name() == "he_normal");
}

TEST_CASE("DepthwiseConv2D: what it takes and what by") {
    ParameterRegistry registry;
    const DepthwiseConv2D::Layer<float> one(DepthwiseConv2D{3}, {6, 7, 5}, registry);
    CHECK(one.multiply_adds() == 4 * 5 * 9 * 5);
    CHECK(one.kernels(false) == "depthwise");
    CHECK(one.kernels(true) == "depthwise, dx depthwise, dw depthwise");
    const DepthwiseConv2D::Layer<float> two(DepthwiseConv2D{.kernel_size = 3, .depth_multiplier = 2}, {6, 7, 5},
                                            registry);
    CHECK(two.multiply_adds() == 4 * 5 * 9 * 10);
}

TEST_CASE("DepthwiseConv2D: the same bits as Conv2D with as many groups as channels") {
    for (const Index multiplier : {1, 3}) {
        const DepthwiseConv2D depthwise{
            .kernel_size = 3, .activation = Activation::gelu, .padding = Padding::same, .depth_multiplier = multiplier};
        const Conv2D grouped{.filters = 5 * multiplier,
                             .kernel_size = 3,
                             .activation = Activation::gelu,
                             .padding = Padding::same,
                             .groups = 5};
        const auto x = contract::numbers<double>({2, 4, 6, 5}, 1);
        const auto g = contract::numbers<double>({2, 4, 6, 5 * multiplier}, 2);
        const auto parameters = contract::numbers<double>({(9 + 1) * 5 * multiplier}, 4);
        const auto a = contract::evaluate(depthwise, x, g, parameters);
        const auto b = contract::evaluate(grouped, x, g, parameters);
        CHECK(same_bits(a.y, b.y));
        CHECK(same_bits(a.dx, b.dx));
        CHECK(same_bits(a.gradients, b.gradients));
    }
}

TEST_CASE("DepthwiseConv2D: what does not fit is refused") {
    const auto shape = [](const DepthwiseConv2D& spec, const Shape& input) { return spec.output_shape(input); };
    CHECK_THROWS_MATCHES(shape({{5, 5}}, {3, 3, 8}), ShapeError,
                         says("DepthwiseConv2D: kernel (5, 5) does not fit input (3, 3, 8) with padding=valid"));
    CHECK_THROWS_MATCHES(shape({}, {9, 9, 8}), ValueError, says("DepthwiseConv2D: kernel_size must be"));
    CHECK_THROWS_MATCHES(shape({.kernel_size = 3, .strides = {1, 0}}, {9, 9, 8}), ValueError, says("got (1, 0)"));
    CHECK_THROWS_MATCHES(shape({.kernel_size = 3, .depth_multiplier = 0}, {9, 9, 8}), ValueError,
                         says("DepthwiseConv2D: depth_multiplier must be from 1 to 16777216, got 0"));
    CHECK_THROWS_MATCHES(shape({3}, {784}), ShapeError,
                         says("expected an input of 3 axes (height, width, channels), got (784,)"));
}

TEST_CASE("DepthwiseConv2D keeps a layer's contract") {
    contract::check(DepthwiseConv2D{{3, 3}}, {3, 6, 7, 3}, {4, 5, 3});
    contract::check(DepthwiseConv2D{.kernel_size = {2, 3},
                                    .activation = Activation::gelu,
                                    .strides = {2, 1},
                                    .padding = Padding::same,
                                    .depth_multiplier = 3},
                    {2, 5, 6, 17}, {3, 6, 51});
    contract::check(
        DepthwiseConv2D{.kernel_size = 3, .activation = Activation::relu, .dilation_rate = 2, .use_bias = false},
        {2, 7, 6, 33}, {3, 2, 33});
    contract::check(DepthwiseConv2D{.kernel_size = 1, .depth_multiplier = 2}, {1, 1, 1, 1}, {1, 1, 2});
}

TEST_CASE("DepthwiseConv2D: gradients") {
    const auto check = [](const DepthwiseConv2D& spec, const Shape& input) {
        const auto result = gradient_check(spec, input);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({{3, 3}}, {2, 5, 6, 2});
    check({.kernel_size = {2, 3}, .strides = {2, 3}, .depth_multiplier = 2}, {1, 7, 8, 3});
    check({.kernel_size = 3, .padding = Padding::same, .dilation_rate = {2, 1}}, {1, 6, 7, 2});
    for (const Activation activation : {Activation::relu, Activation::softmax, Activation::silu})
        check({{2, 2}, activation}, {2, 4, 4, 3});
}
