#include <cmath>
#include <limits>
#include <numeric>

#include <fovea/models/executor.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

template <class T>
Objectives<T> objective() {
    return {{Loss::sparse_categorical_crossentropy, {Metric::accuracy}}};
}

/// An executor's sums and gradients for samples [first, last) as one batch.
template <class T>
struct Result {
    double loss;
    double accuracy;
    Tensor<T> gradients;

    Result(Executor<T>& executor, Network<T>& network, const Data<T>& data, Index first, Index last,
           std::vector<T> weights = {}) {
        std::vector<Index> which(static_cast<std::size_t>(last - first));
        std::iota(which.begin(), which.end(), first);
        const Sums& sums = executor.run(network, objective<T>(), {data, which, weights}, 5);
        loss = sums.loss;
        accuracy = sums.metrics[0];
        gradients =
            Tensor<T>(Shape{static_cast<Index>(network.values().size())}, std::span<const T>(executor.gradients()));
    }
};

/// A model's network, which may then be changed.
template <class T>
Network<T> network_of(const Model<T>& model) {
    return model.network();
}

/// The worst difference between a gradient and the central difference of the loss, relative to the largest gradient.
double worst_gradient_error(Network<double> network, Index samples) {
    const Dataset set = networks::images(samples);
    Executor<double> executor;
    const auto loss = [&] {
        return Result<double>(executor, network, set, 0, samples).loss / static_cast<double>(samples);
    };
    const Tensor<double> gradients = Result<double>(executor, network, set, 0, samples).gradients;
    double worst = 0;
    double largest = 0;
    for (const auto& layer : network.layers())
        for (std::size_t p = layer.first; p < layer.last; ++p) {
            const NamedParameter& parameter = network.parameters()[p];
            if (parameter.is_state) continue;
            // A few entries of each parameter.
            for (Index k = 0; k < parameter.place.size(); k += 1 + parameter.place.size() / 6) {
                double& value = network.value(parameter)[k];
                const double before = value;
                constexpr double step = 1e-6;
                value = before + step;
                const double up = loss();
                value = before - step;
                const double down = loss();
                value = before;
                const double gradient = gradients[parameter.place.offset + k];
                worst = std::max(worst, std::abs(gradient - (up - down) / (2 * step)));
                largest = std::max(largest, std::abs(gradient));
            }
        }
    REQUIRE(largest > 1e-3);
    return worst / largest;
}

} // namespace

TEST_CASE("Executor: gradients of the batch's mean loss, through all layers") {
    // A step of 1e-6 leaves 1e-16 / 1e-6 = 1e-10 of rounding in a difference of losses near 1.
    CHECK(worst_gradient_error(network_of(networks::small<double>()), 11) < 1e-7);
    CHECK(worst_gradient_error(network_of(networks::normalized<double>()), 11) < 1e-7);
}

TEST_CASE("Executor: softmax and cross-entropy as a pair give what they give one by one") {
    using enum Activation;
    const Dataset set = networks::images(11);
    Sequential<double> pair{Input{6, 6, 1}, Flatten{}, Dense{4, tanh}, Dense{3, softmax}};
    Sequential<double> apart{Input{6, 6, 1}, Flatten{}, Dense{4, tanh}, Dense{3, linear}};
    apart.set_weights(pair.get_weights());
    const auto gradients = [&](Model<double>& model, const AnyLoss<double>& loss) {
        model.compile({.optimizer = SGD{}, .loss = loss});
        return model.compute_gradients(set);
    };
    const auto a = gradients(pair, SparseCategoricalCrossentropy{});
    const auto b = gradients(apart, SparseCategoricalCrossentropy{.from_logits = true});
    CHECK(a.loss == Catch::Approx(b.loss).epsilon(1e-12)); // both in double, no probability near the clipping
    CHECK(allclose(a.values, b.values, 1e-9, 1e-12));
    // A layer of its own for the activation pairs as well.
    Sequential<double> layer{Input{6, 6, 1}, Flatten{}, Dense{4, tanh}, Dense{3}, ActivationLayer{softmax}};
    layer.set_weights(pair.get_weights());
    CHECK(allclose(gradients(layer, SparseCategoricalCrossentropy{}).values, a.values, 1e-9, 1e-12));
}

TEST_CASE("Executor: a batch's gradient is the mean over its samples, however many there are") {
    Network<double> network = network_of(networks::small<double>());
    const Dataset set = networks::images(21);
    Executor<double> executor;
    for (const Index size : {21, 8, 9, 1, 5}) { // one to three lanes, shorter ones in the memory of longer ones
        INFO(size << " samples");
        const Result<double> together(executor, network, set, 0, size);
        Tensor<double> sum(together.gradients.shape());
        double loss = 0;
        double accuracy = 0;
        for (Index i = 0; i < size; ++i) {
            Executor<double> fresh;
            const Result<double> alone(fresh, network, set, i, i + 1);
            loss += alone.loss;
            accuracy += alone.accuracy;
            for (Index k = 0; k < sum.size(); ++k) sum[k] += alone.gradients[k];
        }
        CHECK(together.loss == Catch::Approx(loss).epsilon(1e-12));
        CHECK(together.accuracy == accuracy);
        for (double& value : sum) value /= static_cast<double>(size);
        CHECK(allclose(together.gradients, sum, 1e-10, 1e-13)); // sums of 21 numbers in another order
    }
}

