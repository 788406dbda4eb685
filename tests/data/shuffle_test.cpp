#include <algorithm>
#include <vector>

#include <fovea/data/shuffle.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

TEST_CASE("shuffle: all samples, by the seed", "[data]") {
    const Dataset set = counted(100);
    const auto once = shuffle(set, 1);
    const Contents all = contents(Data<float>(once));
    CHECK(all == contents(Data<float>(shuffle(set, 1))));
    CHECK(all.values != contents(Data<float>(shuffle(set, 2))).values);
    CHECK(all.values != contents(Data<float>(set)).values);
    for (std::size_t i = 0; i < 100; ++i) CHECK(all.labels[i] == all.values[i] % 3);
    std::vector<int> sorted = all.values;
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == contents(Data<float>(set)).values);
}
