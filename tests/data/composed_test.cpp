#include <fovea/data/subset.hpp>

#include "catch.hpp"
#include "data/counted.hpp"

using namespace fovea;
using namespace counted_data;

static_assert(ComposableSource<Dataset> && ComposableSource<Tensor<float>> && ComposableSource<OwnSource>);
static_assert(ComposableSource<OwnInDouble> && ComposableSource<Data<float>> && !ComposableSource<int>);
static_assert(SampleSource<Subset<const OwnSource&>, float> && SampleSource<Subset<Dataset>, double>);

TEST_CASE("Composed: what a data set made of another has in common with it", "[data]") {
    const Dataset set = counted(4);
    const auto some = subset(set, {1, 2});
    CHECK(some.sample_shape() == Shape{1, 1, 1});
    CHECK(some.target_shape() == Shape{});
    CHECK(some.has_targets());
    CHECK(some.targets_are_labels());
    CHECK_FALSE(subset(OwnInDouble{}, {1}).has_targets());
}