TEST_CASE("Executor: memory of an earlier batch leaves no trace") {
    for (const bool normalized : {false, true}) {
        INFO((normalized ? "with" : "without") << " BatchNormalization");
        const Network<float> original = network_of(normalized ? networks::normalized() : networks::small());
        const Dataset set = networks::images(30);
        Network<float> network = original;
        Executor<float> used;
        Result<float>(used, network, set, 0, 30);
        Result<float>(used, network, set, 20, 29);
        network = original;
        const Result<float> again(used, network, set, 3, 16);
        Executor<float> fresh;
        network = original;
        const Result<float> first(fresh, network, set, 3, 16);
        CHECK(again.loss == first.loss);
        CHECK(again.gradients == first.gradients);
    }
}

TEST_CASE("Executor: sample weights weigh loss and gradients, metrics count every sample once") {
    Network<double> network = network_of(networks::small<double>());
    const Dataset set = networks::images(10);
    Executor<double> executor;
    std::vector<double> weights(10, 0.0);
    weights[3] = 2;
    weights[9] = 0.5;
    const Result<double> weighted(executor, network, set, 0, 10, weights);
    const Result<double> three(executor, network, set, 3, 4);
    const Result<double> nine(executor, network, set, 9, 10);
    const Result<double> plain(executor, network, set, 0, 10);
    CHECK(weighted.loss == Catch::Approx(2 * three.loss + 0.5 * nine.loss).epsilon(1e-12));
    CHECK(weighted.accuracy == plain.accuracy);
    Tensor<double> expected(plain.gradients.shape());
    for (Index k = 0; k < expected.size(); ++k) expected[k] = (2 * three.gradients[k] + 0.5 * nine.gradients[k]) / 10;
    CHECK(allclose(weighted.gradients, expected, 1e-10, 1e-13));
}

TEST_CASE("Executor: the bits do not depend on the threads") {
    const Dataset set = networks::images(45);
    for (const bool normalized : {false, true}) {
        const Network<float> original = network_of(normalized ? networks::normalized() : networks::small());
        const auto run = [&](int threads) {
            const networks::Threads guard(threads);
            Network<float> network = original;
            Executor<float> executor;
            return Result<float>(executor, network, set, 0, 45);
        };
        const Result<float> one = run(1);
        for (const int threads : {2, 3, 7}) {
            INFO(threads << " threads, " << (normalized ? "with" : "without") << " BatchNormalization");
            const Result<float> several = run(threads);
            CHECK(several.loss == one.loss);
            CHECK(several.gradients == one.gradients);
        }
    }
}

TEST_CASE("Executor: threads may become more or fewer between two batches") {
    Network<float> network = network_of(networks::small());
    const Dataset set = networks::images(45);
    Executor<float> executor;
    const Result<float> one(executor, network, set, 0, 45);
    for (const int threads : {5, 1, 3}) {
        const networks::Threads guard(threads);
        CHECK(Result<float>(executor, network, set, 0, 45).gradients == one.gradients);
    }
}

TEST_CASE("Executor: only layers from the first trained one on go backward") {
    Network<double> network = network_of(networks::small<double>());
    const Dataset set = networks::images(9);
    Executor<double> executor;
    const Result<double> all(executor, network, set, 0, 9);
    network.layer("conv2d").trainable = false;
    const Result<double> upper(executor, network, set, 0, 9);
    const NamedParameter& kernel = network.parameter("dense/kernel");
    const auto dense = [&](const Result<double>& r) {
        return Tensor<double>(r.gradients.slice(kernel.place.offset, kernel.place.offset + kernel.place.size()));
    };
    CHECK(dense(upper) == dense(all));
    CHECK(upper.loss == all.loss);
    network.layer("conv2d").trainable = true;
    network.layer("dense").trainable = false;
    const Result<double> lower(executor, network, set, 0, 9);
    CHECK(Tensor<double>(lower.gradients.slice(0, 40)) == Tensor<double>(all.gradients.slice(0, 40)));
    network.layer("conv2d").trainable = false;
    CHECK(Result<double>(executor, network, set, 0, 9).loss == all.loss);
}

