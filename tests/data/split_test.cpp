#include <algorithm>
#include <vector>

#include <fovea/data/class_counts.hpp>
#include <fovea/data/split.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

TEST_CASE("split: each sample is in one part, which one is up to the seed", "[data]") {
    const Dataset set = counted(100);
    const auto [train, validation] = split(set, {.validation_split = 0.3, .seed = 4});
    CHECK(train.size() == 70);
    CHECK(validation.size() == 30);
    std::vector<Index> all(train.which().begin(), train.which().end());
    all.insert(all.end(), validation.which().begin(), validation.which().end());
    CHECK(std::is_sorted(all.begin(), all.begin() + 70));
    std::sort(all.begin(), all.end());
    for (Index i = 0; i < 100; ++i) CHECK(all[static_cast<std::size_t>(i)] == i);

    const auto again = split(set, {.validation_split = 0.3, .seed = 4});
    CHECK(std::equal(train.which().begin(), train.which().end(), again.train.which().begin()));
    const auto other = split(set, {.validation_split = 0.3, .seed = 5});
    CHECK_FALSE(std::equal(train.which().begin(), train.which().end(), other.train.which().begin()));
}

TEST_CASE("split: the same part of every class", "[data]") {
    const Dataset set = counted(60);
    const auto [train, validation] = split(set, {.validation_split = 0.25, .seed = 9, .stratify = true});
    CHECK(class_counts(train) == std::vector<Index>{15, 15, 15});
    CHECK(class_counts(validation) == std::vector<Index>{5, 5, 5});
}

TEST_CASE("split: parts that would be empty, and other nonsense", "[data]") {
    const Dataset set = counted(3);
    REQUIRE_THROWS_MATCHES(split(set, {.validation_split = 0.1}), ValueError,
                           says("split: 0.1 of 3 samples leave 3 to train and 0 to validate"));
    const double part = GENERATE(0.0, 1.0, -0.5, 1.5);
    REQUIRE_THROWS_MATCHES(split(set, {.validation_split = part}), ValueError, says("between 0 and 1, got "));
    const Tensor<float> x(Shape{10, 1});
    REQUIRE_THROWS_MATCHES(split(x, {.stratify = true}), ValueError, says("labels_of: the data set has no labels"));
}
