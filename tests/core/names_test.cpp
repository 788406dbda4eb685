#include <fovea/core/names.hpp>

#include "catch.hpp"

using namespace fovea;

namespace named_things {

enum class Thing { bolt, nut };
std::string_view name_of(Thing thing) { return thing == Thing::bolt ? "bolt" : "nut"; }

} // namespace named_things

TEST_CASE("value_named: the value of a name, or an error with all names") {
    using enum named_things::Thing;
    CHECK(detail::value_named("Thing", "nut", {bolt, nut}) == nut);
    CHECK_THROWS_MATCHES(detail::value_named("Thing", "screw", {bolt, nut}), ValueError,
                         says("Thing: unknown name \"screw\"; known are bolt, nut"));
}
