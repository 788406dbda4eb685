#include <fovea/layers/all.hpp>
#include <fovea/models/network.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

std::vector<std::string> names_of(const Network<float>& network) {
    std::vector<std::string> names;
    for (const auto& layer : network.layers()) names.push_back(layer.name);
    return names;
}

/// Input (8, 8, 1), conv2d with 4 filters, flatten, dense with 3 units.
Network<float> small(std::uint64_t seed = 1) {
    Network<float> network(seed);
    network.add_input({8, 8, 1});
    network.add(Conv2D{4, {3, 3}});
    network.add(Flatten{});
    network.add(Dense{3});
    return network;
}

} // namespace

TEST_CASE("snake_case: Keras's rule") {
    CHECK(detail::snake_case("Conv2D") == "conv2d");
    CHECK(detail::snake_case("MaxPooling2D") == "max_pooling2d");
    CHECK(detail::snake_case("GlobalAveragePooling2D") == "global_average_pooling2d");
    CHECK(detail::snake_case("BatchNormalization") == "batch_normalization");
    CHECK(detail::snake_case("Dense") == "dense");
    CHECK(detail::snake_case("GELU") == "gelu");
    CHECK(detail::snake_case("ReLULayer") == "re_lu_layer"); // what Keras makes of it
    CHECK(detail::snake_case("") == "");
}

TEST_CASE("Network: layers are named as Keras names them") {
    Network<float> network;
    network.add_input({12, 12, 2});
    network.add(Conv2D{2, {3, 3}});
    network.add(Conv2D{2, {3, 3}});
    network.add(BatchNormalization{});
    network.add(MaxPooling2D{});
    network.add(Conv2D{.filters = 2, .kernel_size = 1, .name = "mine"});
    network.add(Conv2D{2, 1});
    network.add(ActivationLayer{Activation::relu});
    network.add(AveragePooling2D{});
    network.add(GlobalAveragePooling2D{});
    network.add(Dropout{0.5});
    network.add(Dense{4});
    network.add(Reshape{{2, 2}});
    network.add(Flatten{});
    network.add(Dense{4});
    CHECK(names_of(network) == std::vector<std::string>{"conv2d", "conv2d_1", "batch_normalization", "max_pooling2d",
                                                        "mine", "conv2d_2", "activation", "average_pooling2d",
                                                        "global_average_pooling2d", "dropout", "dense", "reshape",
                                                        "flatten", "dense_1"});
}

TEST_CASE("Network: a name of one's own may not be taken, one that is made gives way") {
    Network<float> network;
    network.add_input({4});
    network.add(Dense{.units = 4, .name = "dense_1"});
    network.add(Dense{4});
    network.add(Dense{4});
    CHECK(names_of(network) == std::vector<std::string>{"dense_1", "dense", "dense_2"});
    CHECK_THROWS_MATCHES(network.add(Dense{.units = 4, .name = "dense"}), ValueError,
                         says("Dense: the name \"dense\" is taken"));
    CHECK(network.layers().size() == 3);
}

TEST_CASE("Network: parameters lie in one block, layer by layer") {
    const Network<float> network = small();
    REQUIRE(network.parameters().size() == 4);
    CHECK(network.values().size() == 36 + 4 + 144 * 3 + 3);
    CHECK(network.parameter("conv2d/kernel").place.offset == 0);
    CHECK(network.parameter("conv2d/bias").place.offset == 36);
    CHECK(network.parameter("dense/kernel").place.offset == 40);
    CHECK(network.parameter("dense/kernel").place.shape == Shape{144, 3});
    CHECK(network.parameter("dense/bias").place.offset == 40 + 432);
    CHECK(network.value(network.parameter("dense/kernel")).data() == network.values().data() + 40);
    CHECK(network.layer("conv2d").first == 0);
    CHECK(network.layer("conv2d").last == 2);
    CHECK(network.layer("flatten").first == network.layer("flatten").last);
    CHECK(network.layer("dense").first == 2);
    CHECK(network.layer("dense").last == 4);
    CHECK(network.input_shape() == Shape{8, 8, 1});
    CHECK(network.output_shape() == Shape{3});
}

TEST_CASE("Network: parameters start from the seed, and a layer added later changes none") {
    const Network<float> a = small(1);
    const Network<float> b = small(1);
    const Network<float> c = small(2);
    const auto values = [](const Network<float>& n) {
        return std::vector<float>(n.values().begin(), n.values().end());
    };
    CHECK(values(a) == values(b));
    CHECK_FALSE(values(a) == values(c));

    Network<float> longer = small(1);
    longer.add(Dense{5});
    CHECK(std::equal(a.values().begin(), a.values().end(), longer.values().begin()));
    // Two layers of one shape start differently.
    Network<float> twins(1);
    twins.add_input({6});
    twins.add(Dense{6});
    twins.add(Dense{6});
    const auto first = twins.value(twins.parameter("dense/kernel"));
    const auto second = twins.value(twins.parameter("dense_1/kernel"));
    CHECK_FALSE(std::equal(first.begin(), first.end(), second.begin()));
}

TEST_CASE("Network: a copy has parameters of its own") {
    Network<float> a = small();
    Network<float> b = a;
    const float before = a.values()[0];
    b.values()[0] = before + 1;
    b.layer("conv2d").trainable = false;
    CHECK(a.values()[0] == before);
    CHECK(a.layer("conv2d").trainable);
    CHECK(b.values()[0] == before + 1);
}

