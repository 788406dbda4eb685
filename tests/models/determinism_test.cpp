#include <fovea/data/synthetic_digits.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The hash after training a new model with the given number of threads.
template <class Make>
std::uint64_t trained(int threads, const Data<float>& data, const AnyOptimizer<float>& optimizer,
                      const FitOptions<float>& options, Make&& make) {
    const networks::Threads guard(threads);
    auto model = make();
    networks::compile(model, optimizer);
    model.fit(data, options);
    return model.weights_hash();
}

template <class Make>
void check_threads(const Data<float>& data, const AnyOptimizer<float>& optimizer, const FitOptions<float>& options,
                   Make&& make, std::initializer_list<int> counts = {2, 3, 7}) {
    const std::uint64_t one = trained(1, data, optimizer, options, make);
    CHECK(one != make().weights_hash());
    for (const int threads : counts) {
        INFO(threads << " threads");
        CHECK(trained(threads, data, optimizer, options, make) == one);
    }
}

} // namespace

TEST_CASE("1, 2, 3 and 7 threads: the article's network gets the same bits") {
    // Two full batches and a short one, of a size that is no multiple of a lane.
    check_threads(synthetic_digits(141, 1), Adam{}, {.batch_size = 64, .verbose = 0}, networks::article);
}

TEST_CASE("1, 2, 3 and 7 threads: BatchNormalization and Dropout get the same bits") {
    const Dataset set = networks::images(100);
    check_threads(set, Adam{}, {.epochs = 2, .batch_size = 27, .validation_split = 0.1, .verbose = 0},
                  networks::normalized<float>);
}

TEST_CASE("1, 2, 3 and 7 threads: a network that branches gets the same bits, fused or not") {
    const networks::BranchingData<> set(100);
    for (const bool fuses : {true, false}) {
        INFO((fuses ? "fused" : "not fused"));
        const auto train = [&](int threads) {
            const networks::Threads guard(threads);
            auto model = networks::branching();
            model.set_fuses(fuses);
            networks::compile_branching(model);
            model.fit(set.data, {.epochs = 2, .batch_size = 27, .validation_split = 0.1, .verbose = 0});
            return model.weights_hash();
        };
        const std::uint64_t one = train(1);
        CHECK(one != networks::branching().weights_hash());
        for (const int threads : {2, 3, 7}) {
            INFO(threads << " threads");
            CHECK(train(threads) == one);
        }
    }
}

TEST_CASE("1, 2, 3 and 7 threads: clipping and weight decay get the same bits") {
    const Dataset set = networks::images(100);
    const FitOptions<float> options{.batch_size = 27, .verbose = 0, .class_weight = {{1, 0.5}}};
    check_threads(set, AdamW{.global_clipnorm = 0.1}, options, networks::normalized<float>);
    check_threads(set, SGD{.momentum = 0.9, .weight_decay = 0.01, .clipnorm = 0.1}, options, networks::small<float>);
    check_threads(set, Adam{.weight_decay = 0.01, .clipvalue = 0.01}, options, networks::small<float>);
}

TEST_CASE("1, 2, 3 and 7 threads: a network with so many parameters that lanes grow gets the same bits") {
    const auto make = [] {
        using enum Activation;
        return Sequential<float>{
            Input{6, 6, 1}, Flatten{},
            Dense{.units = 41000, .activation = relu, .kernel_initializer = Initializer::constant(0.01)},
            Dense{.units = 17, .activation = softmax, .kernel_initializer = Initializer::constant(0.001)}};
    };
    const Dataset set = networks::images(150);
    const Lanes lanes = Lanes::of(150, make().count_params());
    CHECK(lanes.size > 8);
    CHECK(lanes.count() > 7);
    check_threads(set, SGD{.momentum = 0.9, .global_clipnorm = 1}, {.batch_size = 150, .verbose = 0}, make, {3, 7});
}

TEST_CASE("two runs with one seed give the same bits, another seed gives others") {
    const Dataset set = networks::images(50);
    const auto train = [&](std::uint64_t seed) {
        set_random_seed(seed);
        auto model = networks::normalized();
        set_random_seed(0);
        networks::compile(model);
        model.fit(set, {.epochs = 2, .batch_size = 16, .verbose = 0});
        return model.weights_hash();
    };
    CHECK(train(1) == train(1));
    CHECK(train(1) != train(2));

    // Not by the starting weights alone: shuffling and dropout have the seed too.
    const auto train_from_equal_weights = [&](std::uint64_t seed, bool shuffle) {
        set_random_seed(seed);
        auto model = networks::normalized();
        set_random_seed(0);
        model.set_weights(networks::normalized().get_weights());
        networks::compile(model);
        model.fit(set, {.batch_size = 16, .shuffle = shuffle, .verbose = 0});
        return model.weights_hash();
    };
    CHECK(train_from_equal_weights(1, false) == train_from_equal_weights(1, false));
    CHECK(train_from_equal_weights(1, false) != train_from_equal_weights(2, false));
    CHECK(train_from_equal_weights(1, true) != train_from_equal_weights(1, false));
}

TEST_CASE("each step and epoch drops other elements") {
    // One sample, so no shuffling; a learning rate of 0, so the weights stay: only dropout makes losses differ.
    const Dataset set = networks::images(1);
    auto model = networks::normalized();
    for (const char* name : {"batch_normalization", "batch_normalization_1"}) model.layer(name).trainable = false;
    networks::compile(model, SGD{.learning_rate = 0});
    const auto losses = model.fit(set, {.epochs = 3, .batch_size = 1, .verbose = 0})["loss"];
    CHECK(losses[0] != losses[1]);
    CHECK(losses[1] != losses[2]);
}
