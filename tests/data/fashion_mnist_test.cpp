#include <fovea/data/fashion_mnist.hpp>
#include <fovea/data/gzip.hpp>

#include "catch.hpp"
#include "support/small_mnist.hpp"

using namespace fovea;

TEST_CASE("fashion_mnist: MNIST's files", "[data]") {
    const SmallMnist files("", true);
    const auto [train, test] = fashion_mnist::load(files.path());
    CHECK(train.size() == 20);
    CHECK(test.images.shape() == Shape{10, 28, 28, 1});
    CHECK(fashion_mnist::class_names[9] == "Ankle boot");
}
