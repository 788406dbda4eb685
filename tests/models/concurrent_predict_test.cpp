#include <cstring>
#include <thread>
#include <vector>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// Eight threads call `work(thread)` at once.
template <class F>
void on_eight_threads(F&& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&work, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
}

void check_predictions(const Model<float>& model, const Data<float>& data) {
    for (const int library_threads : {1, 3}) {
        const networks::Threads guard(library_threads);
        const Tensor<float> expected = model.predict(data);
        std::vector<Tensor<float>> results(8);
        on_eight_threads([&](int i) {
            for (int round = 0; round < 3; ++round)
                results[static_cast<std::size_t>(i)] = model.predict(data, {.batch_size = 4 + i});
        });
        for (const Tensor<float>& result : results) CHECK(result == expected);
    }
}

} // namespace

// Built a second time with ThreadSanitizer, which sees races that happen to give the right result.
TEST_CASE("one const model predicts on eight threads at once") {
    const auto model = networks::article();
    Tensor<std::uint8_t> images(Shape{12, 28, 28, 1});
    for (Index i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * 37 % 256);
    check_predictions(model, images);
}

TEST_CASE("one const model with BatchNormalization and Dropout predicts on eight threads at once") {
    const auto model = networks::normalized();
    const Dataset set = networks::images(40);
    check_predictions(model, set);
}

TEST_CASE("one const model evaluates on eight threads at once, copies train beside it") {
    auto model = networks::normalized();
    networks::compile(model);
    const Dataset set = networks::images(40);
    const Model<float>& constant = model;
    const Evaluation expected = constant.evaluate(set, {.verbose = 0});
    std::vector<double> losses(8);
    std::vector<std::uint64_t> hashes(8);
    on_eight_threads([&](int i) {
        auto copy = model;
        losses[static_cast<std::size_t>(i)] = constant.evaluate(set, {.verbose = 0}).loss;
        copy.fit(set, {.batch_size = 16, .verbose = 0});
        hashes[static_cast<std::size_t>(i)] = copy.weights_hash();
    });
    CHECK(losses == std::vector<double>(8, expected.loss));
    CHECK(hashes == std::vector<std::uint64_t>(8, hashes[0]));
    CHECK(hashes[0] != model.weights_hash());
}

TEST_CASE("eight threads are the first to predict with a model, and share what it prepares") {
    const Dataset set = networks::images(20);
    const Tensor<float> expected = networks::normalized().predict(set.images);
    for (const int library_threads : {1, 3}) {
        const networks::Threads guard(library_threads);
        for (int round = 0; round < 5; ++round) {
            const auto model = networks::normalized();
            std::vector<Tensor<float>> results(8);
            std::vector<const void*> plans(8);
            on_eight_threads([&](int i) {
                plans[static_cast<std::size_t>(i)] = model.network().inference().get();
                results[static_cast<std::size_t>(i)] = model.predict(set.images);
            });
            CHECK(plans == std::vector<const void*>(8, plans[0]));
            for (const Tensor<float>& result : results) CHECK(result == expected);
        }
    }
}

TEST_CASE("eight threads predict with a model of which somebody holds a view, and copy it") {
    const Dataset set = networks::images(20);
    auto model = networks::normalized();
    model.parameter("conv2d/kernel")[0] = 0.25F;
    const Model<float>& constant = model;
    const Tensor<float> expected = constant.predict(set.images);
    std::vector<Tensor<float>> results(8);
    on_eight_threads([&](int i) {
        const auto copy = model;
        results[static_cast<std::size_t>(i)] = i % 2 == 0 ? copy.predict(set.images) : constant.predict(set.images);
    });
    for (const Tensor<float>& result : results) CHECK(result == expected);
}
