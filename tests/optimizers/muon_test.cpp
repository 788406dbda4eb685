#include <fovea/optimizers/apply.hpp>
#include <fovea/optimizers/muon.hpp>

#include <vector>

#include "step_by_hand.hpp"

using namespace fovea;

namespace {

ParameterRange parameter(const Shape& shape, const char* name) { return {0, shape.size(), true, shape, name}; }

} // namespace

TEST_CASE("Muon: which parameters are its own", "[optimizers]") {
    const ParameterRange dense = parameter({4, 3}, "dense/kernel"), bias = parameter({3}, "dense/bias");
    const ParameterRange kernel = parameter({3, 3, 2, 4}, "conv2d/kernel"), alpha = parameter({3, 3, 2}, "prelu/alpha");
    const ParameterRange words = parameter({10, 3}, "token_embedding/embeddings");
    Muon muon;
    CHECK(muon.takes(dense));
    CHECK_FALSE(muon.takes(bias));
    CHECK_FALSE(muon.takes(kernel)); // as in Keras
    CHECK_FALSE(muon.takes(words));
    muon.exclude_embeddings = false;
    muon.convolutions = true;
    CHECK(muon.takes(words));
    CHECK(muon.takes(kernel));
    CHECK_FALSE(muon.takes(alpha));
    muon.exclude_layers = {"dense_1", "conv"};
    CHECK(muon.takes(dense));
    CHECK_FALSE(muon.takes(kernel));
    CHECK_FALSE(muon.takes(parameter({4, 3}, "dense_1/kernel")));
}

TEST_CASE("Muon: each kind of parameter has a weight decay of its own", "[optimizers]") {
    const AnyOptimizer<float> muon = Muon{.adam_weight_decay = 0.25, .weight_decay = 0.5};
    CHECK(muon.weight_decay_of(parameter({4, 3}, "dense/kernel")) == 0.5);
    CHECK(muon.weight_decay_of(parameter({3}, "dense/bias")) == 0.25);
    CHECK(muon.whole_parameter());
    CHECK(muon.slots() == 2);
}

TEST_CASE("Muon: a step worked out by hand", "[optimizers]") {
    // Of a 1x1 matrix the direction is +-1 but for the polynomial, here the identity.
    const Muon muon{.learning_rate = 0.5,
                    .weight_decay = 0.5,
                    .muon_a = 1,
                    .muon_b = 0,
                    .muon_c = 0,
                    .momentum = 0.5,
                    .nesterov = false,
                    .rms_rate = 0.25};
    const std::vector<ParameterRange> ranges{{0, 2, true, {1, 2}, "kernel"}};
    OptimizerStep<double> step(muon, ranges);
    OptimizerState<double> state(AnyOptimizer<double>(muon), 2);
    std::vector<double> w{1, 2}, g{3, 4};
    step(state.blocks(w, g), 1, 0.5);
    // w * 0.75, then 0.5 * 0.25 * sqrt(2) along (0.6, 0.8), which 1e-7 of 5 are missing of
    const double length = 0.125 * std::sqrt(2.0) * 5 / (5 + 1e-7);
    CHECK(w[0] == near_double(0.75 - 0.6 * length));
    CHECK(w[1] == near_double(1.5 - 0.8 * length));
    CHECK(state.tensors()[0] == Tensor<double>{3, 4});
    g = {-1.5, -2}; // undoes the momentum
    step(state.blocks(w, g), 2, 0.5);
    CHECK(w[0] == near_double(0.75 * (0.75 - 0.6 * length)));
}

TEST_CASE("Muon: Keras's defaults, and options that it refuses", "[optimizers][errors]") {
    CHECK(Muon{}.learning_rate.at(0) == 0.001);
    CHECK(Muon{}.weight_decay == 0.004);
    CHECK(Muon{}.adam_weight_decay == 0.004);
    CHECK(Muon{}.rms_rate == 0.2);
    CHECK(refusal(Muon{}).empty());
    CHECK(refusal(Muon{.rms_rate = {}}).empty());
    CHECK(refusal(Muon{.adam_beta_1 = 1}) == "Muon: beta_1 must be in [0, 1), got 1");
    CHECK(refusal(Muon{.adam_weight_decay = -1}) == "Muon: adam_weight_decay must be a finite number >= 0, got -1");
    CHECK(refusal(Muon{.weight_decay = -1}) == "Muon: weight_decay must be a finite number >= 0, got -1");
    CHECK(refusal(Muon{.muon_b = std::nan("")}) == "Muon: muon_b must be a finite number, got nan");
    CHECK(refusal(Muon{.adam_lr_ratio = -1}) == "Muon: adam_lr_ratio must be a finite number >= 0, got -1");
    CHECK(refusal(Muon{.momentum = 2}) == "Muon: momentum must be in [0, 1], got 2");
    CHECK(refusal(Muon{.ns_steps = 0}) == "Muon: ns_steps must be at least 1, got 0");
    CHECK(refusal(Muon{.rms_rate = 0}) == "Muon: rms_rate must be a finite number > 0, got 0");
}
