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
    CHECK_THROWS_AS(metrics[2].check({10}, false, {10}), ShapeError);
    CHECK_THROWS_WITH(AnyMetric<float>(static_cast<Metric>(99)), "Metric: there is no enumerator 99");
}

TEST_CASE("Metric: names", "[metrics]") {
    for (const Metric metric :
         {Metric::accuracy, Metric::top_k_categorical_accuracy, Metric::sparse_top_k_categorical_accuracy}) {
        CHECK(metric_from_name(name_of(metric)) == metric);
        CHECK(AnyMetric<double>(metric).name() == name_of(metric));
        CHECK(text(metric) == name_of(metric));
    }
    CHECK_THROWS_AS(metric_from_name("precision"), ValueError);
    CHECK_THROWS_WITH(metric_from_name("precision"), "Metric: unknown name \"precision\"; known are accuracy, "
                                                     "top_k_categorical_accuracy, sparse_top_k_categorical_accuracy");
}
