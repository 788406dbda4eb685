#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include <fovea/core/random.hpp>

using fovea::Index;
using fovea::random::Block;
using fovea::random::philox;
using fovea::random::Purpose;
using fovea::random::shuffle;
using fovea::random::Stream;

TEST_CASE("Philox 4x32-10 gives the published known answers") {
    // kat_vectors of Random123, the authors' own implementation.
    CHECK(philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    const std::uint32_t ones = 0xffffffff;
    CHECK(philox({ones, ones, ones, ones}, {ones, ones}) == Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("every part of a stream changes its numbers") {
    const Stream stream{7, Purpose::dropout, 3, 11};
    std::set<std::uint32_t> first;
    first.insert(stream.bits(0));
    first.insert(Stream{8, Purpose::dropout, 3, 11}.bits(0));
    first.insert(Stream{7 + (std::uint64_t{1} << 32), Purpose::dropout, 3, 11}.bits(0));
    first.insert(Stream{7, Purpose::shuffle, 3, 11}.bits(0));
    first.insert(Stream{7, Purpose::dropout, 4, 11}.bits(0));
    first.insert(Stream{7, Purpose::dropout, 3, 12}.bits(0));
    first.insert(stream.bits(1));
    first.insert(stream.bits(4));
    first.insert(stream.bits(std::uint64_t{1} << 34)); // block 2^32: the upper half of the counter
    CHECK(first.size() == 9);
    CHECK(Stream{7, Purpose::dropout, 3, 11}.bits(5) == stream.bits(5));
    CHECK(stream.block(1)[1] == stream.bits(5));
}

TEST_CASE("uniform numbers lie within (0, 1), evenly") {
    const Stream stream{1};
    constexpr int count = 200000;
    double sum = 0;
    double squares = 0;
    std::vector<int> tenths(10);
    for (std::uint64_t i = 0; i < count; ++i) {
        const double u = stream.uniform(i);
        REQUIRE((0 < u && u < 1));
        sum += u;
        squares += u * u;
        ++tenths[static_cast<std::size_t>(10 * u)];
    }
    CHECK(stream.uniform(5) * 0x1p32 - stream.bits(5) == 0.5);
    // The standard deviations of these are 0.00065, 0.00067 and 134: five of each are allowed.
    CHECK(std::abs(sum / count - 1 / 2.0) < 0.0033);
    CHECK(std::abs(squares / count - 1 / 3.0) < 0.0034);
    for (const int tenth : tenths) CHECK(std::abs(tenth - count / 10) < 670);
}

TEST_CASE("normal numbers have mean 0, deviation 1 and the right tails") {
    const Stream stream{2};
    constexpr int count = 200000;
    double sum = 0;
    double squares = 0;
    double fourths = 0;
    int beyond_two = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const double z = stream.normal(i);
        sum += z;
        squares += z * z;
        fourths += z * z * z * z;
        beyond_two += std::abs(z) > 2;
    }
    // Standard deviations: sqrt(1, 2, 96) / sqrt(count) = 0.0022, 0.0032, 0.022; of the share beyond two, 0.0455, 0.00047.
    CHECK(std::abs(sum / count) < 0.011);
    CHECK(std::abs(squares / count - 1) < 0.016);
    CHECK(std::abs(fourths / count - 3) < 0.11);
    CHECK(std::abs(beyond_two / double{count} - 0.0455) < 0.0024);
}

TEST_CASE("below stays below its bound and is even") {
    const Stream stream{3};
    for (const std::uint32_t bound : {1U, 2U, 7U}) {
        std::vector<int> counts(bound);
        for (std::uint64_t i = 0; i < 70000; ++i) {
            const std::uint32_t k = stream.below(i, bound);
            REQUIRE(k < bound);
            ++counts[k];
        }
        // The standard deviation of a count is at most sqrt(70000 / 4) = 132.
        for (const int count : counts) CHECK(std::abs(count - 70000.0 / bound) < 660);
    }
    const std::uint32_t most = 0xffffffff;
    CHECK(stream.below(0, most) < most);
}

TEST_CASE("shuffle is a permutation that depends on seed and epoch alone") {
    std::vector<Index> sorted(1000);
    std::iota(sorted.begin(), sorted.end(), Index{0});
    const auto shuffled = [&](std::uint64_t seed, std::uint32_t epoch) {
        std::vector<Index> order = sorted;
        shuffle(order, Stream{seed, Purpose::shuffle, 0, epoch});
        return order;
    };
    const auto order = shuffled(5, 0);
    CHECK(order != sorted);
    CHECK(shuffled(5, 0) == order);
    CHECK(shuffled(5, 1) != order);
    CHECK(shuffled(6, 0) != order);
    CHECK(std::is_permutation(order.begin(), order.end(), sorted.begin()));

    std::vector<Index> one{42};
    shuffle(one, Stream{5});
    CHECK(one == std::vector<Index>{42});
    std::vector<Index> none;
    shuffle(none, Stream{5});
    CHECK(none.empty());
}

TEST_CASE("shuffle makes every order equally likely") {
    std::vector<int> counts(6);
    for (std::uint32_t epoch = 0; epoch < 12000; ++epoch) {
        std::vector<Index> order{0, 1, 2};
        shuffle(order, Stream{9, Purpose::shuffle, 0, epoch});
        ++counts[static_cast<std::size_t>(2 * order[0] + (order[1] > order[2]))];
    }
    for (const int count : counts) CHECK(std::abs(count - 2000) < 205); // five standard deviations of 41
}

TEST_CASE("the seed that models draw from can be set") {
    const std::uint64_t before = fovea::random_seed();
    fovea::set_random_seed(0x123456789abcdef0);
    CHECK(fovea::random_seed() == 0x123456789abcdef0);
    fovea::set_random_seed(before);
}
