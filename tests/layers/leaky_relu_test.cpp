#include <fovea/layers/leaky_relu.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("LeakyReLU: by hand, with Keras's slope") {
    const Tensor<double> x{{-10, -1, 2}};
    const auto out = contract::evaluate(LeakyReLU{}, x, Tensor<double>{{10, 1, 7}});
    CHECK(out.y == Tensor<double>{{-3, -0.3, 2}});
    CHECK(out.dx == Tensor<double>{{3, 0.3, 7}});
}

TEST_CASE("LeakyReLU: a negative slope is refused") {
    CHECK_THROWS_MATCHES(LeakyReLU{-1}.output_shape({3}), ValueError,
                         says("LeakyReLU: negative_slope must be a finite number >= 0, got -1"));
}

TEST_CASE("LeakyReLU keeps a layer's contract") {
    contract::check(LeakyReLU{}, {3, 4, 5, 3}, {4, 5, 3});
    CHECK(gradient_check(LeakyReLU{0.1}, {3, 5, 3}).passed(1e-6));
}
