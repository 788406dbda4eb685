#include <fovea/schedules/piecewise_constant_decay.hpp>

#include "refused.hpp"

using namespace fovea;

TEST_CASE("PiecewiseConstantDecay: a boundary still has the value before it", "[schedules]") {
    const PiecewiseConstantDecay decay{.boundaries = {10, 12}, .values = {1, 0.5, 0.25}};
    CHECK(decay.at(0) == 1);
    CHECK(decay.at(10) == 1);
    CHECK(decay.at(11) == 0.5);
    CHECK(decay.at(12) == 0.5);
    CHECK(decay.at(13) == 0.25);
    CHECK(PiecewiseConstantDecay{{}, {0.125}}.at(7) == 0.125);
}

TEST_CASE("PiecewiseConstantDecay: what it refuses", "[schedules][errors]") {
    CHECK(refused(PiecewiseConstantDecay{{1}, {1, 2}}).empty());
    CHECK(refused(PiecewiseConstantDecay{}) ==
          "PiecewiseConstantDecay: there must be one more of values than of boundaries, got 0 and 0");
    CHECK(refused(PiecewiseConstantDecay{{1, 2}, {1, 2}}) ==
          "PiecewiseConstantDecay: there must be one more of values than of boundaries, got 2 and 2");
    CHECK(refused(PiecewiseConstantDecay{{3, 3}, {1, 2, 3}}) ==
          "PiecewiseConstantDecay: boundaries must grow, got 3 before 3");
    CHECK(refused(PiecewiseConstantDecay{{3}, {1, -2}}) ==
          "PiecewiseConstantDecay: each of values must be a finite number >= 0, got -2");
}
