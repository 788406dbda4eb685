#include <string>

#include <fovea/image/pnm.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

const std::string pnm_name = "photo";

/// The bytes must outlive what is made of them.
image::detail::Bytes pnm_bytes(const std::string& file) { return {std::as_bytes(std::span(file)), pnm_name}; }

image::detail::PnmHeader pnm_header(const std::string& file) { return image::detail::check_pnm(pnm_bytes(file)); }

Tensor<std::uint8_t> decoded_pnm(const std::string& file) { return image::detail::decode_pnm(pnm_bytes(file)); }

} // namespace

TEST_CASE("pnm: headers, with comments and all kinds of space", "[image]") {
    const auto header = pnm_header("P5\n# a comment\n3 # wide\t\n2\r\n255\nabcdef");
    CHECK(header.width == 3);
    CHECK(header.height == 2);
    CHECK(header.channels == 1);
    CHECK(header.largest == 255);
    CHECK_FALSE(header.as_text);
    CHECK(header.end == 32);
    CHECK(header.values() == 6);
    CHECK(pnm_header("P6 1 1 255 abc").channels == 3);
    CHECK(pnm_header("P2 1 1 255 1").as_text);
    CHECK(pnm_header("P3 1 1 255 1 2 3").values() == 3);
}

TEST_CASE("pnm: headers that are wrong", "[image]") {
    REQUIRE_THROWS_MATCHES(pnm_header("P5"), DataError, says("photo: the picture is cut short"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 3 2"), DataError, says("cut short"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 3 2 # 255 abcdef"), DataError, says("cut short"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 3 2 0 abcdef"), DataError, says("from 1 to 65535, got 0"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 3 2 65536 abcdef"), DataError, says("from 1 to 65535, got 65536"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 -3 2 255 abcdef"), DataError,
                           says("expected a number up to 99999 near byte 3"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 3 0 255 "), DataError, says("has no pixels"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 3 2 255 abcde"), DataError, says("needs at least 17 bytes and has 16"));
    REQUIRE_THROWS_MATCHES(pnm_header("P5 3 2 256 abcdefghijk"), DataError, says("needs at least 23 bytes and has 22"));
    REQUIRE_THROWS_MATCHES(pnm_header("P2 3 2 255 1 2 3 4 "), DataError, says("needs at least 22 bytes"));
    REQUIRE_THROWS_MATCHES(pnm_header("P6 70000 2 255 "), DataError, says("may have at most 65535 pixels"));
}

TEST_CASE("pnm: values by their largest, rounded", "[image]") {
    CHECK(decoded_pnm("P5 3 1 2 " + std::string("\0\1\2", 3)) == Tensor<std::uint8_t>(Shape{1, 3, 1}, {0, 128, 255}));
    CHECK(decoded_pnm("P2 4 1 1000 0 500 999 1000") ==
          Tensor<std::uint8_t>(Shape{1, 4, 1}, {0, 128, 255, 255})); // 127.5 and 254.7
    CHECK(decoded_pnm("P5 1 1 300 " + std::string("\1\x2C", 2)) == Tensor<std::uint8_t>(Shape{1, 1, 1}, 255));
    REQUIRE_THROWS_MATCHES(decoded_pnm("P5 1 1 3 \4"), DataError, says("a value is 4, the largest is 3"));
    REQUIRE_THROWS_MATCHES(decoded_pnm("P2 2 1 255 1 x"), DataError,
                           says("expected a number up to 99999 near byte 13"));
    REQUIRE_THROWS_MATCHES(decoded_pnm("P2 2 1 255 123"), DataError, says("cut short"));
}

TEST_CASE("pnm: what is written is what Netpbm says", "[image]") {
    const auto bytes = [](const Tensor<std::uint8_t>& picture) {
        const auto encoded = image::detail::encode_pnm(picture);
        return std::string(reinterpret_cast<const char*>(encoded.data()), encoded.size());
    };
    CHECK(bytes(Tensor<std::uint8_t>(Shape{2, 3, 1}, {65, 66, 67, 68, 69, 70})) == "P5\n3 2\n255\nABCDEF");
    CHECK(bytes(Tensor<std::uint8_t>(Shape{1, 1, 3}, {65, 66, 67})) == "P6\n1 1\n255\nABC");
}
