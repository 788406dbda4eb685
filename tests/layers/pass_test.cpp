#include <vector>

#include <fovea/layers/pass.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Pass: a parameter's place in values, gradients and states") {
    std::vector<float> values{0, 1, 2, 3, 4, 5, 6, 7};
    std::vector<float> gradients(8);
    const Parameter kernel{2, {2, 3}};
    Pass<float> pass;
    pass.values = values;
    pass.gradients = gradients;
    pass.state = values;

    CHECK(pass.value(kernel).shape() == Shape{2, 3});
    CHECK(pass.value(kernel)(1, 0) == 5);
    pass.gradient(kernel)(0, 1) = 9;
    CHECK(gradients[3] == 9);
    pass.moving(kernel)(1, 2) = 10;
    CHECK(values[7] == 10);
}

TEST_CASE("Pass: what is not there or not wanted is empty") {
    std::vector<float> values{0, 1, 2};
    const Parameter bias{1, {2}};
    Pass<float> pass;
    CHECK_FALSE(pass.training);
    CHECK(pass.value(bias).empty());
    pass.values = values;
    CHECK(pass.value(bias).size() == 2);
    CHECK(pass.gradient(bias).empty());
    CHECK(pass.moving(bias).empty());
    CHECK(pass.value(Parameter{}).empty()); // a layer without that parameter
    CHECK(pass.value(Parameter{}).data() == nullptr);
}
