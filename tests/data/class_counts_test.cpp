#include <vector>

#include <fovea/data/class_counts.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

TEST_CASE("class_counts: how many of each", "[data]") {
    const Dataset set = counted(7);
    CHECK(class_counts(set) == std::vector<Index>{3, 2, 2});
    CHECK(class_counts(set, 5) == std::vector<Index>{3, 2, 2, 0, 0});
    CHECK(class_counts(counted(600)) == std::vector<Index>{200, 200, 200});
    REQUIRE_THROWS_MATCHES(class_counts(set, 2), ValueError, says("expected labels from 0 to 1, got 2"));
    Dataset negative = counted(2);
    negative.labels[1] = -1;
    REQUIRE_THROWS_MATCHES(class_counts(negative), ValueError, says("expected labels from 0 on, got -1"));
    REQUIRE_THROWS_AS(class_counts(Tensor<float>(Shape{2, 1})), ValueError);
}