TEST_CASE("Network: what inference prepares is kept until the values change") {
    Network<float> network = small();
    const Network<float>& constant = network;
    std::vector<std::shared_ptr<const InferencePlan<float>>> plans{network.inference()};
    CHECK(plans.back()->steps.size() == make_steps(network.wiring(), false, network.fuses()).size());
    const auto is_new = [&] {
        plans.push_back(network.inference());
        CHECK(network.inference() == plans.back());
        return plans.back() != plans[plans.size() - 2];
    };
    CHECK_FALSE(is_new());
    constant.value(network.parameter("dense/bias"));
    constant.values();
    CHECK_FALSE(is_new());
    network.values()[0] = 3;
    CHECK(is_new());
    CHECK(network.fuses());
    network.set_fuses(false);
    CHECK(is_new());
    CHECK(plans.back()->steps.size() == 3);
    network.add(Dense{2});
    CHECK(is_new());
    CHECK(plans.back()->steps.size() == 4);
    network = small();
    CHECK(is_new());
    CHECK(plans.back()->steps.size() == make_steps(network.wiring(), false, true).size());
}

TEST_CASE("Network: copies prepare for themselves") {
    Network<float> a = small();
    const auto plan = a.inference();
    Network<float> b = a;
    const auto other = b.inference();
    CHECK(other != plan);
    b.values()[0] = 3;
    CHECK(a.inference() == plan);
    CHECK(b.inference() != other);
    b = a;
    CHECK(b.inference() != plan);
    CHECK(a.inference() == plan);
}

TEST_CASE("Network: once a view of a value is outside, nothing prepared is kept") {
    Network<float> network = small();
    const View<float> kernel = network.value(network.parameter("conv2d/kernel"));
    const auto first_weight = [](const Network<float>& n) {
        const auto plan = n.inference();
        return plan->prepared[0].take<float>(1)[0];
    };
    const auto follows = [&](Network<float>& n) {
        const float before = kernel[0];
        first_weight(n);
        kernel[0] = before + 1;
        return first_weight(n) == before + 1;
    };
    network.set_fuses(false); // so that the convolution's weights are the first prepared
    CHECK(follows(network));
    network.values(); // what a step of training asks for
    CHECK(follows(network));
    const Network<float> copy = network;
    CHECK(copy.inference() == copy.inference()); // nobody has a view of its values
    Network<float> moved = std::move(network);   // with its values
    REQUIRE(moved.values().data() == kernel.data());
    CHECK(follows(moved));
    Network<float> assigned = small();
    assigned.inference();
    assigned = std::move(moved);
    REQUIRE(assigned.values().data() == kernel.data());
    CHECK(follows(assigned));
}

TEST_CASE("Network: an item that does not fit leaves it as it was") {
    Network<float> network = small();
    const std::vector<float> before(network.values().begin(), network.values().end());
    CHECK_THROWS_AS(network.add(Conv2D{4, {3, 3}}), ShapeError);
    CHECK_THROWS_AS(network.add(Dense{0}), ValueError);
    CHECK(network.layers().size() == 3);
    CHECK(network.parameters().size() == 4);
    CHECK(std::vector<float>(network.values().begin(), network.values().end()) == before);
    CHECK_NOTHROW(network.add(Dense{2}));
    CHECK(network.layers().back().name == "dense_1");
}

TEST_CASE("Network: what is trained") {
    Network<float> network;
    network.add_input({4});
    network.add(Dense{.units = 4, .trainable = false});
    network.add(BatchNormalization{});
    const auto& bn = network.layer("batch_normalization");
    CHECK_FALSE(network.layer("dense").trainable);
    CHECK_FALSE(network.is_trained(network.layer("dense"), network.parameter("dense/kernel")));
    CHECK(network.is_trained(bn, network.parameter("batch_normalization/gamma")));
    CHECK_FALSE(network.is_trained(bn, network.parameter("batch_normalization/moving_mean")));
    network.layer("batch_normalization").trainable = false;
    CHECK_FALSE(network.is_trained(bn, network.parameter("batch_normalization/gamma")));
}

TEST_CASE("Network: what comes too early, twice or not at all") {
    Network<float> network;
    CHECK_THROWS_MATCHES(network.add(Dense{3}), StateError,
                         says("the first item of a model must be Input{...}, got Dense"));
    CHECK_THROWS_MATCHES(network.require_complete("fit"), StateError, says("fit: the model has no Input"));
    network.add_input({4});
    CHECK(network.has_input());
    CHECK(network.output_shape() == Shape{4});
    CHECK_THROWS_MATCHES(network.require_complete("fit"), StateError, says("fit: the model has no layers"));
    CHECK_THROWS_MATCHES(network.layer("dense"), ValueError, says("the model has no layer \"dense\"; it has none"));
    network.add(Dense{3});
    network.add(Dense{2});
    CHECK_NOTHROW(network.require_complete("fit"));
    CHECK_THROWS_MATCHES(network.layer("conv2d"), ValueError, says("no layer \"conv2d\"; it has dense, dense_1"));
    CHECK_THROWS_MATCHES(
        network.parameter("dense/bais"), ValueError,
        says("no parameter \"dense/bais\"; it has dense/kernel, dense/bias, dense_1/kernel, dense_1/bias"));
}
