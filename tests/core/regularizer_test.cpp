#include <limits>

#include <fovea/core/regularizer.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Regularizer: none by default, otherwise with Keras's factors") {
    CHECK_FALSE(Regularizer{});
    const Regularizer one = L1{}, two = L2{}, both = L1L2{.l1 = 0.5, .l2 = 0.25};
    CHECK(one.l1() == 0.01);
    CHECK(one.l2() == 0);
    CHECK(two.l1() == 0);
    CHECK(two.l2() == 0.01);
    CHECK(both.l1() == 0.5);
    CHECK(both.l2() == 0.25);
    for (const Regularizer& r : {one, two, both}) CHECK(r);
    CHECK_FALSE(Regularizer(L1L2{}));
}

TEST_CASE("Regularizer: a factor that makes no sense is refused") {
    CHECK_THROWS_MATCHES(Regularizer(L1{-1}), ValueError, says("L1: l1 must be a finite number >= 0, got -1"));
    CHECK_THROWS_MATCHES(Regularizer(L2{std::numeric_limits<double>::infinity()}), ValueError,
                         says("L2: l2 must be a finite number >= 0, got inf"));
    CHECK_THROWS_MATCHES(Regularizer(L1L2{0.1, std::numeric_limits<double>::quiet_NaN()}), ValueError,
                         says("L1L2: l2 must be a finite number >= 0, got nan"));
}
