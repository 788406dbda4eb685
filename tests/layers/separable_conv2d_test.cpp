#include <fovea/layers/conv2d.hpp>
#include <fovea/layers/depthwise_conv2d.hpp>
#include <fovea/layers/separable_conv2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("SeparableConv2D: by hand") {
    // Channel 0 by (1, 2) gives 5, channel 1 by (10, 20) gives 140; of these 5 + 3 * 140 + 6 and 2 * 5 + 4 * 140 + 7.
    const Tensor<double> x(Shape{1, 1, 2, 2}, {1, 4, 2, 5});
    const Tensor<double> g(Shape{1, 1, 1, 2}, {1, 2});
    const Tensor<double> parameters{1, 10, 2, 20, 1, 2, 3, 4, 6, 7};
    const auto out = contract::evaluate(SeparableConv2D{2, {1, 2}}, x, g, parameters);
    CHECK(out.y == Tensor<double>(Shape{1, 1, 1, 2}, {431, 577}));
    // Between the two the gradient is (1 + 2 * 2, 3 + 2 * 4).
    CHECK(out.dx == Tensor<double>(Shape{1, 1, 2, 2}, {5, 110, 10, 220}));
    CHECK(out.gradients == Tensor<double>{5, 44, 10, 55, 5, 10, 140, 280, 1, 2});
}

TEST_CASE("SeparableConv2D: the same as its two convolutions") {
    const Shape input{2, 5, 6, 3};
    const DepthwiseConv2D first{
        .kernel_size = 3, .strides = 2, .padding = Padding::same, .depth_multiplier = 2, .use_bias = false};
    const Conv2D second{.filters = 4, .kernel_size = 1, .activation = Activation::gelu};
    const SeparableConv2D both{.filters = 4,
                               .kernel_size = 3,
                               .activation = Activation::gelu,
                               .strides = 2,
                               .padding = Padding::same,
                               .depth_multiplier = 2};
    const auto x = contract::numbers<double>(input, 1);
    const auto g = contract::numbers<double>({2, 3, 3, 4}, 2);
    const auto parameters = contract::numbers<double>({54 + 24 + 4}, 3);
    const auto part = [](const Tensor<double>& all, Index begin, Index end) {
        return Tensor<double>(all.view().slice(begin, end));
    };
    const Shape middle{2, 3, 3, 6};
    const Tensor<double> none(middle);
    const auto down = contract::evaluate(first, x, none, part(parameters, 0, 54));
    const auto mixed = contract::evaluate(second, down.y, g, part(parameters, 54, 82));
    const auto back = contract::evaluate(first, x, mixed.dx, part(parameters, 0, 54));
    const auto out = contract::evaluate(both, x, g, parameters);
    CHECK(same_bits(out.y, mixed.y));
    CHECK(same_bits(out.dx, back.dx));
    CHECK(same_bits(part(out.gradients, 0, 54), back.gradients));
    CHECK(same_bits(part(out.gradients, 54, 82), mixed.gradients));
}

TEST_CASE("SeparableConv2D: output shapes") {
    CHECK(SeparableConv2D{32, {3, 3}}.output_shape({28, 28, 5}) == Shape{26, 26, 32});
    CHECK((SeparableConv2D{.filters = 8, .kernel_size = 3, .strides = 2, .padding = Padding::same}.output_shape(
              {7, 8, 3})) == Shape{4, 4, 8});
}

TEST_CASE("SeparableConv2D: parameters, their order and Keras's fans") {
    ParameterRegistry registry;
    registry.begin_layer("separable_conv2d");
    const SeparableConv2D::Layer<float> layer(SeparableConv2D{.filters = 7,
                                                              .kernel_size = {3, 2},
                                                              .depth_multiplier = 4,
                                                              .pointwise_initializer = Initializer::he_normal},
                                              {9, 9, 5}, registry);
    REQUIRE(registry.parameters().size() == 3);
    const NamedParameter& depthwise = registry.parameters()[0];
    CHECK(depthwise.name == "separable_conv2d/depthwise_kernel");
    CHECK(depthwise.place.shape == Shape{3, 2, 5, 4});
    CHECK(depthwise.initializer.name() == "glorot_uniform");
    CHECK(depthwise.fans.in == 3 * 2 * 5); // keras.src.initializers.compute_fans((3, 2, 5, 4)) is (30, 24)
    CHECK(depthwise.fans.out == 3 * 2 * 4);
    const NamedParameter& pointwise = registry.parameters()[1];
    CHECK(pointwise.name == "separable_conv2d/pointwise_kernel");
    CHECK(pointwise.place.shape == Shape{1, 1, 20, 7});
    CHECK(pointwise.initializer.name() == "he_normal");
    CHECK(pointwise.fans.in == 20);
    CHECK(pointwise.fans.out == 7);
    const NamedParameter& bias = registry.parameters()[2];
    CHECK(bias.name == "separable_conv2d/bias");
    CHECK(bias.place.shape == Shape{7});
    CHECK(layer.multiply_adds() == 7 * 8 * (6 * 20 + 20 * 7));
    CHECK(layer.kernels(false) == "depthwise + direct");
    const SeparableConv2D::Layer<float> one(SeparableConv2D{7, 3}, {9, 9, 5}, registry);
    CHECK(one.kernels(false) == "depthwise + direct");
    CHECK(one.kernels(true) == "depthwise + direct, dx depthwise + direct, dw depthwise + direct");
}

