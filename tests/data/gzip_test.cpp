#include <algorithm>
#include <random>

#include <fovea/data/gzip.hpp>

#include "catch.hpp"
#include "support/idx_files.hpp"

using namespace fovea;

namespace {

constexpr std::size_t plenty = std::size_t{1} << 24;

/// Bytes that deflate can do little with, so that the packed data have a body worth damaging.
Bytes noise(std::size_t size) {
    std::mt19937 random(7);
    Bytes bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0x3F);
    return bytes;
}

Bytes joined(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

} // namespace

TEST_CASE("gunzip: gives back what was packed, from nothing to many pieces", "[data]") {
    const std::size_t size = GENERATE(0U, 1U, 1000U, 65535U, 65536U, 65537U, 300000U);
    const Bytes bytes = noise(size);
    CHECK(gunzip(gzip(bytes), plenty, "bytes") == bytes);
    CHECK(gunzip(gzip(bytes), size + 1, "bytes") == bytes);
}

TEST_CASE("gunzip: members behind each other are one", "[data]") {
    const Bytes packed = joined(gzip(noise(1000)), joined(gzip({}), gzip(noise(70000))));
    CHECK(gunzip(packed, plenty, "bytes") == joined(noise(1000), noise(70000)));
}

TEST_CASE("gunzip: stops at the limit", "[data]") {
    const Bytes bomb = gzip(Bytes(std::size_t{1} << 26)); // 64 MiB of zeros in 64 KiB
    REQUIRE(bomb.size() < 70000);
    CHECK(gunzip(bomb, 20, "bytes") == Bytes(20));
    CHECK(gunzip(bomb, 100000, "bytes") == Bytes(100000));
    CHECK(gunzip(bomb, 0, "bytes").empty());
}

TEST_CASE("gunzip: data cut short, wherever the cut is", "[data]") {
    const Bytes whole = gzip(noise(500));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        REQUIRE_THROWS_MATCHES(
            gunzip(cut, plenty, "file.gz"), DataError,
            says("file.gz: the gzip data are cut short, they stop after " + std::to_string(size) + " bytes"));
    }
}

TEST_CASE("gunzip: a damaged bit, wherever it is", "[data]") {
    const Bytes bytes = noise(300);
    const Bytes whole = gzip(bytes);
    int silent = 0;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        Bytes damaged = whole;
        damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
        INFO("bit " << bit);
        try {
            const Bytes result = gunzip(damaged, plenty, "file.gz");
            CHECK(result == bytes);
            ++silent;
        } catch (const DataError& error) {
            CHECK_THAT(error.what(), contains("file.gz: "));
        }
    }
    // What means nothing for the contents: the flag "text", six bytes of time and origin, less than a byte of padding at the end.
    CHECK(silent <= 1 + 6 * 8 + 7);
}

TEST_CASE("gunzip: the checksum and the length are checked", "[data]") {
    Bytes damaged = gzip(noise(300));
    SECTION("checksum") {
        damaged[damaged.size() - 8] ^= std::byte{1};
        REQUIRE_THROWS_MATCHES(gunzip(damaged, plenty, "file.gz"), DataError, says("(incorrect data check)"));
    }
    SECTION("length") {
        damaged[damaged.size() - 4] ^= std::byte{1};
        REQUIRE_THROWS_MATCHES(gunzip(damaged, plenty, "file.gz"), DataError, says("(incorrect length check)"));
    }
}

TEST_CASE("gunzip: something behind the end", "[data]") {
    const std::size_t size = GENERATE(1U, 2U, 100U);
    REQUIRE_THROWS_MATCHES(gunzip(joined(gzip(noise(300)), Bytes(size)), plenty, "file.gz"), DataError,
                           says("file.gz: " + std::to_string(size) + " bytes follow the end of the gzip data"));
}

TEST_CASE("gunzip: data that are not gzip", "[data]") {
    REQUIRE_THROWS_MATCHES(gunzip(noise(300), plenty, "file.gz"), DataError,
                           says("file.gz: the gzip data are damaged near byte"));
}

TEST_CASE("GzipReader: pieces of any size make the whole, across members", "[data]") {
    const std::size_t piece = GENERATE(1U, 7U, 1000U, 1001U, 65536U, 200000U);
    const Bytes bytes = joined(noise(1000), noise(70000));
    const Bytes packed = joined(gzip(noise(1000)), joined(gzip({}), gzip(noise(70000))));
    GzipReader reader(packed, "bytes");
    Bytes result;
    Bytes room(piece);
    std::size_t size = piece;
    while (size == piece) {
        size = reader.read(room);
        result.insert(result.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
    }
    CHECK(result == bytes);
    CHECK(reader.read(room) == 0);
}

TEST_CASE("GzipReader: writes no further than it says", "[data]") {
    const Bytes packed = gzip(noise(10));
    GzipReader reader(packed, "bytes");
    Bytes room(20, std::byte{0xFF});
    CHECK(reader.read({}) == 0);
    CHECK(reader.read(room) == 10);
    CHECK(room == joined(noise(10), Bytes(10, std::byte{0xFF})));
}

TEST_CASE("GzipReader: what comes before the damage can be read", "[data]") {
    Bytes packed = gzip(noise(300));
    packed[packed.size() - 8] ^= std::byte{1};
    GzipReader reader(packed, "file.gz");
    Bytes room(299);
    CHECK(reader.read(room) == 299);
    CHECK(std::equal(room.begin(), room.end(), noise(300).begin()));
    REQUIRE_THROWS_MATCHES(reader.read(room), DataError,
                           says("file.gz: the gzip data are damaged near byte " + std::to_string(packed.size() - 4)));
}

TEST_CASE("gzip_unpacker: what follows the skipped bytes, and whether there is more", "[data]") {
    const Bytes bytes = noise(300);
    const Bytes packed = joined(gzip(noise(300)), gzip({}));
    const std::size_t skip = GENERATE(0U, 1U, 64U, 65U, 299U, 300U, 301U, 1000U);
    const std::size_t rest = skip < 300 ? 300 - skip : 0;
    const auto unpacked = [&](std::size_t size) {
        Bytes out(size);
        const std::size_t found = idx::gzip_unpacker(packed, skip, out, "bytes");
        const std::size_t written = std::min(size, rest);
        CHECK(std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(written),
                         bytes.end() - static_cast<std::ptrdiff_t>(rest)));
        return found;
    };
    CHECK(unpacked(rest) == rest);
    CHECK(unpacked(rest + 10) == rest);
    CHECK(unpacked(0) == std::min<std::size_t>(rest, 1));
    if (rest > 5) CHECK(unpacked(rest - 5) == rest - 4);
}
