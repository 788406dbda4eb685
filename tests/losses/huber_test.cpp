#include <fovea/losses/huber.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("huber: squares near the target, straight lines away from it", "[losses]") {
    const Tensor<double> y{{0.5, 1}};
    const Tensor<double> t{{0, 4}};
    CHECK(loss_of(Huber{}, y, targets(t)) == 1.3125);               // (0.5^2 / 2 + 3 - 1 / 2) / 2
    CHECK(loss_of(Huber{.delta = 2}, y, targets(t)) == 2.0625);     // (0.5^2 / 2 + 2 * 3 - 4 / 2) / 2
    CHECK(loss_of(Huber{.delta = 0.25}, y, targets(t)) == 0.40625); // (0.25 * 0.5 + 0.25 * 3 - 0.0625) / 2
    CHECK(gradient_of(Huber{.delta = 2}, y, targets(t), {3}, 2.0) == Tensor<double>{{1.5, -6}});
    CHECK(loss_of(Huber{}, Tensor<float>{{3}}, targets(Tensor<float>{{2}})) == 0.5); // at delta both agree
}

TEST_CASE("huber: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 4};
    Tensor<double> t = spread(shape, -2, 2);
    std::reverse(t.begin(), t.end());
    for (const double delta : {0.3, 1.0, 100.0})
        CHECK(worst_gradient_error(Huber{.delta = delta}, spread(shape, -2, 2), targets(t), {0.5, 2}) < 1e-6);
}

TEST_CASE("huber: NaN is not hidden, and what it refuses", "[losses][errors]") {
    const Tensor<double> y{{0.5, std::numeric_limits<double>::quiet_NaN()}};
    CHECK(std::isnan(loss_of(Huber{}, y, targets(Tensor<double>{{1, 0}}))));
    CHECK(std::isnan(gradient_of(Huber{}, y, targets(Tensor<double>{{1, 0}}))[1]));
    CHECK_THROWS_AS(Huber{.delta = 0}.check({2}, false, {2}), ValueError);
    CHECK_THROWS_WITH(Huber{.delta = -1}.check({2}, false, {2}), "huber: delta must be positive, got -1");
    CHECK_THROWS_WITH(Huber{}.check({2}, false, {3}),
                      "huber: needs values of shape (2,) for the output (2,), got values of shape (3,)");
}
