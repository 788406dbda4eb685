#include <fovea/losses/kl_divergence.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("kl_divergence: the sum of targets times logarithms", "[losses]") {
    const KLDivergence loss;
    const Tensor<double> y{{0.5, 0.5}};
    const Tensor<double> t{{0.25, 0.75}};
    CHECK(loss_of(loss, y, targets(t)) == near(0.13081203594113697)); // 0.25 ln 0.5 + 0.75 ln 1.5
    CHECK(loss_of(loss, y, targets(t), {4}) == near(4 * 0.13081203594113697));
    CHECK(gradient_of(loss, y, targets(t), {2}, 0.5) == Tensor<double>{{-0.5, -1.5}});
    CHECK(loss_of(loss, t, targets(t)) == 0);
}

TEST_CASE("kl_divergence: outputs and targets are clipped as in Keras", "[losses]") {
    const KLDivergence loss;
    // ln 1e7 + 1e-7 ln 1e-7: both classes are clipped on one side.
    CHECK(loss_of(loss, Tensor<double>{{0, 1}}, targets(Tensor<double>{{1, 0}})) ==
          near(16.11809565095832 - 16.11809565095832e-7));
    CHECK(loss_of(loss, Tensor<double>{{0.5}}, targets(Tensor<double>(Shape{1, 1}))) == near(-1.5424948470399375e-6));
    CHECK(loss_of(loss, Tensor<double>{{2}}, targets(Tensor<double>{{1}})) == 0);
    CHECK(gradient_of(loss, Tensor<double>{{0, 1, 2}}, targets(Tensor<double>{{1, 1, 1}})) ==
          Tensor<double>{{0, -1, 0}});
}

TEST_CASE("kl_divergence: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 4};
    Tensor<double> t = spread(shape, 0.05, 0.95);
    std::reverse(t.begin(), t.end());
    CHECK(worst_gradient_error(KLDivergence{}, spread(shape, 0.05, 0.95), targets(t), {0.5, 2}) < 1e-6);
}

TEST_CASE("kl_divergence: NaN is not hidden, and shapes that do not fit", "[losses][errors]") {
    const Tensor<double> y{{0.5, std::numeric_limits<double>::quiet_NaN()}};
    CHECK(std::isnan(loss_of(KLDivergence{}, y, targets(Tensor<double>{{1, 0}}))));
    CHECK(std::isnan(gradient_of(KLDivergence{}, y, targets(Tensor<double>{{1, 0}}))[1]));
    CHECK_THROWS_WITH(KLDivergence{}.check({3}, true, {}),
                      "kl_divergence: needs values of shape (3,) for the output (3,), got labels of shape ()");
}
