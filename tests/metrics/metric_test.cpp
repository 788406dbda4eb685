#include <fovea/metrics/metric.hpp>

#include <fovea/core/tensor.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// The largest output of all samples, and how many there are: no sum over samples, and two numbers.
struct OwnMetric {
    static constexpr std::string_view name = "own";

    Index sums(const Shape& output) const { return 1 + output.last(); }
    Index results() const { return 2; }

    template <class T>
    void add(ConstView<T> y, const Targets<T>&, std::span<double> sums) const {
        sums[0] += static_cast<double>(y.size());
        for (Index i = 0; i < y.size(); ++i)
            sums[1 + static_cast<std::size_t>(i % y.shape().last())] += static_cast<double>(y[i]);
    }

    double result(std::span<const double> sums, Index samples, Index number) const {
        return number == 0 ? sums[0] / static_cast<double>(samples) : sums.back() - sums[1];
    }
};

/// The simple form, with a result of its own.
struct OwnSum {
    static constexpr std::string_view name = "own_sum";

    template <class T>
    double sum(ConstView<T> y, const Targets<T>&) const {
        return static_cast<double>(y.size());
    }
    double result(std::span<const double> sums, Index samples) const {
        return sums[0] * 100 + static_cast<double>(samples);
    }
};

struct NoMetric {
    static constexpr std::string_view name = "none";
};

static_assert(MetricSpec<OwnMetric> && MetricSpec<OwnSum> && !MetricSpec<NoMetric>);

} // namespace

TEST_CASE("AnyMetric: several sums and results", "[metrics]") {
    AnyMetric<float> metric = OwnMetric{};
    metric.bind({3});
    CHECK(metric.sums() == 4);
    REQUIRE(metric.results() == 2);
    CHECK(metric.name() == "own");
    CHECK(metric.name(0) == "own_0");
    CHECK(metric.name(1) == "own_1");
    std::vector<double> sums(4, 0.0);
    const Tensor<float> y{{1, 2, 3}, {4, 5, 7}};
    metric.add(y.view(), {}, sums);
    metric.add(y.view().slice(0, 1), {}, sums);
    CHECK(sums == std::vector<double>{9, 6, 9, 13});
    CHECK(metric.result(sums, 3, 0) == 3);
    CHECK(metric.result(sums, 3, 1) == 7);
}

TEST_CASE("AnyMetric: a single sum, of which the mean is taken unless the metric says otherwise", "[metrics]") {
    const AnyMetric<double> metric = OwnSum{};
    CHECK(metric.sums() == 1);
    CHECK(metric.results() == 1);
    CHECK(metric.name(0) == "own_sum");
    std::vector<double> sums{1};
    metric.add(Tensor<double>{{1, 2}}.view(), {}, sums);
    CHECK(sums[0] == 3);
    CHECK(metric.result(sums, 4) == 304);
}
