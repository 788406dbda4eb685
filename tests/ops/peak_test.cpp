#include <cmath>

#include <fovea/ops/peak.hpp>

#include "support/isa.hpp"

#include "catch.hpp"

using namespace fovea;

TEMPLATE_TEST_CASE("peak_flops: a finite number above zero for every instruction set", "", float, double) {
    const IsaGuard guard;
    for (const Isa isa : available_isas()) {
        INFO(isa);
        set_isa(isa);
        const double peak = ops::peak_flops<TestType>();
        CHECK(peak > 1e6); // no machine that runs this is slower
        CHECK(std::isfinite(peak));
    }
}
