#include <array>
#include <vector>

#include <fovea/data/subset.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

TEST_CASE("subset: chosen samples in their order", "[data]") {
    const Dataset set = counted(10);
    const auto some = subset(set, {7, 2, 2, 9});
    CHECK(contents(Data<float>(some)) == Contents{{7, 2, 2, 9}, {1, 2, 2, 0}});
    CHECK(contents(Data<double>(some)) == Contents{{7, 2, 2, 9}, {1, 2, 2, 0}});
    CHECK(contents(Data<float>(subset(set, 3, 6))) == Contents{{3, 4, 5}, {0, 1, 2}});
    CHECK(contents(Data<float>(subset(subset(set, {7, 2, 9}), {2, 0}))) == Contents{{9, 7}, {0, 1}});
    CHECK(subset(set, 3, 3).size() == 0);
    REQUIRE_THROWS_MATCHES(subset(set, {10}), ValueError, says("subset: there is no sample 10, only 10"));
    REQUIRE_THROWS_AS(subset(set, {-1}), ValueError);
    REQUIRE_THROWS_MATCHES(subset(set, 4, 3), ValueError, says("subset: [4, 3) are no samples"));
    REQUIRE_THROWS_AS(subset(set, 4, 11), ValueError);
}

TEST_CASE("subset: keeps temporaries, and follows what belongs to others", "[data]") {
    Dataset set = counted(3);
    const auto kept = subset(counted(3), {2, 1});
    const auto followed = subset(set, {2, 1});
    set.images[2] = 99;
    CHECK(contents(Data<float>(kept)).values == std::vector<int>{2, 1});
    CHECK(contents(Data<float>(followed)).values == std::vector<int>{99, 1});
}

TEST_CASE("subset: more samples than it takes at a time", "[data]") {
    const Dataset set = counted(250);
    const auto reversed = subset(set, [] {
        std::vector<Index> which;
        for (Index i = 250; i-- > 0;) which.push_back(i);
        return which;
    }());
    const Contents all = contents(Data<float>(reversed));
    for (int i = 0; i < 250; ++i) {
        CHECK(all.values[static_cast<std::size_t>(i)] == 249 - i);
        CHECK(all.labels[static_cast<std::size_t>(i)] == (249 - i) % 3);
    }
}

TEST_CASE("subset: of arrays, without targets and with values, and of sources", "[data]") {
    const Tensor<float> x{{0.0F}, {1.0F}, {2.0F}};
    const Tensor<float> y{{10, 11}, {12, 13}, {14, 15}};
    const auto alone = subset(x, {2, 0});
    CHECK_FALSE(Data<float>(alone).has_targets());
    const auto pairs = subset(Data<float>(x, y), {2, 0});
    const Data<float> data(pairs);
    CHECK_FALSE(data.targets_are_labels());
    CHECK(data.target_shape() == Shape{2});
    Tensor<float> values(Shape{2, 2});
    data.read(std::array<Index, 2>{0, 1}, {}, {}, values);
    CHECK(values == Tensor<float>{{14, 15}, {10, 11}});
    CHECK(contents(Data<float>(subset(OwnSource{}, {4, 1}))) == Contents{{4, 1}, {7, 7}});
    const OwnInDouble own;
    CHECK(contents<double>(Data<double>(subset(own, {3}))).values == std::vector<int>{765});
}
