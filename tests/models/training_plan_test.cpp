#include <fovea/layers/all.hpp>
#include <fovea/models/training_plan.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

Network<float> planned_network(bool normalized) {
    Network<float> network(1);
    network.add_input({6, 6, 1});
    network.add(Conv2D{4, {3, 3}, Activation::gelu});
    if (normalized) network.add(BatchNormalization{});
    network.add(Flatten{});
    network.add(Dense{3});
    network.set_fuses(false);
    return network;
}

} // namespace

TEST_CASE("Lanes: eight samples each, and a shorter one at the end") {
    const Lanes lanes = Lanes::of(20, 93322);
    CHECK(lanes.size == 8);
    REQUIRE(lanes.count() == 3);
    CHECK(lanes.first(0) == 0);
    CHECK(lanes.last(0) == 8);
    CHECK(lanes.first(2) == 16);
    CHECK(lanes.last(2) == 20);
    CHECK(Lanes::of(64, 93322).count() == 8);
    CHECK(Lanes::of(1, 93322).count() == 1);
    CHECK(Lanes::of(1, 93322).last(0) == 1);
    CHECK(Lanes::of(8, 0).count() == 1);
    CHECK(Lanes::of(9, 0).count() == 2);
}

TEST_CASE("Lanes: few and large where a block of gradients is large") {
    for (const Index parameters : {Index{1} << 22, Index{5000000}, Index{1} << 24, Index{1} << 25, Index{1} << 27})
        for (const Index batch : {1, 7, 64, 65, 1000}) {
            const Lanes lanes = Lanes::of(batch, parameters);
            INFO(parameters << " parameters, batch " << batch << ": " << lanes.count() << " lanes of " << lanes.size);
            CHECK(lanes.size >= 8);
            CHECK((lanes.count() <= 4 || lanes.count() * parameters <= Index{1} << 25));
            CHECK(lanes.first(lanes.count() - 1) < batch); // none is empty
            CHECK(lanes.last(lanes.count() - 1) == batch);
        }
    CHECK(Lanes::of(1000, Index{1} << 20).count() == 32);
    CHECK(Lanes::of(1000, 3000000).count() == 8); // there would be memory for 11, which 4 threads do not share evenly
    CHECK(Lanes::of(1000, 5000000).count() == 4);
    CHECK(Lanes::of(64, Index{1} << 27).size == 16); // 4 lanes, however large
}

TEST_CASE("Room: grows to what is needed") {
    Room room = Room{}.with(Lanes{20, 8});
    CHECK(room.batch == 20);
    CHECK(room.lanes == 3);
    CHECK(room.lane_size == 8);
    CHECK(room.fits(Lanes{20, 8}));
    CHECK(room.fits(Lanes{5, 5}));
    CHECK_FALSE(room.fits(Lanes{21, 8}));
    CHECK_FALSE(room.fits(Lanes{20, 9}));
    CHECK_FALSE(room.fits(Lanes{20, 4}));
    room = room.with(Lanes{10, 10});
    CHECK(room.fits(Lanes{20, 8}));
    CHECK(room.fits(Lanes{10, 10}));
}

TEST_CASE("TrainingPlan: backward needs all outputs, and gradients take turns") {
    const Network<float> network = planned_network(false);
    const TrainingPlan<float> plan(network, {20, 3, 8}, false);
    CHECK_FALSE(plan.together);
    CHECK(plan.samples() == 8);
    REQUIRE(plan.sections.size() == 1);
    CHECK(plan.sections[0].last == 3);
    CHECK(plan.kept_bytes(0) == 8 * 4 * 4 * 4 * Index{sizeof(float)}); // what goes into gelu
    CHECK(plan.kept_parts(0) == 1);
    // In bytes: input 1152, conv 2048, flat 2048, dense 128 (rounded up), what gelu keeps 2048; then the gradients of dense and
    // flat, when the output of dense is still there, or of flat and conv. That of conv may lie where flat's output was.
    CHECK(plan.layout.bytes >= 1152 + 2048 + 2048 + 2048 + 2048 + 128);
    CHECK(plan.layout.bytes <= 1152 + 2048 + 2048 + 2048 + 2048 + 2048);
}

TEST_CASE("TrainingPlan: lanes that meet are there together, whatever makes them meet") {
    const Network<float> network = planned_network(true);
    const TrainingPlan<float> plan(network, {20, 3, 8}, false);
    CHECK(plan.together);
    CHECK(plan.samples() == 20);
    REQUIRE(plan.sections.size() == 3);
    CHECK_FALSE(plan.sections[0].whole_batch);
    CHECK(plan.sections[1].whole_batch);
    CHECK(plan.sections[2].first == 2);
    CHECK(plan.sections[2].last == 4);
    CHECK(plan.kept_parts(0) == 3); // for each lane
    CHECK(plan.kept_parts(1) == 1);
    CHECK(plan.kept_bytes(1) == network.layer("batch_normalization").layer.kept_bytes(20));
    CHECK(TrainingPlan<float>(planned_network(false), {20, 3, 8}, true).together);
}

TEST_CASE("TrainingPlan: scratch is what the step that wants most wants") {
    const Network<float> network = planned_network(true);
    Index most = network.layer("batch_normalization").layer.scratch_bytes(20);
    for (const char* name : {"conv2d", "flatten", "dense"})
        most = std::max(most, network.layer(name).layer.scratch_bytes(8));
    CHECK(TrainingPlan<float>(network, {20, 3, 8}, false).scratch_bytes() == most);
}

TEST_CASE("TrainingPlan: what is frozen in front keeps nothing for the way back") {
    Network<float> network = planned_network(false);
    const Index all = TrainingPlan<float>(network, {20, 3, 8}, false).layout.bytes;
    network.layer("conv2d").trainable = false;
    const TrainingPlan<float> plan(network, {20, 3, 8}, false);
    CHECK(plan.flow.backward == std::vector<bool>{false, false, true});
    CHECK(plan.flow.wanted == std::vector<bool>{false, false, false, true});
    CHECK(plan.layout.bytes < all - 2048);
}
