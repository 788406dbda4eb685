#include <fovea/core/tensor.hpp>
#include <fovea/layers/output_activation.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("OutputActivation: ReLU is the kernel's, others are applied") {
    Tensor<double> y{-1, 2};
    OutputActivation<double>(Activation::relu).forward(y, {});
    CHECK(y == Tensor<double>{-1, 2});
    OutputActivation<double>(Activation::leaky_relu).forward(y, {});
    CHECK(y == Tensor<double>{-0.2, 2});
}

TEST_CASE("OutputActivation: keeps its input in training where the gradient needs it") {
    const OutputActivation<double> silu(Activation::silu);
    Tensor<std::byte> memory(Shape{silu.kept_bytes(2)});
    Pass<double> pass;
    pass.training = true;
    pass.kept = Arena(memory.span());
    Tensor<double> y{0, 100};
    silu.forward(y, pass);
    CHECK(y == Tensor<double>{0, 100}); // sigmoid(100) rounds to 1
    Tensor<double> dy{1, 1};
    silu.backward(y, dy, pass);
    CHECK(dy == Tensor<double>{0.5, 1}); // sigmoid(z) + z sigmoid'(z)
    pass.before_activation = true;
    silu.backward(y, dy, pass);
    CHECK(dy == Tensor<double>{0.5, 1});
    CHECK(OutputActivation<double>(Activation::tanh).kept_bytes(2) == 0);
}
