#include <limits>
#include <locale>

#include <fovea/callbacks/python_number.hpp>

#include "catch.hpp"

using fovea::detail::python_number;

TEST_CASE("python_number: what Python's repr gives") {
    // >>> repr(0.1), repr(1/3) ...
    CHECK(python_number(0) == "0.0");
    CHECK(python_number(-0.0) == "-0.0");
    CHECK(python_number(1) == "1.0");
    CHECK(python_number(-12) == "-12.0");
    CHECK(python_number(0.1) == "0.1");
    CHECK(python_number(1.0 / 3) == "0.3333333333333333");
    CHECK(python_number(-2.5) == "-2.5");
    CHECK(python_number(0.1 + 0.2) == "0.30000000000000004");
    CHECK(python_number(123456789.5) == "123456789.5");
    CHECK(python_number(0.0001) == "0.0001");
    CHECK(python_number(0.00012345) == "0.00012345");
    CHECK(python_number(-0.001) == "-0.001");
    CHECK(python_number(1e-5) == "1e-05");
    CHECK(python_number(-2.5e-7) == "-2.5e-07");
    CHECK(python_number(1e15) == "1000000000000000.0");
    CHECK(python_number(1234567890123456.0) == "1234567890123456.0");
    CHECK(python_number(1e16) == "1e+16");
    CHECK(python_number(1.5e300) == "1.5e+300");
    CHECK(python_number(5e-324) == "5e-324");
    CHECK(python_number(static_cast<double>(1e-4F)) == "9.999999747378752e-05");
    CHECK(python_number(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
    CHECK(python_number(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(python_number(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(python_number(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("python_number: the program's locale has no say") {
    struct Comma : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
    };
    const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
    CHECK(python_number(0.5) == "0.5");
    std::locale::global(before);
}
