#include <fovea/losses/cosine_similarity.hpp>

#include "check_gradient.hpp"

#include <limits>

using namespace fovea;

TEST_CASE("cosine_similarity: minus the cosine as a loss, the cosine as a metric", "[losses][metrics]") {
    const CosineSimilarity loss;
    const Tensor<double> y{{3, 4}, {1, 0}};
    const Tensor<double> t{{8, 6}, {-2, 0}};
    CHECK(loss_of(loss, y, targets(t)) == near(-24. / 25 + 1));
    CHECK(loss_of(loss, y, targets(t), {2, 0}) == near(-48. / 25));
    CHECK(loss.sum(y.view(), targets(t)) == near(24. / 25 - 1));
    // -(t - cos y) / |y| of the rows divided by their lengths: -((1, 0) - 0.6 (0.6, 0.8)) / 5
    const Tensor<double> dy = gradient_of(loss, Tensor<double>{{3, 4}}, targets(Tensor<double>{{7, 0}}));
    CHECK(dy[0] == near(-0.128));
    CHECK(dy[1] == near(0.096));
}

TEST_CASE("cosine_similarity: rows without a direction", "[losses]") {
    const CosineSimilarity loss;
    const Tensor<double> t{{1, 0}};
    CHECK(loss_of(loss, Tensor<double>{{0, 0}}, targets(t)) == 0);
    CHECK(loss_of(loss, t, targets(Tensor<double>{{0, 0}})) == 0);
    CHECK(gradient_of(loss, Tensor<double>{{0, 0}}, targets(t)) == Tensor<double>{{0, 0}});
    CHECK(gradient_of(loss, t, targets(Tensor<double>{{0, 0}})) == Tensor<double>{{0, 0}});
    CHECK(loss_of(loss, Tensor<double>{{3e-8, 4e-8}}, targets(t)) == near(-0.3)); // as if it were 1e-7 long
    CHECK(loss_of(loss, Tensor<double>{{3e-7, 4e-7}}, targets(t)) == near(-0.6));
}

TEST_CASE("cosine_similarity: gradient against central differences", "[losses][gradient]") {
    const Shape shape{2, 3, 4};
    Tensor<double> t = spread(shape, -2, 2);
    std::reverse(t.begin(), t.end());
    CHECK(worst_gradient_error(CosineSimilarity{}, spread(shape, -2, 2), targets(t), {0.5, 2}) < 1e-6);
}

TEST_CASE("cosine_similarity: NaN is not hidden, and shapes that do not fit", "[losses][errors]") {
    const Tensor<double> y{{0.5, std::numeric_limits<double>::quiet_NaN()}};
    CHECK(std::isnan(loss_of(CosineSimilarity{}, y, targets(Tensor<double>{{1, 0}}))));
    CHECK(std::isnan(gradient_of(CosineSimilarity{}, y, targets(Tensor<double>{{1, 0}}))[0]));
    CHECK_THROWS_WITH(CosineSimilarity{}.check({3}, false, {4}),
                      "cosine_similarity: needs values of shape (3,) for the output (3,), got values of shape (4,)");
}
