#include <fovea/version.hpp>

#include "catch.hpp"

TEST_CASE("version: the header's is the one that CMake read", "[version]") {
    CHECK(fovea::version == FOVEA_PROJECT_VERSION);
}
