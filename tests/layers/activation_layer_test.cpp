#include <fovea/layers/activation_layer.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Activation: the article's relu matrix") {
    const Tensor<double> x{{1, -2, 3}, {0, 5, -6}, {-7, 8, -9}};
    const auto out = contract::evaluate(ActivationLayer{Activation::relu}, x, Tensor<double>(x.shape(), 1));
    CHECK(out.y == Tensor<double>{{1, 0, 3}, {0, 5, 0}, {0, 8, 0}});
    CHECK(out.dx == Tensor<double>{{1, 0, 1}, {0, 1, 0}, {0, 1, 0}});
}

TEST_CASE("Activation: a gradient that is already by the input goes through as it is") {
    ParameterRegistry registry;
    const ActivationLayer::Layer<float> layer({Activation::softmax}, {3}, registry);
    CHECK(layer.activation() == Activation::softmax);
    const Tensor<float> x{{1, 2, 3}}, y{{0.1F, 0.2F, 0.7F}};
    Tensor<float> dy{{4, 5, 6}}, dx(Shape{1, 3});
    Pass<float> pass;
    pass.before_activation = true;
    layer.backward(x, y, dy, dx, pass);
    CHECK(dx == Tensor<float>{{4, 5, 6}});
}

TEST_CASE("Activation keeps a layer's contract") {
    for (const auto& [activation, name] : detail::activation_names) {
        INFO(name);
        contract::check(ActivationLayer{activation}, {3, 4, 5, 7}, {4, 5, 7});
        contract::check(ActivationLayer{activation}, {1, 1}, {1}, false);
    }
}

TEST_CASE("Activation: gradients") {
    for (const auto& [activation, name] : detail::activation_names) {
        for (const Shape& input : {Shape{3, 7}, Shape{2, 3, 2, 5}, Shape{1, 2}}) {
            const auto result = gradient_check(ActivationLayer{activation}, input);
            INFO(name << " " << input << ": " << result);
            CHECK(result.passed(1e-6));
        }
    }
}
