#include <cstdlib>
#include <limits>
#include <vector>

#include <fovea/io/c_program.hpp>

#include "catch.hpp"

using namespace fovea;
using fovea::detail::CProgram;

TEST_CASE("c_float: the same float again, and always one for C") {
    CHECK(detail::c_float(0.1F, "") == "0.1f");
    CHECK(detail::c_float(1, "") == "1.0f");
    CHECK(detail::c_float(-0.0, "") == "-0.0f");
    CHECK(detail::c_float(1e-30F, "") == "1e-30f");
    for (const float value : {1.0F / 3, 16777217.0F, 1.17549435e-38F, 1e-45F, 3.4028235e38F, -2.7182818F})
        CHECK(std::strtof(detail::c_float(static_cast<double>(value), "").c_str(), nullptr) == value);
    CHECK_THROWS_AS(detail::c_float(std::numeric_limits<double>::quiet_NaN(), "w"), NumericError);
    CHECK_THROWS_AS(detail::c_float(1e39, "w"), NumericError);
}

TEST_CASE("c_int: what does not fit int is refused") {
    CHECK(detail::c_int(2147483647) == "2147483647");
    CHECK_THROWS_AS(detail::c_int(2147483648), ValueError);
}

TEST_CASE("CProgram: names are C's, and differ") {
    CProgram program("net");
    const std::vector<float> one{1};
    CHECK(program.with_prefix(program.array("a/b c", one)) == "net_w_a_b_c");
    CHECK(program.with_prefix(program.array("a_b_c", one)) == "net_w_a_b_c_1");
    CHECK(program.with_prefix("@SIZE @x") == "NET_SIZE net_x");
    CHECK(program.weight_count() == 2);
}

TEST_CASE("CProgram: axes that go on where the next one ends are one") {
    CProgram program("net");
    program.walk("x", "y", {{2, 12, 12}, {3, 4, 4}, {4, 1, 1}}, '=');
    program.walk("x", "y", {{2, 4, 12}, {3, 0, 4}, {1, 7, 7}, {4, 1, 1}}, '+');
    program.walk("x", "y", {{1, 1, 1}}, '=');
    CHECK(program.tables() == "static const int @w_axes[1][3] = {{24, 1, 1}};\n"
                              "static const int @w_axes_1[3][3] = {{2, 4, 12}, {3, 0, 4}, {4, 1, 1}};\n"
                              "static const int @w_axes_2[1][3] = {{1, 0, 0}};\n");
    program.walk("a", "b", {{24, 1, 1}}, '*');
    CHECK(program.body().ends_with("@walk(a, b, @w_axes, 1, '*');\n"));
}

TEST_CASE("CProgram: only functions that are called, and what they need") {
    CProgram program("net");
    program.call("dense", {});
    CHECK_FALSE(program.uses_math());
    CHECK(program.functions().find("@multiply(") < program.functions().find("@dense("));
    CHECK(program.functions().find("@pixel(") == std::string::npos);
    program.call("softmax", {});
    CHECK(program.uses_math());
}
