#include <fovea/metrics/all.hpp>

#include "catch.hpp"
#include "reference/made.hpp"

// Metrics against those of Keras: reference/record_metrics.py.

using namespace fovea;

namespace {

std::vector<double> numbers(const std::string& words) { // 0.2,0.5
    std::istringstream in(words);
    std::vector<double> result;
    for (std::string word; std::getline(in, word, ',');) result.push_back(std::stod(word));
    return result;
}

ScoreAverage average_of(const std::string& name) {
    for (const ScoreAverage average : {ScoreAverage::micro, ScoreAverage::macro, ScoreAverage::weighted})
        if (text(average) == name) return average;
    throw std::runtime_error("no such average: " + name);
}

template <class M>
M with_thresholds(M metric, reference::Description& d) {
    if (d.has("thresholds")) metric.thresholds = numbers(d.text("thresholds"));
    if (d.has("class_id")) metric.class_id = d.integer("class_id");
    return metric;
}

template <class T>
AnyMetric<T> make_metric(reference::Description& d) {
    if (d.kind() == "precision") return with_thresholds(Precision{}, d);
    if (d.kind() == "recall") return with_thresholds(Recall{}, d);
    if (d.kind() == "f1_score") {
        F1Score metric;
        if (d.has("average")) metric.average = average_of(d.text("average"));
        if (d.has("threshold")) metric.threshold = d.number("threshold");
        return metric;
    }
    if (d.kind() == "auc") {
        AUC metric{.curve = d.text("curve") == "PR" ? AUCCurve::pr : AUCCurve::roc};
        if (d.has("num_thresholds")) metric.num_thresholds = d.integer("num_thresholds");
        if (d.has("from_logits")) metric.from_logits = d.flag("from_logits");
        return metric;
    }
    if (d.kind() == "mean_io_u") {
        MeanIoU metric{.num_classes = d.integer("num_classes")};
        if (d.has("ignore_class")) metric.ignore_class = d.integer("ignore_class");
        return metric;
    }
    if (d.has("threshold")) return BinaryAccuracy{.threshold = d.number("threshold")};
    return metric_from_name<T>(d.kind());
}

template <class T>
void check_metric(const reference::Case& recorded, double tolerance) {
    const Shape shape = recorded.shape("input");
    reference::Description description = recorded.description("metric");
    AnyMetric<T> metric = make_metric<T>(description);
    CHECK(description.all_taken());
    metric.bind(shape.tail());
    reference::Description made("made " + recorded.lines.at("made"));
    const Tensor<T> y = reference::made_predictions(made.text("predictions"), shape).template cast<T>();
    const reference::MadeTargets<T> targets(made.text("targets"), shape);
    CHECK(made.all_taken());

    const Index samples = shape[0];
    const auto results = [&](const std::vector<Index>& borders) {
        std::vector<double> sums(static_cast<std::size_t>(metric.sums()));
        for (std::size_t i = 1; i < borders.size(); ++i) {
            Targets<T> part = targets.view();
            if (part.are_labels())
                part.labels = part.labels.slice(borders[i - 1], borders[i]);
            else
                part.values = part.values.slice(borders[i - 1], borders[i]);
            metric.add(y.view().slice(borders[i - 1], borders[i]), part, sums);
        }
        Tensor<double> result(Shape{metric.results()});
        for (Index i = 0; i < result.size(); ++i) result[i] = metric.result(sums, samples, i);
        return result;
    };
    const Tensor<double> all = results({0, samples});
    CHECK(reference::worst_difference(all, recorded.tensor("result")) < tolerance);
    const Tensor<double> cut = results({0, 1, samples / 2, samples});
    if (metric.sums() > 1) // counts
        CHECK(cut == all);
    else
        CHECK(reference::worst_difference(cut, recorded.tensor("result")) < tolerance);
}

template <class T>
void check_all_metrics(double tolerance) {
    for (const reference::Case& recorded : reference::read("metrics.txt")) {
        INFO(recorded.name);
        // Keras divides the counts of intersection over union in float.
        check_metric<T>(recorded, std::max(tolerance, recorded.lines.at("metric").starts_with("mean_io_u") ? 1e-6 : 0));
    }
}

} // namespace

TEST_CASE("metrics: the results are Keras's, in float", "[metrics][reference]") {
    check_all_metrics<float>(1e-6); // of errors, some roundings of 6e-8; counts are exact
}

TEST_CASE("metrics: the results are Keras's, in double", "[metrics][reference]") {
    check_all_metrics<double>(1e-8); // nine digits are recorded, which is within 5e-9
}
