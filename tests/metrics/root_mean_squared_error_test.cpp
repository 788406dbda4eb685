#include <fovea/metrics/root_mean_squared_error.hpp>

#include "check_metric.hpp"

using namespace fovea;

TEST_CASE("root_mean_squared_error: the root of the mean over everything", "[metrics]") {
    const Tensor<float> y{{1, 2}, {0, 3}};
    const Tensor<float> t{{2, 2}, {0, 8}};
    CHECK(metric_of(RootMeanSquaredError{}, y, t) == std::sqrt(26. / 4));
    CHECK(metric_of(RootMeanSquaredError{}, Tensor<float>(Shape{2, 1}, 3.F), Tensor<float>{0, 3}) == std::sqrt(4.5));
    CHECK_THROWS_WITH(RootMeanSquaredError{}.check({3}, true, {}),
                      "root_mean_squared_error: needs values of the same shape for the output (3,), got labels of "
                      "shape ()");
}
