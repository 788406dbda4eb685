#include <vector>

#include <fovea/data/class_counts.hpp>
#include <fovea/data/concatenate.hpp>
#include <fovea/data/subset.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

TEST_CASE("concatenate: behind each other, whatever they are", "[data]") {
    const Dataset first = counted(3);
    const OwnSource own;
    const auto all = concatenate(first, subset(own, {4, 2}), counted(2, 100));
    CHECK(all.size() == 7);
    CHECK(contents(Data<float>(all)) == Contents{{0, 1, 2, 4, 2, 100, 101}, {0, 1, 2, 7, 7, 0, 1}});
    CHECK(contents(Data<float>(subset(all, {6, 0, 3}))) == Contents{{101, 0, 4}, {1, 0, 7}});
    CHECK(class_counts(all) == std::vector<Index>{2, 2, 1, 0, 0, 0, 0, 2});
}

TEST_CASE("concatenate: what does not go together", "[data]") {
    const Dataset set = counted(3);
    const Tensor<float> flat(Shape{2, 4});
    const Tensor<float> alone(Shape{2, 1, 1, 1});
    REQUIRE_THROWS_MATCHES(concatenate(set, flat), ShapeError, says("samples of (1, 1, 1) and of (4,)"));
    REQUIRE_THROWS_MATCHES(concatenate(set, alone), ValueError, says("targets of different kinds or shapes"));
}
