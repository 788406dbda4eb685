#include <fovea/losses/contrastive_nt_xent.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// Two images of each of `count / 2` kinds, far apart in the batch and so in different lanes.
Tensor<std::int32_t> kinds(Index count) {
    Tensor<std::int32_t> labels(Shape{count});
    for (Index i = 0; i < count; ++i) labels[i] = static_cast<std::int32_t>(i % (count / 2));
    return labels;
}

Sequential<double> embedding() { return {Input{6, 6, 1}, Flatten{}, Dense{5, Activation::tanh}, Dense{4}}; }

} // namespace

TEST_CASE("a loss that compares samples sees the whole batch in training, whatever the lanes") {
    const Dataset set = networks::images(24);
    const Tensor<std::int32_t> labels = kinds(24);
    auto model = embedding();
    model.compile({.optimizer = SGD{}, .loss = ContrastiveNTXent{}});
    const Tensor<double> y = model.predict(set.images);
    const double whole =
        ContrastiveNTXent{}.evaluate<double>({.y = y, .targets = {labels, {}}, .weights = {}, .dy = {}}) / 24;
    REQUIRE(whole > 0.1);
    // Sums of 24 losses, in the same order.
    CHECK(model.compute_gradients({set.images, labels}).loss == Catch::Approx(whole).epsilon(1e-12));
    CHECK(model.evaluate({set.images, labels}, {.batch_size = 24, .verbose = 0}).loss ==
          Catch::Approx(whole).epsilon(1e-12));
    const auto result = gradient_check(model, set.images, labels);
    CAPTURE(result);
    CHECK(result.passed(1e-6));
}

TEST_CASE("a loss that compares samples gives the same bits on any number of threads") {
    const Dataset set = networks::images(24);
    const Tensor<std::int32_t> labels = kinds(24);
    const auto trained = [&](int threads) {
        const networks::Threads guard(threads);
        auto model = embedding();
        model.compile({.optimizer = Adam{}, .loss = ContrastiveNTXent{}});
        model.fit(set.images, labels, {.epochs = 3, .batch_size = 20, .verbose = 0});
        return model.weights_hash();
    };
    const std::uint64_t one = trained(1);
    for (const int threads : {2, 3, 7}) CHECK(trained(threads) == one);
}
