#include <vector>

#include <fovea/data/class_counts.hpp>
#include <fovea/data/concatenate.hpp>
#include <fovea/data/map.hpp>
#include <fovea/data/subset.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

TEST_CASE("map: changes samples as they are read", "[data]") {
    const Dataset set = counted(5);
    const auto brighter = map(set, [](auto x, Index sample) {
        CHECK(x.shape() == Shape{1, 1, 1});
        for (auto& value : x) value += static_cast<std::remove_reference_t<decltype(value)>>(10 * sample) / 255;
    });
    CHECK(contents(Data<float>(brighter)) == Contents{{0, 11, 22, 33, 44}, {0, 1, 2, 0, 1}});
    CHECK(contents(Data<float>(subset(brighter, {3}))) == Contents{{33}, {0}});
    CHECK(labels_of(brighter) == std::vector<std::int32_t>{0, 1, 2, 0, 1});
}

TEST_CASE("map: hands on the epoch, through all that stands in front of it", "[data]") {
    const Dataset set = counted(4);
    const auto numbered = map(set, [](auto x, Index, Index epoch) {
        for (auto& value : x) value = static_cast<std::remove_reference_t<decltype(value)>>(epoch);
    });
    const auto around = concatenate(subset(numbered, {2, 0}), set);
    float x[3];
    const std::vector<Index> which{0, 1, 3};
    Data<float>(around).read({which, 7}, View<float>(x, {3, 1, 1, 1}), {}, {});
    CHECK(x[0] == 7);
    CHECK(x[1] == 7);
    CHECK(x[2] == 1.0F / 255);
    Data<float>(around).read(std::span(which).first(1), View<float>(x, {1, 1, 1, 1}), {}, {});
    CHECK(x[0] == 0);
}
