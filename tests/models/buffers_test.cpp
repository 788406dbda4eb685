#include <fovea/layers/all.hpp>
#include <fovea/models/buffers.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

Network<float> network_of(bool normalized) {
    Network<float> network(1);
    network.set_input({6, 6, 1});
    network.add(Conv2D{4, {3, 3}, Activation::gelu});
    if (normalized) network.add(BatchNormalization{});
    network.add(Flatten{});
    network.add(Dense{3});
    return network;
}

std::vector<Step<float>> steps_of(const Network<float>& network) { return make_steps(network.layers(), true, false); }

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

TEST_CASE("Tensors: each with memory of its own, or sharing in turns") {
    const std::vector<Shape> shapes{{2, 3}, {4}, {5, 2}, {1}};
    const Tensors<float> own(shapes, 0);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        CHECK(own[i].shape() == shapes[i]);
        for (std::size_t j = 0; j < i; ++j) CHECK(own[i].data() != own[j].data());
    }
    const Tensors<float> shared(shapes, 2);
    CHECK(shared[0].data() == shared[2].data());
    CHECK(shared[1].data() == shared[3].data());
    CHECK(shared[0].data() != shared[1].data());
    // The largest of each block fits.
    for (std::size_t i = 0; i < shapes.size(); ++i) std::fill(shared[i].begin(), shared[i].end(), 1.0F);
    const Tensors<float> one(std::vector<Shape>{{3}}, 2);
    CHECK(one[0].shape() == Shape{3});
}

TEST_CASE("Buffers: a tensor in front of every step and one behind the last") {
    const Network<float> network = network_of(false);
    const Room room{20, 3, 8};
    const Shape input = network.input_shape();
    const std::vector<Step<float>> steps = steps_of(network);
    const Buffers<float> lane(input, steps, room, Use::training_one_lane);
    CHECK(lane.outputs[0].shape() == Shape{8, 6, 6, 1});
    CHECK(lane.outputs[1].shape() == Shape{8, 4, 4, 4});
    CHECK(lane.outputs[3].shape() == Shape{8, 3});
    CHECK(lane.gradients[3].shape() == Shape{8, 3});
    CHECK(lane.outputs[1].data() != lane.outputs[3].data()); // backward needs them all
    CHECK(lane.kept.size() == 3);
    CHECK(static_cast<Index>(lane.kept[0].size()) == 8 * 4 * 4 * 4 * Index{sizeof(float)}); // what goes into gelu

    const Buffers<float> inference(input, steps, room, Use::inference);
    CHECK(inference.outputs[1].data() == inference.outputs[3].data());
    CHECK(inference.kept.empty());

    const Network<float> whole = network_of(true);
    const Buffers<float> all(input, steps_of(whole), room, Use::training_all_lanes);
    CHECK(all.outputs[0].shape() == Shape{20, 6, 6, 1});
    CHECK(all.gradients[0].data() != all.gradients[2].data());
    CHECK(static_cast<Index>(all.kept[0].size()) == 3 * 8 * 4 * 4 * 4 * Index{sizeof(float)}); // for each lane
    CHECK(static_cast<Index>(all.kept[1].size()) == whole.layer("batch_normalization").layer.kept_bytes(20));
}

TEST_CASE("Buffers: scratch is what the step that wants most wants") {
    const Network<float> network = network_of(true);
    Index most = network.layer("batch_normalization").layer.scratch_bytes(20);
    for (const char* name : {"conv2d", "flatten", "dense"})
        most = std::max(most, network.layer(name).layer.scratch_bytes(8));
    CHECK(static_cast<Index>(Buffers<float>::scratch(steps_of(network), {20, 3, 8}).size()) == most);
}

TEST_CASE("Buffers: samples and targets are read into their rows") {
    const Network<float> network = network_of(false);
    Buffers<float> buffers(network.input_shape(), steps_of(network), {8, 1, 8}, Use::training_one_lane);
    Tensor<float> x(Shape{3, 6, 6, 1});
    for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    const std::vector<std::int32_t> labels{5, 6, 7};
    const Data<float> data(x, labels);
    buffers.reserve_targets(data, 8);
    const std::vector<Index> which{2, 0};
    buffers.read(data, which, 3);
    CHECK(buffers.outputs[0](3, 0, 0, 0) == 72);
    CHECK(buffers.outputs[0](4, 5, 5, 0) == 35);
    const Targets<float> targets = buffers.targets(data, 3, 2);
    REQUIRE(targets.are_labels());
    CHECK(targets.labels.shape() == Shape{2});
    CHECK(targets.labels[0] == 7);
    CHECK(targets.labels[1] == 5);

    const Tensor<float> values{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    const Data<float> with_values(x, values);
    buffers.reserve_targets(with_values, 8);
    buffers.read(with_values, which, 1);
    const Targets<float> second = buffers.targets(with_values, 1, 2);
    CHECK_FALSE(second.are_labels());
    CHECK(second.values.shape() == Shape{2, 3});
    CHECK(second.values(0, 0) == 7);
    CHECK(second.values(1, 2) == 3);

    const Data<float> bare(x);
    CHECK_NOTHROW(buffers.read(bare, which, 0));
}
