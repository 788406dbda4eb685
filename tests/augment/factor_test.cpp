#include <fovea/augment/factor.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Factor: one number stands for an interval, two are one", "[augment]") {
    CHECK(Factor(0.25).both_signs() == Interval{-0.25, 0.25});
    CHECK(Factor(0.25).from_zero() == Interval{0, 0.25});
    CHECK(Factor(0.25).as_written() == Interval{0.25, 0.25});
    const Factor two{-0.5, 0.25};
    CHECK(two.both_signs() == Interval{-0.5, 0.25});
    CHECK(two.from_zero() == Interval{-0.5, 0.25});
    CHECK(text(Factor(0.25), " and ", two) == "0.25 and [-0.5, 0.25]");
}

TEST_CASE("Factor: may be left out", "[augment]") {
    const OptionalFactor none, one = 0.5, two{-1, 2};
    CHECK_FALSE(none.has_value());
    CHECK(one->both_signs() == Interval{-0.5, 0.5});
    CHECK(two->both_signs() == Interval{-1, 2});
}

TEST_CASE("Factor: what is not within bounds or in order is refused", "[augment]") {
    const auto check = [](Factor factor) { detail::check_factor("X", "f", factor, factor.both_signs(), {-1, 1}); };
    check(1);
    check({-1, -1});
    CHECK_THROWS_MATCHES(check(1.5), ValueError,
                         says("X: f must be from -1 to 1, or two such numbers in order, got 1.5"));
    CHECK_THROWS_MATCHES(check({0.5, 0.25}), ValueError, says("got [0.5, 0.25]"));
    CHECK_THROWS_AS(check({0, 2}), ValueError);
    CHECK_THROWS_AS(check(-0.5), ValueError);
}

TEST_CASE("Factor: as the numbers of a file, and back", "[augment]") {
    for (const Factor factor : {Factor(0.25), Factor(0.25, 0.25), Factor(-1, 2)})
        CHECK(Factor::from_numbers(factor.numbers()) == factor);
    CHECK(Factor(0.5).numbers() == std::vector<double>{0.5});
    CHECK_THROWS_MATCHES(Factor::from_numbers({1, 2, 3}), ValueError, says("Factor: expected 1 or 2 numbers, got 3"));
    CHECK(Interval::from_numbers({-1, 2}) == Interval{-1, 2});
    CHECK_THROWS_MATCHES(Interval::from_numbers({1}), ValueError, says("Interval: expected 2 numbers, got 1"));
}
