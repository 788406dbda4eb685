#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

static_assert(SequentialItem<Input>);
static_assert(SequentialItem<Conv2D>);
static_assert(!SequentialItem<int>);
static_assert(!SequentialItem<Sequential<float>>);
static_assert(!SequentialItem<Adam>);

TEST_CASE("Sequential: the article's network has 93,322 parameters, by Keras's names") {
    const auto model = networks::article();
    CHECK(model.name() == "sequential");
    CHECK(model.count_params() == 93322);
    std::vector<std::string> names;
    for (const auto& layer : model.network().layers()) names.push_back(layer.name);
    CHECK(names == std::vector<std::string>{"conv2d", "max_pooling2d", "conv2d_1", "max_pooling2d_1", "conv2d_2",
                                            "flatten", "dense", "dense_1"});
    CHECK(model.parameter("conv2d/kernel").shape() == Shape{3, 3, 1, 32});
    CHECK(model.parameter("conv2d_1/kernel").shape() == Shape{3, 3, 32, 64});
    CHECK(model.parameter("dense/kernel").shape() == Shape{576, 64});
    CHECK(model.parameter("dense_1/bias").shape() == Shape{10});
    CHECK(model.network().output_shape() == Shape{10});
}

TEST_CASE("Sequential: as the README writes it, float unless said otherwise") {
    using enum Activation;
    Sequential model{Input{6, 6, 1}, Conv2D{4, {3, 3}, relu}, Flatten{}, Dense{.units = 3, .activation = softmax}};
    static_assert(std::is_same_v<decltype(model), Sequential<float>>);
    CHECK(model.count_params() == 40 + 64 * 3 + 3);
    const Sequential<double> wide{Input{4}, Dense{2}};
    CHECK(wide.parameter("dense/kernel").size() == 8);
}

TEST_CASE("Sequential: built up item by item it is the same") {
    Sequential<float> model;
    model.add(Input{6, 6, 1});
    model.add(Conv2D{4, {3, 3}, Activation::relu});
    model.add(MaxPooling2D{});
    model.add(Flatten{});
    model.add(Dense{3, Activation::softmax});
    CHECK(model.weights_hash() == networks::small().weights_hash());
    const Dataset set = networks::images(3);
    CHECK(model.predict(set.images) == networks::small().predict(set.images));
}

TEST_CASE("Sequential: the seed decides how weights start") {
    const std::uint64_t zero = networks::small().weights_hash();
    set_random_seed(5);
    const std::uint64_t five = networks::small().weights_hash();
    CHECK(networks::small().weights_hash() == five);
    set_random_seed(0);
    CHECK(networks::small().weights_hash() == zero);
    CHECK(five != zero);
}

TEST_CASE("Sequential: Glorot's limits and zero biases at the start") {
    const auto model = networks::article();
    const auto largest = [&](const char* name) {
        float most = 0;
        for (const float value : model.parameter(name)) most = std::max(most, std::abs(value));
        return most;
    };
    CHECK(largest("conv2d_1/kernel") <= std::sqrt(6.0F / (9 * 32 + 9 * 64)));
    CHECK(largest("conv2d_1/kernel") > 0.99F * std::sqrt(6.0F / (9 * 32 + 9 * 64)));
    CHECK(largest("dense/kernel") <= std::sqrt(6.0F / (576 + 64)));
    CHECK(largest("dense/bias") == 0);
}

TEST_CASE("Sequential: copies are independent, trained ones too") {
    const Dataset set = networks::images(20);
    auto model = networks::normalized();
    networks::compile(model);
    model.fit(set, {.batch_size = 8, .verbose = 0});
    auto copy = model;
    const std::uint64_t hash = model.weights_hash();
    CHECK(copy.weights_hash() == hash);
    copy.fit(set, {.batch_size = 8, .verbose = 0});
    CHECK(model.weights_hash() == hash);
    CHECK(copy.weights_hash() != hash);
    model.fit(set, {.batch_size = 8, .verbose = 0}); // goes on just as the copy did, optimizer and all
    CHECK(model.weights_hash() == copy.weights_hash());

    auto assigned = networks::normalized();
    assigned = model;
    assigned.parameter("dense/bias")[0] += 1;
    CHECK(assigned.weights_hash() != model.weights_hash());
    const auto moved = std::move(assigned);
    CHECK(moved.predict(set.images).shape() == Shape{20, 3});
}

TEST_CASE("Sequential: after add the model must be compiled again, and then trains with what was added") {
    const Dataset set = networks::images(20);
    Sequential<float> model{Input{6, 6, 1}, Flatten{}, Dense{3, Activation::softmax}};
    networks::compile(model);
    model.fit(set, {.batch_size = 8, .verbose = 0});
    CHECK(model.is_compiled());
    const Tensor<float> dense(model.parameter("dense/kernel"));
    model.add(Dense{3, Activation::softmax});
    CHECK_FALSE(model.is_compiled());
    CHECK(Tensor<float>(model.parameter("dense/kernel")) == dense);
    CHECK_THROWS_MATCHES(model.fit(set, {.verbose = 0}), StateError, says("call compile(...) first"));
    networks::compile(model);
    const Tensor<float> added(model.parameter("dense_1/kernel"));
    CHECK_NOTHROW(model.fit(set, {.batch_size = 8, .verbose = 0}));
    CHECK_FALSE(Tensor<float>(model.parameter("dense_1/kernel")) == added);
}

TEST_CASE("Sequential: layers by name, also constant") {
    auto model = networks::small();
    model.layer("dense").trainable = false;
    const auto& constant = model;
    CHECK_FALSE(constant.layer("dense").trainable);
    CHECK(constant.layer("conv2d").trainable);
    CHECK(constant.layer("conv2d").layer.type() == "Conv2D");
    model.parameter("dense/bias").at(1) = 4;
    CHECK(constant.parameter("dense/bias")[1] == 4);
}

TEST_CASE("Sequential: a Dense directly behind images works on the last axis") {
    Sequential<float> model{Input{4, 4, 2}, Dense{3}};
    CHECK(model.network().output_shape() == Shape{4, 4, 3});
    CHECK(model.count_params() == 2 * 3 + 3);
    model.set_weights({Tensor<float>{{1, 2, 3}, {10, 20, 30}}, Tensor<float>{0.5F, 0, 0}});
    Tensor<float> x(Shape{1, 4, 4, 2});
    x(0, 2, 1, 0) = 1;
    x(0, 2, 1, 1) = 2;
    const Tensor<float> y = model.predict(x);
    CHECK(y(0, 2, 1, 0) == 21.5F);
    CHECK(y(0, 2, 1, 2) == 63);
    CHECK(y(0, 0, 0, 0) == 0.5F);
}
