#pragma once
// Catch2, version 2 or 3: its macros and Catch::Approx, and under one name what the versions call differently.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_predicate.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#else
#include <catch2/catch.hpp>
namespace Catch {
using Detail::Approx;
}
#endif

#include <exception>
#include <string>

/// Matches a text that has `part` in it: REQUIRE_THROWS_WITH(f(), contains("(5, 5)")).
inline auto contains(const std::string& part) {
#if __has_include(<catch2/catch_test_macros.hpp>)
    return Catch::Matchers::ContainsSubstring(part);
#else
    return Catch::Matchers::Contains(part);
#endif
}

/// Matches an exception with `part` in its message: REQUIRE_THROWS_MATCHES(f(), fovea::ShapeError, says("(5, 5)")).
inline auto says(const std::string& part) {
    return Catch::Matchers::Predicate<std::exception>(
        [part](const std::exception& e) { return std::string(e.what()).find(part) != std::string::npos; },
        "says \"" + part + "\"");
}
