#include <fovea/schedules/learning_rate.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

struct OneOver {
    double of = 1;

    void check() const { require<ValueError>(of > 0, "OneOver: of must be > 0, got ", of); }
    double at(Index step) const { return of / static_cast<double>(step + 1); }
};

static_assert(Schedule<OneOver>);
static_assert(!Schedule<double>);
static_assert(!Schedule<LearningRate>);

} // namespace

TEST_CASE("LearningRate: a number, or a schedule of one's own", "[schedules]") {
    const LearningRate number = 0.25;
    CHECK_FALSE(number.is_schedule());
    CHECK(number.at(0) == 0.25);
    CHECK(number.at(1000) == 0.25);

    LearningRate schedule = OneOver{.of = 3};
    CHECK(schedule.is_schedule());
    CHECK(schedule.at(0) == 3);
    CHECK(schedule.at(11) == 0.25);
    const LearningRate copy = schedule;
    schedule = 1;
    CHECK(schedule.at(2) == 1);
    CHECK(copy.at(2) == 1);
    CHECK(copy.at(5) == 0.5);
}

TEST_CASE("LearningRate: what it refuses", "[schedules][errors]") {
    CHECK_NOTHROW(LearningRate(0).check("SGD"));
    CHECK_NOTHROW(LearningRate(OneOver{}).check("SGD"));
    CHECK_THROWS_WITH(LearningRate(-1).check("SGD"), "SGD: learning_rate must be a finite number >= 0, got -1");
    CHECK_THROWS_AS(LearningRate(OneOver{-1}).check("SGD"), ValueError);
    CHECK_THROWS_WITH(LearningRate(OneOver{-1}).check("SGD"), "OneOver: of must be > 0, got -1");
}
