#include <limits>

#include <fovea/augment/interval.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Interval: its length, and numbers cut to it", "[augment]") {
    const Interval range{-1, 2.5};
    CHECK(range.length() == 3.5);
    CHECK(text(range) == "[-1, 2.5]");
    CHECK(detail::clip(3.0F, range) == 2.5F);
    CHECK(detail::clip(-3.0, range) == -1.0);
    CHECK(detail::clip(0.5, range) == 0.5);
    CHECK(detail::clip(std::numeric_limits<double>::infinity(), range) == 2.5);
}

TEST_CASE("Interval: a range of values must not be empty", "[augment]") {
    detail::check_value_range("X", {0, 255});
    CHECK_THROWS_MATCHES(detail::check_value_range("X", {1, 1}), ValueError,
                         says("X: value_range must go from a number to a larger one, got [1, 1]"));
}
