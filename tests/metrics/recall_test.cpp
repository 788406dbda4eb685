#include <fovea/metrics/recall.hpp>

#include "check_metric.hpp"

using namespace fovea;

TEST_CASE("recall: how many that should say yes do", "[metrics]") {
    const Tensor<float> y{{0.9F, 0.5F, 0.6F}, {0.2F, 0.7F, 0.51F}};
    const Tensor<float> t{{1, 1, 0}, {1, 1, 0}};
    CHECK(metric_of(Recall{}, y, t) == 0.5);
    CHECK(metric_of(Recall{.class_id = 1}, y, t) == 0.5);
    CHECK(metrics_of(Recall{.thresholds = {0.1, 0.3, 0.8}}, y, t) == std::vector<double>{1, 0.75, 0.25});
    CHECK(metric_of(Recall{}, y, Tensor<std::int32_t>{0, 0}) == 0.5);
    CHECK(metric_of(Recall{}, y, Tensor<float>(Shape{2, 3})) == 0); // nothing should
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(metric_of(Recall{}, Tensor<float>{{0.9F, nan}}, Tensor<float>{{1, 1}}) == 0.5);
}

TEST_CASE("recall: what it refuses", "[metrics][errors]") {
    CHECK_THROWS_WITH(Recall{.thresholds = {-0.5}}.check({3}, true, {}),
                      "recall: thresholds must be in [0, 1], got -0.5");
    CHECK_THROWS_WITH(Recall{.class_id = 7}.check({3}, true, {}), contains("recall: class_id 7 is outside 0..2"));
    CHECK_THROWS_AS(Recall{}.check({3}, false, {2}), ShapeError);
}
