#include <fovea/layers/all.hpp>
#include <fovea/models/buffers.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

Network<float> buffered_network() {
    Network<float> network(1);
    network.add_input({6, 6, 1});
    network.add(Conv2D{4, {3, 3}, Activation::gelu});
    network.add(Flatten{});
    network.add(Dense{3});
    return network;
}

} // namespace

TEST_CASE("Buffers: a tensor on every wire") {
    const Network<float> network = buffered_network();
    const TrainingPlan<float> plan(network, {20, 3, 8}, false);
    const Buffers<float> lane(network.wiring(), plan);
    CHECK(lane.output(0).shape() == Shape{8, 6, 6, 1});
    CHECK(lane.output(1).shape() == Shape{8, 4, 4, 4});
    CHECK(lane.output(3).shape() == Shape{8, 3});
    CHECK(lane.gradient(3).shape() == Shape{8, 3});
    CHECK(static_cast<Index>(lane.kept(0).size()) == plan.kept_bytes(0));
    for (std::size_t wire = 0; wire < 4; ++wire)
        CHECK(reinterpret_cast<std::uintptr_t>(lane.output(wire).data()) % 64 == 0);
}

TEST_CASE("Buffers: samples and targets are read into their rows") {
    const Network<float> network = buffered_network();
    Buffers<float> buffers(network.wiring(), TrainingPlan<float>(network, {8, 1, 8}, false));
    const auto input = [&](Index at) {
        return [&buffers, at](std::size_t) { return buffers.output(0).slice(at, at + 2); };
    };
    Tensor<float> x(Shape{3, 6, 6, 1});
    for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    const std::vector<std::int32_t> labels{5, 6, 7};
    const Data<float> data(x, labels);
    buffers.targets.reserve(data, 8);
    const std::vector<Index> which{2, 0};
    read_samples<float>(data, which, input(3), &buffers.targets, 3);
    CHECK(buffers.output(0)(3, 0, 0, 0) == 72);
    CHECK(buffers.output(0)(4, 5, 5, 0) == 35);
    const Targets<float> targets = buffers.targets(data, 0, 3, 2);
    REQUIRE(targets.are_labels());
    CHECK(targets.labels.shape() == Shape{2});
    CHECK(targets.labels[0] == 7);
    CHECK(targets.labels[1] == 5);

    const Tensor<float> values{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    const Data<float> with_values(x, values);
    buffers.targets.reserve(with_values, 8);
    read_samples<float>(with_values, which, input(1), &buffers.targets, 1);
    const Targets<float> second = buffers.targets(with_values, 0, 1, 2);
    CHECK_FALSE(second.are_labels());
    CHECK(second.values.shape() == Shape{2, 3});
    CHECK(second.values(0, 0) == 7);
    CHECK(second.values(1, 2) == 3);

    const Data<float> bare(x);
    CHECK_NOTHROW(read_samples<float>(bare, which, input(0), &buffers.targets, 0));
}
