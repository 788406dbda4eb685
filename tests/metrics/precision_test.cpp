#include <fovea/metrics/precision.hpp>

#include "check_metric.hpp"

using namespace fovea;

TEST_CASE("precision: how many that say yes are right", "[metrics]") {
    const Tensor<float> y{{0.9F, 0.5F, 0.6F}, {0.2F, 0.7F, 0.51F}};
    const Tensor<float> t{{1, 1, 0}, {1, 0.5F, 0}}; // what is not 0 is yes
    CHECK(metric_of(Precision{}, y, t) == 0.5);     // 0.5 is not above the threshold
    CHECK(metric_of(Precision{.thresholds = {0.65}}, y, t) == 1);
    CHECK(metric_of(Precision{.class_id = 2}, y, t) == 0);
    CHECK(metrics_of(Precision{.thresholds = {0.1, 0.55, 1}}, y, t) == std::vector<double>{4. / 6, 2. / 3, 0});
}

TEST_CASE("precision: labels stand for one-hot codes, or with a single output for themselves", "[metrics]") {
    const Tensor<float> y{{0.9F, 0.6F, 0.1F}, {0.2F, 0.7F, 0.51F}};
    CHECK(metric_of(Precision{}, y, Tensor<std::int32_t>{0, 2}) == 0.5);
    CHECK(metric_of(Precision{.class_id = 1}, y, Tensor<std::int32_t>{0, 1}) == 0.5);
    CHECK(metric_of(Precision{}, Tensor<float>(Shape{3, 1}, 0.9F), Tensor<std::int32_t>{0, 1, 1}) == 2. / 3);
    const Tensor<float> pixels{{{0.9F, 0.1F}, {0.4F, 0.6F}}}; // (1, 2, 2)
    CHECK(metric_of(Precision{}, pixels, Tensor<std::int32_t>{{0, 0}}) == 0.5);
}

TEST_CASE("precision: 0 where nothing says yes, and NaN says nothing", "[metrics]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(metric_of(Precision{}, Tensor<float>{{0.1F, nan}}, Tensor<float>{{1, 1}}) == 0);
}

TEST_CASE("precision: what it refuses", "[metrics][errors]") {
    CHECK_THROWS_WITH(Precision{.thresholds = {}}.check({3}, true, {}), "precision: needs at least one threshold");
    CHECK_THROWS_WITH(Precision{.thresholds = {1.5}}.check({3}, true, {}),
                      "precision: thresholds must be in [0, 1], got 1.5");
    CHECK_THROWS_AS(Precision{.class_id = -1}.check({3}, true, {}), ValueError);
    CHECK_THROWS_WITH(Precision{.class_id = 3}.check({3}, true, {}),
                      "precision: class_id 3 is outside 0..2 (the output has the shape (3,))");
    CHECK_THROWS_AS(Precision{}.check({3}, true, {2}), ShapeError);
}
