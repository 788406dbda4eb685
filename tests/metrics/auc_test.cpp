#include <fovea/metrics/auc.hpp>

#include "check_metric.hpp"

using namespace fovea;

namespace {

Tensor<float> answers(const std::vector<float>& y) { return {{static_cast<Index>(y.size()), 1}, y}; }

} // namespace

TEST_CASE("auc: the share of pairs that are in order", "[metrics]") {
    // Of the 6 pairs of a yes and a no, 5 have the yes above the no.
    const Tensor<float> y = answers({0.9F, 0.8F, 0.3F, 0.5F, 0.1F});
    const Tensor<std::int32_t> t{1, 1, 1, 0, 0};
    CHECK(metric_of(AUC{}, y, t) == Catch::Approx(5. / 6).epsilon(1e-14));
    // Equal outputs are half in order.
    CHECK(metric_of(AUC{}, answers({0.5F, 0.5F}), Tensor<std::int32_t>{1, 0}) == 0.5);
    CHECK(metric_of(AUC{.from_logits = true}, answers({100, 0, -1, 1, -2}), t) == Catch::Approx(4. / 6).epsilon(1e-14));
}

TEST_CASE("auc: precision over recall", "[metrics]") {
    const AUC pr{.curve = AUCCurve::pr};
    CHECK(metric_of(pr, answers({0.9F, 0.8F, 0.3F, 0.1F}), Tensor<std::int32_t>{1, 1, 0, 0}) == 1);
    // Behind the no, there is 1 yes of 2 and then 2 of 3: 1 - ln(3 / 2), halved for two.
    CHECK(metric_of(pr, answers({0.9F, 0.5F, 0.1F}), Tensor<std::int32_t>{0, 1, 1}) ==
          Catch::Approx((1 - std::log(2.) + 1 - std::log(1.5)) / 2).epsilon(1e-12));
}

TEST_CASE("auc: the ends", "[metrics]") {
    // Outside of [0, 1] they count as 0 and 1.
    CHECK(metric_of(AUC{}, answers({2, 1, 0, -1}), Tensor<std::int32_t>{1, 0, 1, 0}) == 0.5);
    CHECK(metric_of(AUC{}, answers({1, 0}), Tensor<std::int32_t>{1, 0}) == 1);
    CHECK(metric_of(AUC{}, answers({0, 1}), Tensor<std::int32_t>{1, 0}) == 0);
    // All one class.
    CHECK(metric_of(AUC{}, answers({0.2F, 0.7F}), Tensor<std::int32_t>{1, 1}) == 0);
    CHECK(metric_of(AUC{}, answers({0.2F, 0.7F}), Tensor<std::int32_t>{0, 0}) == 0);
    CHECK(metric_of(AUC{.curve = AUCCurve::pr}, answers({0.2F, 0.7F}), Tensor<std::int32_t>{0, 0}) == 0);
    // NaN is below everything.
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(metric_of(AUC{}, answers({nan, 0.5F, 0.7F}), Tensor<std::int32_t>{1, 1, 0}) == 0);
}

TEST_CASE("auc: what it refuses", "[metrics][errors]") {
    CHECK_THROWS_WITH(AUC{.num_thresholds = 1}.check({1}, true, {}), "auc: num_thresholds must be more than 1, got 1");
    CHECK_THROWS_AS(AUC{}.check({3}, false, {2}), ShapeError);
    CHECK(text(AUCCurve::pr, ' ', AUCCurve::roc) == "pr roc");
}
