#include <cstdint>
#include <set>
#include <vector>

#include <fovea/data/fingerprint.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Fingerprint: the same for equal arrays, another for each change", "[data]") {
    const Shape shape{3, 5, 1};
    std::vector<std::uint8_t> bytes(15, 7);
    const auto print = [&](const Shape& of) { return detail::fingerprint_of<std::uint8_t>(of, bytes); };
    std::set<detail::Fingerprint> seen{print(shape)};
    CHECK(seen.contains(print(shape)));
    CHECK(seen.insert(print({5, 3, 1})).second);
    for (std::uint8_t& byte : bytes)
        for (int value = 0; value < 256; ++value) {
            const std::uint8_t before = byte;
            byte = static_cast<std::uint8_t>(value);
            if (value != before) CHECK(seen.insert(print(shape)).second);
            byte = before;
        }
    bytes.push_back(0); // fills up the last word with what an empty place counts as
    CHECK(seen.insert(print({16})).second);
}

TEST_CASE("Fingerprint: the order of words matters, in both halves", "[data]") {
    detail::Fingerprint ab, ba;
    ab.add(1);
    ab.add(2);
    ba.add(2);
    ba.add(1);
    CHECK(ab.first != ba.first);
    CHECK(ab.second != ba.second);
}
