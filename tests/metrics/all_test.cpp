#include <fovea/metrics/all.hpp>

#include <vector>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Metric: an name is the metric with its default settings", "[metrics]") {
    const std::vector<AnyMetric<float>> metrics = {Metric::accuracy, Metric::top_k_categorical_accuracy,
                                                   Metric::sparse_top_k_categorical_accuracy,
                                                   TopKCategoricalAccuracy{.k = 2}};
    CHECK(metrics[0].name() == "accuracy");
    CHECK(metrics[1].name() == "top_k_categorical_accuracy");
    CHECK(metrics[2].name() == "sparse_top_k_categorical_accuracy");
    CHECK(AnyMetric<float>(MeanIoU{.num_classes = 3}).name() == "mean_io_u");
    CHECK(AnyMetric<float>(MeanSquaredError{}).name() == "mean_squared_error"); // a loss, too
    CHECK_THROWS_AS(metrics[2].check({10}, false, {10}), ShapeError);
}

TEST_CASE("Metric: from a name", "[metrics]") {
    for (const std::string name : {"accuracy", "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy",
                                   "binary_accuracy", "precision", "recall", "f1_score", "auc", "mean_squared_error",
                                   "mean_absolute_error", "root_mean_squared_error", "cosine_similarity"})
        CHECK(metric_from_name<double>(name).name() == name);
    CHECK(metric_from_name<float>("mse").name() == "mean_squared_error");
    CHECK(metric_from_name<float>("mae").name() == "mean_absolute_error");
    CHECK_THROWS_AS(metric_from_name<float>("hinge"), ValueError);
    CHECK_THROWS_WITH(metric_from_name<float>("hinge"),
                      "Metric: unknown name \"hinge\"; known are accuracy, top_k_categorical_accuracy, "
                      "sparse_top_k_categorical_accuracy, binary_accuracy, precision, recall, f1_score, auc, "
                      "mean_squared_error, mean_absolute_error, root_mean_squared_error, cosine_similarity, mse, mae");
}
