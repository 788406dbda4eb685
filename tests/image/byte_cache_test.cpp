#include <array>

#include <fovea/image/byte_cache.hpp>

#include "catch.hpp"

using fovea::image::detail::ByteCache;

TEST_CASE("ByteCache: keeps the samples that fit, once", "[image]") {
    const ByteCache cache(5, 2, 7);
    const std::array<std::uint8_t, 2> first{1, 2}, second{3, 4};
    CHECK(cache.find(0).empty());
    cache.keep(2, first);
    cache.keep(2, second);
    REQUIRE(cache.find(2).size() == 2);
    CHECK(cache.find(2)[1] == 2);
    cache.keep(3, first); // three samples have room
    CHECK(cache.find(3).empty());
    CHECK(cache.find(1).empty());
}

TEST_CASE("ByteCache: without room", "[image]") {
    const std::array<std::uint8_t, 1> bytes{1};
    const ByteCache none;
    none.keep(0, bytes);
    CHECK(none.find(0).empty());
    const ByteCache small(3, 10, 9);
    small.keep(0, bytes);
    CHECK(small.find(0).empty());
}
