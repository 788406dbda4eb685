#include <fovea/optimizers/all.hpp>
#include <fovea/optimizers/state.hpp>

#include <vector>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("OptimizerState: a block for each thing that an optimizer keeps", "[optimizers]") {
    std::vector<float> w(3), g(3);
    OptimizerState<float> plain(AnyOptimizer<float>(SGD{}), 3);
    CHECK(plain.tensors().empty());
    CHECK(plain.blocks(w, g).slot_0.empty());
    CHECK(plain.blocks(w, g).values.data() == w.data());
    CHECK(plain.blocks(w, g).gradients.data() == g.data());

    OptimizerState<float> adagrad(AnyOptimizer<float>(Adagrad{.use_ema = true, .gradient_accumulation_steps = 2}), 3);
    REQUIRE(adagrad.tensors().size() == 3);
    CHECK(adagrad.tensors()[0] == Tensor<float>{0.1F, 0.1F, 0.1F});
    CHECK(adagrad.tensors()[1] == Tensor<float>{0, 0, 0});
    const OptimizerBlocks<float> blocks = adagrad.blocks(w, g);
    CHECK(blocks.slot_0.data() == adagrad.tensors()[0].data());
    CHECK(blocks.slot_1.empty());
    CHECK(blocks.accumulated.data() == adagrad.tensors()[1].data());
    CHECK(blocks.average.data() == adagrad.tensors()[2].data());

    OptimizerState<float> rmsprop(AnyOptimizer<float>(RMSprop{.momentum = 0.9, .centered = true}), 3);
    CHECK(rmsprop.blocks(w, g).slot_2.data() == rmsprop.tensors()[2].data());
}
