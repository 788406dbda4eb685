#include <cstdint>
#include <vector>

#include <fovea/core/arena.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

struct alignas(64) Line {
    std::byte bytes[64];
};

/// `lines` times 64 bytes on a 64-byte boundary.
std::span<std::byte> bytes_of(std::vector<Line>& lines) { return std::as_writable_bytes(std::span(lines)); }

} // namespace

TEST_CASE("Arena: sizes are rounded up to whole cache lines") {
    CHECK(Arena::bytes<float>(0) == 0);
    CHECK(Arena::bytes<float>(1) == 64);
    CHECK(Arena::bytes<float>(16) == 64);
    CHECK(Arena::bytes<float>(17) == 128);
    CHECK(Arena::bytes<double>(9) == 128);
    CHECK(Arena::bytes<std::byte>(64) == 64);
}

TEST_CASE("Arena: pieces follow each other on 64-byte boundaries") {
    std::vector<Line> lines(4);
    Arena arena(bytes_of(lines));
    float* const a = arena.take<float>(3);
    double* const b = arena.take<double>(9);
    std::int32_t* const c = arena.take<std::int32_t>(16);
    CHECK(static_cast<void*>(a) == &lines[0]);
    CHECK(static_cast<void*>(b) == &lines[1]);
    CHECK(static_cast<void*>(c) == &lines[3]);
    CHECK(reinterpret_cast<std::uintptr_t>(b) % 64 == 0);
}

TEST_CASE("Arena: a copy hands out the same memory again and leaves the original as it is") {
    std::vector<Line> lines(3);
    Arena arena(bytes_of(lines));
    arena.take<float>(1);
    Arena copy = arena;
    CHECK(static_cast<void*>(copy.take<float>(32)) == &lines[1]);
    CHECK(static_cast<void*>(arena.take<float>(1)) == &lines[1]);
    CHECK(static_cast<void*>(arena.take<float>(1)) == &lines[2]);
}

TEST_CASE("Arena: who takes more than there is is told both numbers") {
    std::vector<Line> lines(2);
    Arena arena(bytes_of(lines));
    CHECK_THROWS_MATCHES(arena.take<float>(33), StateError, says("192 bytes"));
    CHECK_THROWS_MATCHES(arena.take<float>(33), StateError, says("128 are left"));
    CHECK(static_cast<void*>(arena.take<float>(32)) == &lines[0]); // the attempts took nothing
    CHECK_THROWS_AS(arena.take<std::byte>(1), StateError);
    CHECK_NOTHROW(arena.take<float>(0));
    CHECK_THROWS_AS(Arena().take<float>(1), StateError);
}
