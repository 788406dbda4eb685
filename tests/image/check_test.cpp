#include <string>

#include <fovea/image/check.hpp>

#include "catch.hpp"

using namespace fovea;
using image::detail::check_extents;

namespace {

const std::string checked_name = "photo";

std::vector<std::byte> bytes_from(const std::vector<int>& values) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

/// A chunk of a PNG with its checksum.
std::vector<int> png_chunk(const std::string& type, const std::vector<int>& body, std::uint32_t sum) {
    std::vector<int> chunk{0, 0, 0, static_cast<int>(body.size())};
    for (const char c : type) chunk.push_back(c);
    chunk.insert(chunk.end(), body.begin(), body.end());
    for (const int shift : {24, 16, 8, 0}) chunk.push_back(static_cast<int>(sum >> shift & 0xFF));
    return chunk;
}

} // namespace

TEST_CASE("Bytes: numbers with either end first, and what must be there", "[image]") {
    const auto four = bytes_from({1, 2, 3, 0xFF});
    const image::detail::Bytes bytes(four, checked_name);
    CHECK(bytes.big16(0) == 0x0102);
    CHECK(bytes.big32(0) == 0x010203FF);
    CHECK(bytes.little16(2) == 0xFF03);
    CHECK(bytes.little32(0) == 0xFF030201);
    CHECK(bytes.find(3, 0) == 2);
    CHECK(bytes.find(3, 3) == 4);
    CHECK(bytes.find(9, 4) == 4);
    CHECK_NOTHROW(bytes.need(4));
    REQUIRE_THROWS_MATCHES(bytes.need(5), DataError,
                           says("photo: the picture is cut short, it needs at least 5 bytes and has 4"));
}

TEST_CASE("check_extents: at least a pixel, at most what is read", "[image]") {
    CHECK_NOTHROW(check_extents(1, 1, 4, checked_name));
    CHECK_NOTHROW(check_extents(65535, 4096, 1, checked_name));
    CHECK_NOTHROW(check_extents(16384, 16384, 1, checked_name)); // 2^28 bytes
    REQUIRE_THROWS_MATCHES(check_extents(16384, 16385, 1, checked_name), DataError, says("at most 268435456 bytes"));
    REQUIRE_THROWS_MATCHES(check_extents(8192, 8193, 4, checked_name), DataError, says("with 4 bytes a pixel"));
    REQUIRE_THROWS_MATCHES(check_extents(65536, 1, 1, checked_name), DataError, says("size is 65536 x 1, its sides"));
    REQUIRE_THROWS_MATCHES(check_extents(0, 5, 1, checked_name), DataError, says("no pixels, its size is 0 x 5"));
    REQUIRE_THROWS_MATCHES(check_extents(5, -1, 1, checked_name), DataError, says("no pixels, its size is 5 x -1"));
}

TEST_CASE("crc32: the published check value", "[image]") {
    const std::string digits = "x123456789y";
    const image::detail::Bytes bytes(std::as_bytes(std::span(digits)), checked_name);
    CHECK(image::detail::crc32(bytes, 1, 10) ==
          0xCBF43926); // Williams, "A painless guide to CRC error detection algorithms"
    CHECK(image::detail::crc32(bytes, 3, 3) == 0);
}

TEST_CASE("check_png: the chunks, their checksums and the header", "[image]") {
    // With Python's zlib.crc32.
    const auto header = [](int depth, int type, std::uint32_t sum) {
        return png_chunk("IHDR", {0, 0, 0, 3, 0, 0, 0, 2, depth, type, 0, 0, 0}, sum);
    };
    const auto file = [](const std::vector<std::vector<int>>& chunks) {
        std::vector<int> all{0x89, 'P', 'N', 'G', 13, 10, 26, 10};
        for (const auto& chunk : chunks) all.insert(all.end(), chunk.begin(), chunk.end());
        return bytes_from(all);
    };
    const auto end = png_chunk("IEND", {}, 0xAE426082); // as the specification's own example has it
    const auto check = [&](const std::vector<std::vector<int>>& chunks) {
        const auto bytes = file(chunks);
        return image::detail::check_png(image::detail::Bytes(bytes, checked_name));
    };
    const auto info = check({header(8, 2, 0x1216F14D), end});
    CHECK(info.format == image::Format::png);
    CHECK(info.height == 2);
    CHECK(info.width == 3);
    REQUIRE_THROWS_MATCHES(check({header(8, 2, 1), end}), DataError, says("a checksum is wrong near byte 8"));
    REQUIRE_THROWS_MATCHES(check({header(8, 2, 0x1216F14D)}), DataError, says("cut short"));
    REQUIRE_THROWS_MATCHES(check({end, end, end}), DataError, says("does not begin with its header IHDR"));
    REQUIRE_THROWS_MATCHES(check({header(8, 5, 0x8FC1C9F4), end}), DataError,
                           says("the unknown colour type 5 with 8 bits"));
    REQUIRE_THROWS_MATCHES(check({header(3, 0, 0xCFCF08D7), end}), DataError,
                           says("the unknown colour type 0 with 3 bits"));
}

