#include <fovea/metrics/all.hpp>

#include <vector>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Metric: an enumerator is the metric with its default settings", "[metrics]") {
    const std::vector<AnyMetric<float>> metrics = {Metric::accuracy, Metric::top_k_categorical_accuracy,
                                                   Metric::sparse_top_k_categorical_accuracy,
                                                   TopKCategoricalAccuracy{.k = 2}};
    CHECK(metrics[0].name() == "accuracy");
    CHECK(metrics[1].name() == "top_k_categorical_accuracy");
    CHECK(metrics[2].name() == "sparse_top_k_categorical_accuracy");
    CHECK(AnyMetric<float>(MeanIoU{.num_classes = 3}).name() == "mean_io_u");
    CHECK(AnyMetric<float>(MeanSquaredError{}).name() == "mean_squared_error"); // a loss, too
    CHECK_THROWS_AS(metrics[2].check({10}, false, {10}), ShapeError);
    CHECK_THROWS_WITH(AnyMetric<float>(static_cast<Metric>(99)), "Metric: there is no enumerator 99");
}

TEST_CASE("Metric: names", "[metrics]") {
    for (const auto& [metric, name] : detail::metric_names) {
        CHECK(metric_from_name(name) == metric);
        CHECK(metric_from_name(name_of(metric)) == metric);
        CHECK(AnyMetric<double>(metric).name() == name_of(metric));
        CHECK(text(metric) == name_of(metric));
    }
    CHECK(metric_from_name("mse") == Metric::mean_squared_error);
    CHECK(metric_from_name("mae") == Metric::mean_absolute_error);
    CHECK_THROWS_AS(metric_from_name("hinge"), ValueError);
    CHECK_THROWS_WITH(metric_from_name("hinge"),
                      "Metric: unknown name \"hinge\"; known are accuracy, top_k_categorical_accuracy, "
                      "sparse_top_k_categorical_accuracy, binary_accuracy, precision, recall, f1_score, auc, "
                      "mean_squared_error, mean_absolute_error, root_mean_squared_error, cosine_similarity, mse, mae");
}
