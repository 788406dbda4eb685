#include "catch.hpp"

#include <vector>

#include <fovea/core/rounding.hpp>

namespace {

/// x^2 - 1 - 2^-26 of x = 1 + 2^-27: 0 where the square is rounded first, 2^-54 where it is fused with the difference.
#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("fma"), gnu::noinline]]
#endif
void square_less(std::vector<double>& x) {
    for (double& value : x) value = fovea::rounded(value * value) - (1 + 0x1p-26);
}

} // namespace

TEST_CASE("a rounded product is not fused with a sum, in a loop neither") {
#if defined(__x86_64__) && defined(__GNUC__)
    if (!__builtin_cpu_supports("fma")) return;
#endif
    std::vector<double> x(37, 1 + 0x1p-27);
    square_less(x);
    CHECK(x == std::vector<double>(37, 0.0));
}