TEST_CASE("Executor: the first layer whose output is not finite is named, whatever comes behind it") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float inf = std::numeric_limits<float>::infinity();
    const Dataset set = networks::images(20);
    const auto check = [&](Network<float> network, const char* parameter, float value, const char* layer) {
        INFO(parameter);
        network.value(network.parameter(parameter))[0] = value;
        const std::vector<float> before(network.values().begin(), network.values().end());
        Executor<float> executor;
        CHECK_THROWS_MATCHES(Result<float>(executor, network, set, 0, 20), NumericError, says("the loss is "));
        CHECK_THROWS_MATCHES(Result<float>(executor, network, set, 0, 20), NumericError,
                             says(text("the first output that is not finite is that of layer ", layer)));
        CHECK(std::memcmp(before.data(), network.values().data(), before.size() * sizeof(float)) == 0);
    };
    for (const int threads : {1, 3}) {
        const networks::Threads guard(threads);
        check(network_of(networks::small()), "conv2d/kernel", nan, "\"conv2d\" (Conv2D)");
        check(network_of(networks::small()), "conv2d/bias", inf, "\"conv2d\" (Conv2D)");
        check(network_of(networks::small()), "dense/bias", nan, "\"dense\" (Dense)");
        check(network_of(networks::normalized()), "conv2d/kernel", nan, "\"conv2d\" (Conv2D)");
        check(network_of(networks::normalized()), "batch_normalization/gamma", nan,
              "\"batch_normalization\" (BatchNormalization)");
        check(network_of(networks::normalized()), "conv2d_1/kernel", inf, "\"conv2d_1\" (Conv2D)");
        check(network_of(networks::normalized()), "dense/bias", nan, "\"dense\" (Dense)");
    }
}

TEST_CASE("Executor: one bad sample is enough, in whichever lane") {
    // Finite pixels that a large kernel makes infinite, in the last lane only.
    Tensor<float> x(Shape{20, 6, 6, 1}, 0.5F);
    x(19, 2, 2, 0) = 1e30F;
    const std::vector<std::int32_t> y(20, 1);
    Network<float> network = network_of(networks::normalized());
    for (float& value : network.value(network.parameter("conv2d/kernel"))) value = 1e20F;
    const std::vector<float> before(network.values().begin(), network.values().end());
    Executor<float> executor;
    CHECK_THROWS_MATCHES(Result<float>(executor, network, Data<float>(x, y), 0, 20), NumericError,
                         says("layer \"conv2d\" (Conv2D)"));
    CHECK(std::equal(before.begin(), before.end(), network.values().begin())); // moving averages too
    CHECK_NOTHROW(Result<float>(executor, network, Data<float>(x, y), 0, 8));
}

TEST_CASE("Executor: what the data throws comes through, and moving averages are as before") {
    Tensor<float> x(Shape{20, 6, 6, 1}, 0.5F);
    x(17, 0, 0, 0) = std::numeric_limits<float>::quiet_NaN();
    const std::vector<std::int32_t> y(20, 1);
    for (const bool normalized : {false, true}) {
        Network<float> network = network_of(normalized ? networks::normalized() : networks::small());
        const std::vector<float> before(network.values().begin(), network.values().end());
        Executor<float> executor;
        CHECK_THROWS_MATCHES(Result<float>(executor, network, Data<float>(x, y), 0, 20), NumericError,
                             says("sample 17 holds a value"));
        CHECK(std::equal(before.begin(), before.end(), network.values().begin()));
        CHECK_NOTHROW(Result<float>(executor, network, Data<float>(x, y), 0, 17));
    }
}

TEST_CASE("Executor: dropout draws anew for every lane and every step") {
    const Sequential<float> model{Input{30}, Dropout{0.5}, Dense{3, Activation::softmax}};
    const Tensor<float> x(Shape{16, 30}, 1.0F); // sixteen times the same sample
    const std::vector<std::int32_t> y(16, 1);
    Network<float> network = model.network();
    Executor<float> executor;
    const Data<float> data(x, y);
    const Result<float> two_lanes(executor, network, data, 0, 16);
    const Result<float> first_lane(executor, network, data, 0, 8);
    CHECK(two_lanes.loss != Catch::Approx(2 * first_lane.loss).epsilon(1e-6));
    CHECK(Result<float>(executor, network, data, 8, 16).loss == first_lane.loss); // by place in the batch
    const std::vector<Index> which{0, 1, 2, 3, 4, 5, 6, 7};
    CHECK(executor.run(network, objective<float>(), {data, which}, 6).loss != first_lane.loss);
}

TEST_CASE("Executor: a copy starts without memory, and works") {
    Network<float> network = network_of(networks::small());
    const Dataset set = networks::images(9);
    Executor<float> executor;
    const Result<float> first(executor, network, set, 0, 9);
    Executor<float> copy = executor;
    CHECK(Result<float>(copy, network, set, 0, 9).gradients == first.gradients);
    copy = executor;
    CHECK(Result<float>(copy, network, set, 0, 9).gradients == first.gradients);
    Executor<float> moved = std::move(executor);
    CHECK(Result<float>(moved, network, set, 0, 9).gradients == first.gradients);
}
