#include "catch.hpp"

#include <fovea/core/error.hpp>

using fovea::require;
using fovea::text;
using fovea::ValueError;

TEST_CASE("text streams its parts one after another") {
    CHECK(text("kernel (", 5, ", ", 2.5, ") fits: ", false) == "kernel (5, 2.5) fits: false");
}

TEST_CASE("require throws the given error with the message, and only if the condition does not hold") {
    CHECK_NOTHROW(require<ValueError>(true, "never"));
    CHECK_THROWS_MATCHES(require<ValueError>(false, "batch_size: expected at least 1, got ", 0), ValueError,
                         says("batch_size: expected at least 1, got 0"));
}

TEMPLATE_TEST_CASE("every error is a fovea::Error and a std::runtime_error", "", fovea::ShapeError, fovea::ValueError,
                   fovea::StateError, fovea::DataError, fovea::NumericError) {
    CHECK_THROWS_AS(throw TestType("x"), fovea::Error);
    CHECK_THROWS_AS(throw TestType("x"), std::runtime_error);
    CHECK_THROWS_WITH(throw TestType("what was expected and what came"), "what was expected and what came");
}
