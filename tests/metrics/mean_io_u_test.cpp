#include <fovea/metrics/mean_io_u.hpp>

#include "check_metric.hpp"

using namespace fovea;

namespace {

// Predictions 0 0 1 / 2 1 1 for three pixels of two samples.
const Tensor<float> masks{{{3, 2, 1}, {1, 1, 0}, {0, 1, 0}}, {{0, 1, 2}, {0, 9, 8}, {0, 2, 1}}};

auto about_mean(double value) { return Catch::Approx(value).epsilon(2e-7); } // Keras's 1e-7 in the divisors

} // namespace

TEST_CASE("mean_io_u: intersection over union of each class", "[metrics]") {
    const MeanIoU metric{.num_classes = 3};
    const Tensor<std::int32_t> labels{{0, 1, 1}, {2, 1, 0}};
    // Class 0: 1 of 3; class 1: 2 of 4; class 2: 1 of 1.
    CHECK(metric_of(metric, masks, labels) == about_mean((1. / 3 + 0.5 + 1) / 3));
    // Class 1 as a target does not count, as a prediction it does: 1 / 2, 0 / 1, 1 / 1.
    CHECK(metric_of(MeanIoU{.num_classes = 3, .ignore_class = 1}, masks, labels) == about_mean((0.5 + 0 + 1) / 3));
    CHECK(metric_of(metric, masks, masks) == about_mean(1)); // values count by their largest class
}

TEST_CASE("mean_io_u: classes that are nowhere do not count", "[metrics]") {
    const MeanIoU metric{.num_classes = 3};
    const Tensor<float> first(Shape{4, 3}); // all zeros: the first of equals
    CHECK(metric_of(metric, first, Tensor<std::int32_t>{0, 0, 0, 0}) == about_mean(1));
    CHECK(metric_of(metric, first, Tensor<std::int32_t>{0, 0, 0, 1}) == about_mean(0.375)); // (3 / 4 + 0) / 2
    CHECK(metric_of(metric, first, Tensor<std::int32_t>{255, -1, 3, 0}) == about_mean(1));
    CHECK(metric_of(metric, first, Tensor<std::int32_t>{9, 9, 9, 9}) == 0);
    CHECK(metric_of(metric, Tensor<float>(Shape{4, 3}, std::numeric_limits<float>::quiet_NaN()),
                    Tensor<std::int32_t>{0, 0, 0, 1}) == 0);
}

TEST_CASE("mean_io_u: what it refuses", "[metrics][errors]") {
    CHECK_THROWS_WITH(MeanIoU{}.check({3}, true, {}), "mean_io_u: num_classes must be at least 2, got 0");
    CHECK_THROWS_WITH(MeanIoU{.num_classes = 4}.check({5, 5, 3}, true, {5, 5}),
                      "mean_io_u: num_classes is 4, but the output has the shape (5, 5, 3)");
    CHECK_THROWS_AS(MeanIoU{.num_classes = 3}.check({5, 5, 3}, true, {5}), ShapeError);
}