TEST_CASE("SeparableConv2D: inference gives the bits of training and keeps nothing") {
    const SeparableConv2D spec{4, 3, Activation::gelu};
    ParameterRegistry registry;
    const SeparableConv2D::Layer<float> layer(spec, {6, 5, 3}, registry);
    const auto x = contract::numbers<float>({2, 6, 5, 3}, 1);
    const auto values = contract::numbers<float>({registry.size()}, 3);
    const auto run = [&](bool training) {
        contract::Memory prepared(layer.prepared_bytes(training), 0xFF);
        contract::Memory kept(training ? layer.kept_bytes(2) : 0, 0xFF);
        contract::Memory scratch(layer.scratch_bytes(2), 0xFF);
        layer.prepare(values.span(), prepared.arena(), training);
        Pass<float> pass;
        pass.training = training;
        pass.values = values.span();
        pass.prepared = prepared.arena();
        pass.kept = kept.arena();
        pass.scratch = scratch.arena();
        Tensor<float> y(Shape{2, 4, 3, 4});
        layer.forward(x, y, pass);
        CHECK((prepared.intact() && kept.intact() && scratch.intact()));
        return y;
    };
    CHECK(same_bits(run(false), run(true)));
}

TEST_CASE("SeparableConv2D: what does not fit is refused") {
    const auto shape = [](const SeparableConv2D& spec, const Shape& input) { return spec.output_shape(input); };
    CHECK_THROWS_MATCHES(shape({8, {5, 5}}, {3, 3, 8}), ShapeError,
                         says("SeparableConv2D: kernel (5, 5) does not fit input (3, 3, 8) with padding=valid"));
    CHECK_THROWS_MATCHES(shape({0, 3}, {9, 9, 8}), ValueError,
                         says("SeparableConv2D: filters must be at least 1, got 0"));
    CHECK_THROWS_MATCHES(shape({.filters = 2, .kernel_size = 3, .depth_multiplier = -1}, {9, 9, 8}), ValueError,
                         says("SeparableConv2D: depth_multiplier must be from 1 to 16777216, got -1"));
    CHECK_THROWS_MATCHES(shape({8, 3}, {784}), ShapeError,
                         says("expected an input of 3 axes (height, width, channels), got (784,)"));
}

TEST_CASE("SeparableConv2D keeps a layer's contract") {
    contract::check(SeparableConv2D{5, {3, 3}}, {3, 6, 7, 3}, {4, 5, 5});
    contract::check(SeparableConv2D{.filters = 4,
                                    .kernel_size = {2, 3},
                                    .activation = Activation::gelu,
                                    .strides = {2, 1},
                                    .padding = Padding::same,
                                    .depth_multiplier = 2,
                                    .use_bias = false},
                    {2, 5, 6, 17}, {3, 6, 4});
    contract::check(SeparableConv2D{.filters = 18, .kernel_size = 3, .activation = Activation::relu}, {2, 4, 5, 1},
                    {2, 3, 18});
}

TEST_CASE("SeparableConv2D: gradients") {
    const auto check = [](const SeparableConv2D& spec, const Shape& input) {
        const auto result = gradient_check(spec, input);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({3, {3, 3}}, {2, 5, 6, 2});
    check({.filters = 4, .kernel_size = {2, 3}, .strides = {2, 3}, .depth_multiplier = 2}, {1, 7, 8, 3});
    for (const Activation activation : {Activation::relu, Activation::softmax, Activation::silu})
        check({2, {2, 2}, activation}, {2, 4, 4, 3});
}
