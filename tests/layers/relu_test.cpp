#include <limits>

#include <fovea/layers/relu.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("ReLU: by hand") {
    const Tensor<double> x{{-4, -0.5, 0, 0.5, 1, 2, 8}}, ones(x.shape(), 1);
    const auto plain = contract::evaluate(ReLU{}, x, ones);
    CHECK(plain.y == Tensor<double>{{0, 0, 0, 0.5, 1, 2, 8}});
    CHECK(plain.dx == Tensor<double>{{0, 0, 0, 1, 1, 1, 1}});
    const auto all = contract::evaluate(ReLU{.max_value = 6, .negative_slope = 0.5, .threshold = 1}, x, ones);
    CHECK(all.y == Tensor<double>{{-2.5, -0.75, -0.5, -0.25, 1, 2, 6}});
    CHECK(all.dx == Tensor<double>{{0.5, 0.5, 0.5, 0.5, 0.5, 1, 0}});
}

TEST_CASE("ReLU: infinity is limited, and NaN stays NaN") {
    const double infinity = std::numeric_limits<double>::infinity();
    const Tensor<double> x{{-infinity, infinity, std::numeric_limits<double>::quiet_NaN()}};
    const auto out = contract::evaluate(ReLU{.max_value = 6}, x, x);
    CHECK(out.y[0] == 0);
    CHECK(out.y[1] == 6);
    CHECK(std::isnan(out.y[2]));
    CHECK(contract::evaluate(ReLU{}, x, x).y[1] == infinity);
}

TEST_CASE("ReLU: says that it is the activation only where it is") {
    ParameterRegistry registry;
    const auto activation = [&](const ReLU& spec) { return ReLU::Layer<float>(spec, {3}, registry).activation(); };
    CHECK(activation({}) == Activation::relu);
    CHECK(activation({.max_value = 6}) == Activation::linear);
    CHECK(activation({.negative_slope = 0.1}) == Activation::linear);
    CHECK(activation({.threshold = 1}) == Activation::linear);
}

TEST_CASE("ReLU: negative numbers are refused") {
    CHECK_THROWS_MATCHES(ReLU{.max_value = -1}.output_shape({3}), ValueError,
                         says("ReLU: max_value must be a finite number >= 0, got -1"));
    CHECK_THROWS_MATCHES(ReLU{.negative_slope = -1}.output_shape({3}), ValueError, says("negative_slope must be"));
    CHECK_THROWS_MATCHES(ReLU{.threshold = -1}.output_shape({3}), ValueError, says("threshold must be"));
}

TEST_CASE("ReLU keeps a layer's contract") {
    contract::check(ReLU{}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(ReLU{.max_value = 0.5, .negative_slope = 0.3, .threshold = 0.1}, {3, 7}, {7}, false);
    CHECK(gradient_check(ReLU{.max_value = 0.5, .negative_slope = 0.3, .threshold = 0.1}, {3, 5, 3}).passed(1e-6));
}
