#include <fovea/layers/conv2d_transpose.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;
using contract::image;

TEST_CASE("Conv2DTranspose: by hand, each pixel adds its share") {
    // Pixel (i, j) adds x[i][j] times the kernel 1 2 / 3 4, not turned over, at (i, j); 10 is the bias.
    const auto out = contract::evaluate(Conv2DTranspose{1, 2}, image(2, 2, {1, 2, 3, 4}),
                                        image(3, 3, {1, 0, 0, 0, 1, 0, 0, 0, 0}), Tensor<double>{1, 2, 3, 4, 10});
    CHECK(out.y == image(3, 3, {11, 14, 14, 16, 30, 26, 19, 34, 26}));
    CHECK(out.dx == image(2, 2, {1 + 4, 3, 2, 1}));
    CHECK(out.gradients == Tensor<double>{1 + 4, 3, 2, 1, 2});
}

TEST_CASE("Conv2DTranspose: by hand, a stride leaves room") {
    const Conv2DTranspose spec{.filters = 1, .kernel_size = 1, .strides = 2, .use_bias = false};
    const auto out =
        contract::evaluate(spec, image(1, 2, {3, 5}), image(2, 4, {1, 9, 1, 9, 9, 9, 9, 9}), Tensor<double>{2});
    CHECK(out.y == image(2, 4, {6, 0, 10, 0, 0, 0, 0, 0}));
    CHECK(out.dx == image(1, 2, {2, 2}));
    CHECK(out.gradients == Tensor<double>{8});
}

TEST_CASE("Conv2DTranspose: by hand, the kernel is (height, width, filters, channels)") {
    const Conv2DTranspose spec{.filters = 2, .kernel_size = 1, .use_bias = false};
    const Tensor<double> x(Shape{1, 1, 1, 3}, {1, 2, 3});
    const Tensor<double> g(Shape{1, 1, 1, 2}, {1, 10});
    const auto out = contract::evaluate(spec, x, g, Tensor<double>{1, 2, 3, 4, 5, 6});
    CHECK(out.y == Tensor<double>(Shape{1, 1, 1, 2}, {1 + 4 + 9, 4 + 10 + 18}));
    CHECK(out.dx == Tensor<double>(Shape{1, 1, 1, 3}, {41, 52, 63}));
    CHECK(out.gradients == Tensor<double>{1, 2, 3, 10, 20, 30});
}

TEST_CASE("Conv2DTranspose: the activation comes behind the bias") {
    const auto out = contract::evaluate(Conv2DTranspose{1, 1, Activation::relu}, contract::one_to_nine(),
                                        image(3, 3, std::vector<double>(9, 1)), Tensor<double>{-1, 5});
    CHECK(out.y == image(3, 3, {4, 3, 2, 1, 0, 0, 0, 0, 0}));
    CHECK(out.dx == image(3, 3, {-1, -1, -1, -1, 0, 0, 0, 0, 0}));
    CHECK(out.gradients == Tensor<double>{1 + 2 + 3 + 4, 4});
}

TEST_CASE("Conv2DTranspose: Keras's output shapes") {
    // What keras.layers.Conv2DTranspose(...).compute_output_shape gives.
    CHECK(Conv2DTranspose{8, 3}.output_shape({7, 6, 2}) == Shape{9, 8, 8});
    CHECK((Conv2DTranspose{.filters = 8, .kernel_size = {3, 2}, .strides = 2}.output_shape({7, 6, 2})) ==
          Shape{15, 12, 8});
    CHECK((Conv2DTranspose{.filters = 8, .kernel_size = 2, .strides = 3}.output_shape({7, 6, 2})) == Shape{21, 18, 8});
    CHECK((Conv2DTranspose{.filters = 8, .kernel_size = 3, .strides = {2, 3}, .padding = Padding::same}.output_shape(
              {7, 6, 2})) == Shape{14, 18, 8});
    CHECK((Conv2DTranspose{
              .filters = 8, .kernel_size = {3, 4}, .strides = 2, .padding = Padding::same, .output_padding = {0, 1}}
               .output_shape({7, 6, 2})) == Shape{13, 11, 8});
    CHECK((Conv2DTranspose{.filters = 8, .kernel_size = 3, .strides = 2, .output_padding = 1}.output_shape(
              {7, 6, 2})) == Shape{16, 14, 8});
    CHECK((Conv2DTranspose{.filters = 8, .kernel_size = 3, .dilation_rate = 2}.output_shape({7, 6, 2})) ==
          Shape{11, 10, 8});
}

