#include <fovea/augment/levels.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("level_of, value_of: bytes there and back", "[augment]") {
    for (int byte = 0; byte < 256; ++byte) {
        const float as_float = static_cast<float>(byte) / 255;
        CHECK(detail::level_of(as_float, {0, 1}) == byte);
        CHECK(detail::value_of<float>(byte, {0, 1}) == as_float); // what Data makes of the byte
        CHECK(detail::level_of(byte / 255.0, {0, 1}) == byte);
        CHECK(detail::value_of<double>(byte, {0, 1}) == byte / 255.0);
        CHECK(detail::level_of(static_cast<float>(byte), {0, 255}) == byte);
        CHECK(detail::value_of<float>(byte, {0, 255}) == static_cast<float>(byte));
        CHECK(detail::level_of(detail::value_of<float>(byte, {-1, 1}), {-1, 1}) == byte);
    }
    CHECK(detail::level_of(0.6 / 255, {0, 1}) == 1); // the nearest one
    CHECK(detail::level_of(0.4 / 255, {0, 1}) == 0);
    CHECK(detail::level_of(-0.3, {0, 1}) == 0);
    CHECK(detail::level_of(1.3F, {0, 1}) == 255);
}
