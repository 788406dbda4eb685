#include <fovea/losses/mean_squared_error.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("mean_squared_error: the mean over the outputs", "[losses]") {
    const MeanSquaredError loss;
    CHECK(loss_of(loss, Tensor<double>{{1, 2}}, targets(Tensor<double>{{4, 6}})) == 12.5); // (9 + 16) / 2
    CHECK(loss_of(loss, Tensor<float>{{1, 2}, {0, 3}}, targets(Tensor<float>{{4, 6}, {0, 0}}), {2, 4}) == 43);
    CHECK(gradient_of(loss, Tensor<float>{{1, 2}, {0, 3}}, targets(Tensor<float>{{4, 6}, {0, 0}}), {2, 4}, 0.5F) ==
          Tensor<float>{{-3, -4}, {0, 6}});
    // Over positions: (9 + 16 + 0 + 4) / 4
    CHECK(loss_of(loss, Tensor<double>{{{1, 2}, {0, 2}}}, targets(Tensor<double>{{{4, 6}, {0, 0}}})) == 7.25);
}

TEST_CASE("mean_squared_error: a single output needs no axis of its own in the targets", "[losses]") {
    CHECK(loss_of(MeanSquaredError{}, Tensor<double>(Shape{2, 1}, std::vector<double>{1, 2}),
                  targets(Tensor<double>{3, 2})) == 4);
}

TEST_CASE("mean_squared_error: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 4};
    Tensor<double> t = spread(shape, -2, 2);
    std::reverse(t.begin(), t.end());
    CHECK(worst_gradient_error(MeanSquaredError{}, spread(shape, -2, 2), targets(t), {0.5, 2}) < 1e-6);
    CHECK(worst_gradient_error(MeanSquaredError{}, spread(shape, -2, 2), targets(t)) < 1e-6);
}

TEST_CASE("mean_squared_error: NaN is not hidden", "[losses]") {
    const Tensor<double> y{{0.5, std::numeric_limits<double>::quiet_NaN()}};
    CHECK(std::isnan(loss_of(MeanSquaredError{}, y, targets(Tensor<double>{{1, 0}}))));
    CHECK(std::isnan(gradient_of(MeanSquaredError{}, y, targets(Tensor<double>{{1, 0}}))[1]));
}

TEST_CASE("mean_squared_error: shapes that do not fit", "[losses][errors]") {
    CHECK_THROWS_AS(MeanSquaredError{}.check({10}, true, {}), ShapeError);
    CHECK_THROWS_WITH(MeanSquaredError{}.check({10}, true, {}),
                      "mean_squared_error: needs values of shape (10,) for the output (10,), got labels of shape ()");
    CHECK_THROWS_WITH(MeanSquaredError{}.check({2, 5}, false, {10}),
                      contains("of shape (2, 5) for the output (2, 5), got values of "
                               "shape (10,)"));
    const Tensor<float> y(Shape{2, 1});
    CHECK_THROWS_WITH(loss_of(MeanSquaredError{}, y, targets(Tensor<float>(Shape{3, 1}))),
                      "mean_squared_error: 2 samples of output, but 3 of targets");
}
