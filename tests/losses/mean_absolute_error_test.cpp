#include <fovea/losses/mean_absolute_error.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("mean_absolute_error: the mean over the outputs", "[losses]") {
    const MeanAbsoluteError loss;
    CHECK(loss_of(loss, Tensor<double>{{1, 2}}, targets(Tensor<double>{{4, 6}})) == 3.5); // (3 + 4) / 2
    const Tensor<float> y{{1, 2}, {0, 3}};
    const Tensor<float> t{{4, 6}, {0, 0}};
    CHECK(loss_of(loss, y, targets(t), {2, 4}) == 13);
    CHECK(gradient_of(loss, y, targets(t), {2, 4}, 0.5F) == Tensor<float>{{-0.5F, -0.5F}, {0, 1}}); // 0 at the kink
    CHECK(loss.sum(y.view(), targets(t)) == 5);                                                     // as a metric
}

TEST_CASE("mean_absolute_error: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 4};
    Tensor<double> t = spread(shape, -2, 2);
    std::reverse(t.begin(), t.end());
    CHECK(worst_gradient_error(MeanAbsoluteError{}, spread(shape, -2, 2), targets(t), {0.5, 2}) < 1e-6);
}

TEST_CASE("mean_absolute_error: NaN is not hidden, and shapes that do not fit", "[losses][errors]") {
    const Tensor<double> y{{0.5, std::numeric_limits<double>::quiet_NaN()}};
    CHECK(std::isnan(loss_of(MeanAbsoluteError{}, y, targets(Tensor<double>{{1, 0}}))));
    CHECK(std::isnan(gradient_of(MeanAbsoluteError{}, y, targets(Tensor<double>{{1, 0}}))[1]));
    CHECK_THROWS_WITH(MeanAbsoluteError{}.check({10}, true, {}),
                      "mean_absolute_error: needs values of shape (10,) for the output (10,), got labels of shape ()");
}
