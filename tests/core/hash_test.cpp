#include <string_view>

#include <fovea/core/hash.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("fnv1a: the published test vectors, in pieces too") {
    // http://www.isthe.com/chongo/src/fnv/test_fnv.c
    const auto hash = [](std::string_view text, auto... before) {
        return detail::fnv1a(std::as_bytes(std::span(text)), before...);
    };
    CHECK(hash("") == 0xcbf29ce484222325);
    CHECK(hash("a") == 0xaf63dc4c8601ec8c);
    CHECK(hash("foobar") == 0x85944171f73967e8);
    CHECK(hash("bar", hash("foo")) == 0x85944171f73967e8);
}
