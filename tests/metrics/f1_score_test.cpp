#include <fovea/metrics/f1_score.hpp>

#include "check_metric.hpp"

using namespace fovea;

namespace {

// Class 0: predicted 2 times, 1 of them right, and 2 times wanted; class 1: 2, 1, 1; class 2: never predicted, 1 time wanted.
const Tensor<float> f1_outputs{{0.9F, 0.1F, 0}, {0.6F, 0.3F, 0.1F}, {0.2F, 0.7F, 0.1F}, {0.1F, 0.5F, 0.4F}};
const Tensor<std::int32_t> f1_labels{0, 1, 0, 2};

// Keras's 1e-7 in the divisors.
auto about(double value) { return Catch::Approx(value).epsilon(5e-7); }

} // namespace

TEST_CASE("f1_score: class by class, and its averages", "[metrics]") {
    const std::vector<double> classes = metrics_of(F1Score{}, f1_outputs, f1_labels);
    REQUIRE(classes.size() == 3);
    CHECK(classes[0] == about(0.5)); // 1 / 2 and 1 / 2
    CHECK(classes[1] == 0);          // predicted where 0 and 2 are wanted
    CHECK(classes[2] == 0);
    CHECK(metric_of(F1Score{.average = ScoreAverage::macro}, f1_outputs, f1_labels) == about(0.5 / 3));
    CHECK(metric_of(F1Score{.average = ScoreAverage::weighted}, f1_outputs, f1_labels) == about(0.25));
    CHECK(metric_of(F1Score{.average = ScoreAverage::micro}, f1_outputs, f1_labels) == about(0.25));
    AnyMetric<float> metric = F1Score{};
    metric.bind({3});
    CHECK(metric.name(2) == "f1_score_2");
}

TEST_CASE("f1_score: several classes at once", "[metrics]") {
    const Tensor<float> t{{1, 0, 1}};
    const Tensor<float> y{{0.6F, 0.6F, 0.4F}};
    // Without a threshold all that are largest are predicted, but zeros never.
    CHECK(metric_of(F1Score{.average = ScoreAverage::micro}, y, t) == about(0.5));
    CHECK(metric_of(F1Score{.average = ScoreAverage::micro, .threshold = 0.3}, y, t) == about(0.8)); // 2/3 and 1
    CHECK(metric_of(F1Score{.average = ScoreAverage::micro}, Tensor<float>{{0, 0, 0}}, t) == 0);
}

TEST_CASE("f1_score: what it refuses", "[metrics][errors]") {
    CHECK_THROWS_AS(F1Score{.threshold = 0}.check({3}, true, {}), ValueError);
    CHECK_THROWS_WITH(F1Score{.threshold = 2}.check({3}, true, {}), "f1_score: threshold must be in (0, 1], got 2");
    CHECK_THROWS_AS(F1Score{}.check({3}, true, {2}), ShapeError);
    CHECK(text(ScoreAverage::weighted) == "weighted");
}