TEST_CASE("Conv2DTranspose: parameters, their order and Keras's fans") {
    ParameterRegistry registry;
    registry.begin_layer("conv2d_transpose");
    const Conv2DTranspose::Layer<float> layer(Conv2DTranspose{.filters = 6, .kernel_size = {3, 2}, .strides = 2},
                                              {4, 5, 8}, registry);
    REQUIRE(registry.parameters().size() == 2);
    const NamedParameter& kernel = registry.parameters()[0];
    CHECK(kernel.name == "conv2d_transpose/kernel");
    CHECK(kernel.place.shape == Shape{3, 2, 6, 8});
    CHECK(kernel.initializer.name() == "glorot_uniform");
    CHECK(kernel.fans.in == 3 * 2 * 6); // keras.src.initializers.compute_fans((3, 2, 6, 8)) is (36, 48)
    CHECK(kernel.fans.out == 3 * 2 * 8);
    const NamedParameter& bias = registry.parameters()[1];
    CHECK(bias.name == "conv2d_transpose/bias");
    CHECK(bias.place.shape == Shape{6});
    CHECK(layer.multiply_adds() == 4 * 5 * 8 * 3 * 2 * 6);
    CHECK(layer.kernels(false) == "direct");
    CHECK(layer.kernels(true) == "direct, dx direct, dw direct");
    const Conv2DTranspose::Layer<float> wide(Conv2DTranspose{.filters = 24, .kernel_size = 3}, {4, 5, 24}, registry);
    CHECK(wide.kernels(true) == "winograd, dx winograd, dw winograd");
}

TEST_CASE("Conv2DTranspose: what does not fit is refused") {
    const auto shape = [](const Conv2DTranspose& spec, const Shape& input) { return spec.output_shape(input); };
    CHECK_THROWS_MATCHES(shape({0, 3}, {9, 9, 8}), ValueError,
                         says("Conv2DTranspose: filters must be at least 1, got 0"));
    CHECK_THROWS_MATCHES(shape({8}, {9, 9, 8}), ValueError, says("Conv2DTranspose: kernel_size must be"));
    CHECK_THROWS_MATCHES(shape({.filters = 8, .kernel_size = 3, .strides = {1, 0}}, {9, 9, 8}), ValueError,
                         says("strides must be"));
    CHECK_THROWS_MATCHES(
        shape({.filters = 8, .kernel_size = 3, .strides = {2, 3}, .output_padding = {1, 3}}, {9, 9, 8}), ValueError,
        says("Conv2DTranspose: output_padding must be at least 0 and below strides (2, 3), got (1, 3)"));
    CHECK_THROWS_MATCHES(
        shape({.filters = 8, .kernel_size = 2, .strides = 2, .padding = Padding::same, .output_padding = 0}, {1, 3, 8}),
        ShapeError,
        says("Conv2DTranspose: kernel (2, 2) with output_padding (0, 0) leaves nothing of input (1, 3, 8)"));
    CHECK_THROWS_MATCHES(shape({8, 3}, {784}), ShapeError,
                         says("expected an input of 3 axes (height, width, channels), got (784,)"));
}

TEST_CASE("Conv2DTranspose keeps a layer's contract") {
    contract::check(Conv2DTranspose{5, {3, 3}}, {3, 4, 5, 3}, {6, 7, 5});
    contract::check(Conv2DTranspose{.filters = 6,
                                    .kernel_size = {2, 3},
                                    .activation = Activation::gelu,
                                    .strides = 2,
                                    .padding = Padding::same},
                    {2, 4, 3, 3}, {8, 6, 6});
    contract::check(Conv2DTranspose{.filters = 17,
                                    .kernel_size = 2,
                                    .activation = Activation::relu,
                                    .strides = 3,
                                    .output_padding = {0, 1},
                                    .use_bias = false},
                    {2, 3, 2, 18}, {8, 6, 17});
    contract::check(Conv2DTranspose{.filters = 24, .kernel_size = 3, .activation = Activation::relu}, {2, 4, 5, 24},
                    {6, 7, 24});
}

TEST_CASE("Conv2DTranspose: gradients") {
    const auto check = [](const Conv2DTranspose& spec, const Shape& input) {
        const auto result = gradient_check(spec, input);
        INFO(result);
        CHECK(result.passed(1e-6));
    };
    check({3, {3, 3}}, {2, 3, 4, 2});
    check({.filters = 2, .kernel_size = {2, 3}, .strides = {2, 3}}, {1, 3, 4, 3});
    check({.filters = 2, .kernel_size = {4, 3}, .strides = 2, .padding = Padding::same}, {2, 3, 2, 2});
    check({.filters = 2, .kernel_size = 3, .padding = Padding::same, .dilation_rate = {2, 1}}, {1, 4, 5, 2});
    for (const Activation activation : {Activation::relu, Activation::softmax, Activation::silu})
        check({3, {2, 2}, activation}, {2, 3, 3, 2});
}
