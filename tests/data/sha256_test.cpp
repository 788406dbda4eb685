#include <algorithm>
#include <span>
#include <string>

#include <fovea/data/sha256.hpp>

#include "catch.hpp"

namespace {

/// Added in pieces of `piece` bytes.
std::string sha256_of(const std::string& text, std::size_t piece) {
    fovea::Sha256 sum;
    for (std::size_t at = 0; at < text.size(); at += piece)
        sum.add(std::as_bytes(std::span(text).subspan(at, std::min(piece, text.size() - at))));
    return sum.digits();
}

} // namespace

TEST_CASE("Sha256: the known answers of FIPS 180-4's examples", "[data]") {
    const std::size_t piece = GENERATE(as<std::size_t>{}, 1, 7, 64, 1 << 20);
    CHECK(sha256_of("", piece) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_of("abc", piece) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", piece) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(sha256_of(std::string(1'000'000, 'a'), piece) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("Sha256: every length of the last block", "[data]") {
    // Of the sums of 0 to 130 times x, one behind the other; with Python's hashlib.
    std::string sums;
    for (std::size_t length = 0; length <= 130; ++length) sums += sha256_of(std::string(length, 'x'), 64);
    CHECK(sha256_of(sums, 1000) == "87aca1c44bc7ba8897768170211f0a02063de70801131ff86c7edb9ce32c6a50");
}