TEST_CASE("check_jpeg: markers up to the end", "[image]") {
    const auto check = [](const std::vector<int>& values) {
        const auto bytes = bytes_from(values);
        return image::detail::check_jpeg(image::detail::Bytes(bytes, checked_name));
    };
    const std::vector<int> start{0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2};
    const std::vector<int> frame{0xFF, 0xC0, 0, 11, 8, 0, 2, 0, 3, 1, 1, 0x11, 0};
    const std::vector<int> scan{0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4};
    const auto join = [](std::vector<std::vector<int>> parts) {
        std::vector<int> all;
        for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
        return all;
    };
    const std::vector<int> end{0xFF, 0xFF, 0xD9}; // a marker may have more than one FF in front
    const auto info = check(join({start, frame, scan, end}));
    CHECK(info.height == 2);
    CHECK(info.width == 3);
    REQUIRE_THROWS_MATCHES(check(join({start, frame, scan})), DataError, says("cut short"));
    REQUIRE_THROWS_MATCHES(check(join({start, frame, end})), DataError, says("ends before there is a picture"));
    REQUIRE_THROWS_MATCHES(check(join({start, scan, end})), DataError, says("ends before there is a picture"));
    REQUIRE_THROWS_MATCHES(check(join({start, frame, frame, scan, end})), DataError, says("a frame's header is wrong"));
    REQUIRE_THROWS_MATCHES(check(join({start, {0xFF, 0xE1, 0, 1}, end})), DataError, says("a segment has no length"));
    REQUIRE_THROWS_MATCHES(check(join({start, {0xFF, 0xC4, 0, 3, 0x20}, end})), DataError, says("Huffman table"));
}

TEST_CASE("check_huffman_tables: no more codes of a length than shorter ones leave room for", "[image]") {
    const auto check = [](const std::vector<int>& counts) {
        std::vector<int> table(17 + 256);
        for (std::size_t i = 0; i < counts.size(); ++i) table[1 + i] = counts[i];
        std::size_t symbols = 0;
        for (const int count : counts) symbols += static_cast<std::size_t>(count);
        const auto bytes = bytes_from(table);
        image::detail::check_huffman_tables(image::detail::Bytes(bytes, checked_name), 0, 17 + symbols);
    };
    CHECK_NOTHROW(check({2}));
    CHECK_NOTHROW(check({1, 2}));
    CHECK_NOTHROW(check({1, 1, 1, 1, 1, 1, 1, 1}));
    REQUIRE_THROWS_MATCHES(check({3}), DataError, says("a Huffman table is wrong"));
    REQUIRE_THROWS_MATCHES(check({2, 1}), DataError, says("a Huffman table is wrong"));
    REQUIRE_THROWS_MATCHES(check({1, 1, 3}), DataError, says("a Huffman table is wrong"));
}

TEST_CASE("check_bmp, check_tga: as many bytes as the header promises", "[image]") {
    std::vector<int> bmp(54 + 16);
    bmp[10] = 54;
    bmp[14] = 40;
    bmp[18] = 3; // wide
    bmp[22] = 2;
    bmp[28] = 16;
    const auto check_bmp = [](const std::vector<int>& values) {
        const auto bytes = bytes_from(values);
        return image::detail::check_bmp(image::detail::Bytes(bytes, checked_name));
    };
    CHECK(check_bmp(bmp).width == 3); // rows of 6 bytes take 8
    auto shorter = bmp;
    shorter.pop_back();
    REQUIRE_THROWS_MATCHES(check_bmp(shorter), DataError, says("needs at least 70 bytes and has 69"));
    auto upside_down = bmp;
    upside_down[22] = 0xFE;
    for (std::size_t i = 23; i < 26; ++i) upside_down[i] = 0xFF;
    CHECK(check_bmp(upside_down).height == 2);

    std::vector<int> tga(18 + 6);
    tga[2] = 10;
    tga[12] = 5;
    tga[14] = 1;
    tga[16] = 8;
    tga[18] = 0x82; // three times the next one
    tga[20] = 0x01; // the next two
    const auto check_tga = [](const std::vector<int>& values) {
        const auto bytes = bytes_from(values);
        return image::detail::check_tga(image::detail::Bytes(bytes, checked_name));
    };
    CHECK(check_tga(tga).width == 5);
    tga.pop_back();
    CHECK(check_tga(tga).width == 5);
    tga.pop_back();
    REQUIRE_THROWS_MATCHES(check_tga(tga), DataError, says("needs at least 23 bytes and has 22"));
}
