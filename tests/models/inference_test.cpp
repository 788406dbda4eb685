#include <limits>
#include <mutex>
#include <set>

#include <fovea/models/inference.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The outputs of samples [first, last), and how often each was handed out.
struct Seen {
    Tensor<float> y;
    std::vector<int> times;
    std::vector<std::int32_t> labels;

    Seen(const Network<float>& network, const Data<float>& data, Index first, Index last, Index lane_size)
        : y(network.output_shape().prepend(data.size())), times(static_cast<std::size_t>(data.size())),
          labels(static_cast<std::size_t>(data.size()), -1) {
        std::mutex mutex;
        infer(network, data, first, last, lane_size, true,
              [&](Index at, std::span<const ConstView<float>> outputs, TargetBuffers<float>& buffers) {
                  const std::lock_guard lock(mutex);
                  const ConstView<float> out = outputs[0];
                  const Targets<float> targets =
                      data.has_targets() ? buffers(data, 0, 0, out.shape()[0]) : Targets<float>{};
                  std::copy(out.begin(), out.end(), y.data() + at * network.output_shape().size());
                  for (Index i = 0; i < out.shape()[0]; ++i) {
                      ++times[static_cast<std::size_t>(at + i)];
                      if (targets.are_labels()) labels[static_cast<std::size_t>(at + i)] = targets.labels[i];
                  }
              });
    }
};

} // namespace

TEST_CASE("infer: every sample once, with its targets, whatever the lanes and threads") {
    const auto model = networks::normalized();
    const Dataset set = networks::images(21);
    const Seen reference(model.network(), set, 0, 21, 8);
    CHECK(reference.times == std::vector<int>(21, 1));
    CHECK(std::equal(reference.labels.begin(), reference.labels.end(), set.labels.begin()));
    for (const int threads : {1, 2, 7})
        for (const Index lane : {1, 3, 8, 21, 64}) {
            INFO(threads << " threads, lanes of " << lane);
            const networks::Threads guard(threads);
            const Seen other(model.network(), set, 0, 21, lane);
            CHECK(other.times == reference.times);
            CHECK(other.labels == reference.labels);
            CHECK(other.y == reference.y);
        }
}

TEST_CASE("infer: far more threads than lanes") {
    const auto model = networks::small();
    const Dataset set = networks::images(3);
    const Seen reference(model.network(), set, 0, 3, 3);
    const networks::Threads guard(16);
    for (int round = 0; round < 50; ++round)
        REQUIRE(Seen(model.network(), set, 0, 3, 2).y == reference.y); // any thread may get one of the two
}

TEST_CASE("infer: a part of the samples, or none") {
    const auto model = networks::small();
    const Dataset set = networks::images(21);
    const Seen all(model.network(), set, 0, 21, 8);
    const Seen part(model.network(), set, 5, 15, 4);
    for (Index i = 0; i < 21; ++i) {
        CHECK(part.times[static_cast<std::size_t>(i)] == (5 <= i && i < 15 ? 1 : 0));
        if (5 <= i && i < 15) CHECK(Tensor<float>(part.y.row(i)) == Tensor<float>(all.y.row(i)));
    }
    CHECK(Seen(model.network(), set, 7, 7, 8).times == std::vector<int>(21, 0));
}

TEST_CASE("infer: data without targets") {
    const auto model = networks::small();
    const Dataset set = networks::images(5);
    const Seen seen(model.network(), Data<float>(set.images), 0, 5, 8);
    CHECK(seen.times == std::vector<int>(5, 1));
    CHECK(seen.labels == std::vector<std::int32_t>(5, -1));
}

TEST_CASE("predict: targets that come with the data are not even looked at") {
    const auto model = networks::small();
    const Dataset set = networks::images(3);
    const Tensor<float> broken(Shape{3, 2}, std::numeric_limits<float>::quiet_NaN());
    CHECK(model.predict({set.images, broken}) == model.predict(set.images));
}
