#include <span>
#include <type_traits>
#include <vector>

#include <fovea/core/parameters.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("ParameterRegistry: places lie one behind the other, names carry the layer") {
    ParameterRegistry registry;
    CHECK(registry.size() == 0);
    registry.begin_layer("conv2d");
    const Parameter kernel = registry.add("kernel", {3, 3, 1, 4}, Initializer::glorot_uniform, {9, 36});
    const Parameter bias = registry.add("bias", {4}, Initializer::zeros);
    registry.begin_layer("batch_normalization");
    const Parameter mean = registry.add_state("moving_mean", {4}, Initializer::ones);

    CHECK(kernel.offset == 0);
    CHECK(kernel.size() == 36);
    CHECK(bias.offset == 36);
    CHECK(mean.offset == 40);
    CHECK(registry.size() == 44);

    const auto& all = registry.parameters();
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "conv2d/kernel");
    CHECK(all[0].place.shape == Shape{3, 3, 1, 4});
    CHECK(all[0].initializer.name() == "glorot_uniform");
    CHECK(all[0].fans.in == 9);
    CHECK(all[0].fans.out == 36);
    CHECK_FALSE(all[0].is_state);
    CHECK(all[1].name == "conv2d/bias");
    CHECK(all[1].place.offset == 36);
    CHECK(all[2].name == "batch_normalization/moving_mean");
    CHECK(all[2].is_state);
}

TEST_CASE("ParameterRegistry: keeps regularizers and constraints, and refuses one that does not fit") {
    ParameterRegistry registry;
    registry.begin_layer("dense");
    registry.add("kernel", {3, 4}, Initializer::zeros, {3, 4}, L2{0.5}, MaxNorm{});
    registry.add("bias", {4}, Initializer::zeros);
    CHECK(registry.parameters()[0].regularizer.l2() == 0.5);
    CHECK(registry.parameters()[0].constraint);
    CHECK_FALSE(registry.parameters()[1].regularizer);
    CHECK_FALSE(registry.parameters()[1].constraint);
    CHECK_THROWS_MATCHES(registry.add("gamma", {4}, Initializer::ones, {}, {}, MaxNorm{.axis = {1}}), ValueError,
                         says("MaxNorm: gamma of shape (4,) has no axis 1"));
    CHECK(registry.parameters().size() == 2);
}

TEST_CASE("Parameter: a default one is not there") { CHECK(Parameter{}.size() == 0); }

TEST_CASE("Parameter: its elements in a block, which may be writable or not") {
    std::vector<double> block{0, 1, 2, 3, 4, 5, 6, 7, 8};
    const Parameter kernel{2, {2, 3}};
    const View<double> inside = kernel.in(std::span(block));
    CHECK(inside.shape() == Shape{2, 3});
    CHECK(inside.data() == block.data() + 2);
    inside(1, 2) = 70;
    CHECK(block == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 70, 8});

    const auto constant = kernel.in(std::span<const double>(block));
    static_assert(std::is_same_v<decltype(constant), const ConstView<double>>);
    CHECK(constant.data() == inside.data());
    CHECK(constant(0, 1) == 3);
    CHECK(Parameter{6, {3}}.in(std::span(block))[2] == 8); // up to the block's last element
}

TEST_CASE("Parameter: nothing in an empty block, and nothing of a parameter that is not there") {
    std::vector<float> block(4);
    CHECK(Parameter{1, {3}}.in(std::span<float>()).empty());
    CHECK(Parameter{1, {3}}.in(std::span<float>()).data() == nullptr);
    CHECK(Parameter{}.in(std::span(block)).empty());
    CHECK(Parameter{}.in(std::span(block)).data() == nullptr);
}
