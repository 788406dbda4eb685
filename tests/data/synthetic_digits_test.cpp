#include <algorithm>
#include <set>
#include <vector>

#include <fovea/data/synthetic_digits.hpp>

#include "catch.hpp"
#include "support/hash.hpp"

using namespace fovea;

TEST_CASE("synthetic_digits: the first hundred are the same for every compiler", "[data]") {
    const Dataset digits = synthetic_digits(100, 0);
    CHECK(digits.images.shape() == Shape{100, 28, 28, 1});
    CHECK(digits.labels.shape() == Shape{100});
    // Recorded with g++ 12 on x86-64. Intermediate results are doubles that end up as one of 256 steps, so that a multiplication
    // fused with an addition does not show.
    CHECK(fnv1a(digits.images) == 0x288DF3BD98BA411FU);
    CHECK(fnv1a(digits.labels) == 0x743E6C5FAD1045D3U);
}

TEST_CASE("synthetic_digits: a sample is a function of the seed and its place", "[data]") {
    const Dataset all = synthetic_digits(60, 5);
    const Dataset part = synthetic_digits(23, 5, 14);
    CHECK(part.images == Tensor<std::uint8_t>(all.images.slice(14, 37)));
    CHECK(part.labels == Tensor<std::int32_t>(all.labels.slice(14, 37)));
    const Dataset other = synthetic_digits(60, 6);
    CHECK_FALSE(other.images == all.images);
    CHECK_FALSE(other.labels == all.labels);
    CHECK(synthetic_digits(1, 5, 0xFFFFFFFE).size() == 1);
}

TEST_CASE("synthetic_digits: the number of threads does not matter", "[data]") {
    const int before = threads();
    set_threads(1);
    const Dataset one = synthetic_digits(500, 1);
    set_threads(3);
    const Dataset three = synthetic_digits(500, 1);
    set_threads(before);
    CHECK(one.images == three.images);
    CHECK(one.labels == three.labels);
}

TEST_CASE("synthetic_digits: every ten samples hold each digit once, in changing order", "[data]") {
    const Dataset digits = synthetic_digits(1000, 3);
    std::set<std::vector<std::int32_t>> orders;
    for (Index first = 0; first < 1000; first += 10) {
        const auto ten = digits.labels.slice(first, first + 10);
        orders.insert({ten.begin(), ten.end()});
        CHECK(std::set<std::int32_t>(ten.begin(), ten.end()).size() == 10);
    }
    CHECK(orders.size() == 100);
}

TEST_CASE("synthetic_digits: images hold ink, but mostly paper, and differ", "[data]") {
    const Dataset digits = synthetic_digits(1000, 4);
    std::set<std::uint64_t> hashes;
    for (Index i = 0; i < digits.size(); ++i) {
        const auto image = digits.images.row(i);
        const auto ink = std::count_if(image.begin(), image.end(), [](std::uint8_t pixel) { return pixel > 100; });
        CHECK(10 <= ink);
        CHECK(ink <= 784 / 2);
        hashes.insert(fnv1a(image));
    }
    CHECK(hashes.size() == 1000);
}

TEST_CASE("synthetic_digits: samples that there are not", "[data]") {
    REQUIRE_THROWS_MATCHES(synthetic_digits(-1, 0), ValueError,
                           says("synthetic_digits: expected samples from 0 to 4294967295, got -1 from 0 on"));
    REQUIRE_THROWS_MATCHES(synthetic_digits(1, 0, -1), ValueError, says("got 1 from -1 on"));
    REQUIRE_THROWS_MATCHES(synthetic_digits(2, 0, 0xFFFFFFFE), ValueError, says("got 2 from 4294967294 on"));
}
