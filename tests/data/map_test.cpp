#include <vector>

#include <fovea/data/class_counts.hpp>
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
