#include <fovea/metrics/binary_accuracy.hpp>

#include "check_metric.hpp"

using namespace fovea;

TEST_CASE("binary_accuracy: every output on its own", "[metrics]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Tensor<float> y{{0.9F, 0.5F, 0.6F, 0.1F}, {0.2F, 0.7F, nan, nan}};
    const Tensor<float> t{{1, 0, 0, 0.5F}, {0, 1, 0, 1}};
    CHECK(metric_of(BinaryAccuracy{}, y, t) == (0.5 + 0.5) / 2);
    CHECK(metric_of(BinaryAccuracy{.threshold = 0.75}, y, t) == (0.75 + 0.25) / 2);
    CHECK(metric_of(BinaryAccuracy{}, Tensor<float>(Shape{3, 1}, 0.9F), Tensor<std::int32_t>{0, 1, 1}) == 2. / 3);
    CHECK(metric_of(BinaryAccuracy{}, Tensor<float>{{0.9F, 0.6F, 0.1F}}, Tensor<std::int32_t>{0}) == 2. / 3);
    CHECK_THROWS_AS(BinaryAccuracy{}.check({3}, false, {2}), ShapeError);
}
