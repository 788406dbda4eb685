#include <algorithm>
#include <cmath>

#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>

#include "catch.hpp"
#include "reference/optimizer.hpp"
#include "reference/reference.hpp"

// Ten training steps with regularizers and constraints against Keras's: reference/record_penalties.py.

using namespace fovea;

namespace {

template <class T>
Sequential<T> penalized_network(bool frozen) {
    using enum Activation;
    Sequential<T> model{Input{9},
                        Dense{.units = 7,
                              .activation = tanh,
                              .kernel_regularizer = L1L2{.l1 = 0.01, .l2 = 0.02},
                              .bias_regularizer = L2{0.05},
                              .kernel_constraint = MaxNorm{1.25}},
                        Dense{.units = 7,
                              .activation = tanh,
                              .kernel_regularizer = L1{},
                              .kernel_constraint = UnitNorm{.axis = {1}},
                              .bias_constraint = NonNeg{},
                              .trainable = !frozen},
                        Dense{.units = 4, .activation = softmax, .kernel_regularizer = L2{}}};
    std::vector<Tensor<T>> weights = model.get_weights();
    std::uint64_t stream = reference::parameters;
    for (Tensor<T>& w : weights) w = reference::values<T>(w.shape(), stream++);
    model.set_weights(weights);
    return model;
}

template <class T>
void check_penalties(double tolerance) {
    constexpr Index steps = 10, batch = 12;
    const Tensor<T> x = reference::values<T>({steps * batch, 9}, reference::x_stream);
    Tensor<std::int32_t> labels(Shape{steps * batch});
    for (Index n = 0; n < labels.size(); ++n)
        labels[n] = static_cast<std::int32_t>(reference::splitmix64(reference::labels, n) % 4);
    for (const reference::Case& recorded : reference::read("penalties.txt")) {
        INFO(recorded.name);
        Sequential<T> model = penalized_network<T>(recorded.lines.at("frozen") == "1");
        model.compile({.optimizer = reference::make_optimizer<T>(recorded.description("optimizer")),
                       .loss = Loss::sparse_categorical_crossentropy});
        Tensor<T> losses(Shape{steps});
        for (Index step = 0; step < steps; ++step) {
            const Index first = step * batch;
            const Logs logs = model.train_on_batch(x.slice(first, first + batch), labels.slice(first, first + batch));
            losses[step] = static_cast<T>(logs.at("loss"));
        }
        CHECK(reference::worst_difference(losses, recorded.tensor("losses")) < tolerance);
        const double evaluated = model.evaluate(x, labels, {.verbose = 0}).loss;
        CHECK(std::abs(evaluated - recorded.tensor("evaluated")[0]) < tolerance);
        const std::vector<Tensor<T>> weights = model.get_weights();
        REQUIRE(weights.size() + 2 == recorded.tensors.size());
        for (std::size_t k = 0; k < weights.size(); ++k) {
            INFO("parameter " << k);
            CHECK(reference::worst_difference(weights[k], recorded.tensor("w" + std::to_string(k))) < tolerance);
        }
    }
}

} // namespace

TEST_CASE("penalties: ten steps with regularizers and constraints are Keras's, in float", "[models][reference]") {
    // A float has 24 bits, 6e-8. Where a weight comes near 0, its sign decides what L1 adds: 0.01 * 0.25 at once.
    check_penalties<float>(1e-5);
}

TEST_CASE("penalties: ten steps with regularizers and constraints are Keras's, in double", "[models][reference]") {
    check_penalties<double>(1e-8); // nine digits are recorded, which is within 5e-9
}
