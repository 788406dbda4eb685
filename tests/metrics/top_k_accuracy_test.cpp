#include <fovea/metrics/top_k_accuracy.hpp>

#include <fovea/core/tensor.hpp>

#include <limits>

#include "catch.hpp"

using namespace fovea;

namespace {

using Labels = Tensor<std::int32_t>;
using Values = Tensor<float>;

double sparse(Index k, const Values& y, const Labels& labels) {
    return SparseTopKCategoricalAccuracy{.k = k}.sum(y.view(), Targets<float>{.labels = labels, .values = {}});
}
double dense(Index k, const Values& y, const Values& values) {
    return TopKCategoricalAccuracy{.k = k}.sum(y.view(), Targets<float>{.labels = {}, .values = values});
}

} // namespace

TEST_CASE("top_k: labels among the k largest", "[metrics]") {
    const Values y{{0.1F, 0.4F, 0.3F, 0.2F}, {0.4F, 0.3F, 0.2F, 0.1F}};
    CHECK(sparse(1, y, Labels{1, 0}) == 2);
    CHECK(sparse(1, y, Labels{2, 1}) == 0);
    CHECK(sparse(2, y, Labels{2, 1}) == 2);
    CHECK(sparse(2, y, Labels{3, 1}) == 1);
    CHECK(sparse(3, y, Labels{0, 3}) == 0);
    CHECK(sparse(4, y, Labels{0, 3}) == 2);
    CHECK(sparse(99, y, Labels{0, 3}) == 2);
    CHECK(sparse(2, y, Labels({2, 1}, std::vector<std::int32_t>{2, 1})) == 2);
    CHECK(SparseTopKCategoricalAccuracy{}.k == 5);
    CHECK(TopKCategoricalAccuracy{}.k == 5);
}

TEST_CASE("top_k: values count by their largest class", "[metrics]") {
    const Values y{{0.1F, 0.4F, 0.3F, 0.2F}, {0.4F, 0.3F, 0.2F, 0.1F}};
    CHECK(dense(1, y, Values{{0, 1, 0, 0}, {0, 0, 0, 1}}) == 1);
    CHECK(dense(2, y, Values{{0, 0, 1, 0}, {0, 0.6F, 0.4F, 0}}) == 2);
}

// What tf.math.in_top_k of TensorFlow 2.21 says of the same rows.
TEST_CASE("top_k: of classes that are equal at the border, all are in", "[metrics]") {
    CHECK(sparse(1, {{1, 1, 1}, {3, 2, 1}, {3, 2, 2}}, Labels{0, 1, 2}) == 1);
    CHECK(sparse(2, {{1, 1, 1}, {3, 2, 1}, {3, 2, 2}}, Labels{0, 1, 2}) == 3);
    CHECK(sparse(1, {{1, 1, 1}, {1, 1, 1}}, Labels{1, 2}) == 2);
}

TEST_CASE("top_k: no label is right where an output is not finite, or where there is no such class", "[metrics]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(sparse(2, {{1, nan, 0}, {1, infinity, 0}, {nan, nan, nan}}, Labels{0, 0, 0}) == 0);
    CHECK(sparse(3, {{1, nan, 0}, {1, infinity, 0}, {nan, 0, 0}}, Labels{1, 1, 0}) == 0);
    CHECK(sparse(3, {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}}, Labels{3, -1, 200}) == 0);
    CHECK(dense(3, {{1, 2, 3}, {1, nan, 3}}, {{nan, 0, 0}, {1, 0, 0}}) == 0);
}

TEST_CASE("top_k: a sample counts with the mean over its positions", "[metrics]") {
    const Values y{{{3, 2, 1}, {1, 2, 3}}}; // (1, 2, 3)
    CHECK(sparse(2, y, Labels{{1, 0}}) == 0.5);
    CHECK(dense(2, y, Values{{{0, 1, 0}, {0, 0, 1}}}) == 1);
}

TEST_CASE("top_k: what it refuses", "[metrics][errors]") {
    CHECK_NOTHROW(TopKCategoricalAccuracy{}.check({10}, false, {10}));
    CHECK_NOTHROW(SparseTopKCategoricalAccuracy{}.check({10}, true, {}));
    CHECK_THROWS_AS(TopKCategoricalAccuracy{.k = 0}.check({10}, false, {10}), ValueError);
    CHECK_THROWS_WITH(TopKCategoricalAccuracy{.k = 0}.check({10}, false, {10}),
                      "top_k_categorical_accuracy: k must be at least 1, got 0");
    CHECK_THROWS_WITH(SparseTopKCategoricalAccuracy{.k = -3}.check({10}, true, {}),
                      "sparse_top_k_categorical_accuracy: k must be at least 1, got -3");
    CHECK_THROWS_AS(TopKCategoricalAccuracy{}.check({10}, true, {}), ShapeError);
    CHECK_THROWS_WITH(
        TopKCategoricalAccuracy{}.check({10}, true, {}),
        "top_k_categorical_accuracy: needs values of the same shape for the output (10,), got labels of shape ()");
    CHECK_THROWS_WITH(SparseTopKCategoricalAccuracy{}.check({10}, false, {10}),
                      "sparse_top_k_categorical_accuracy: needs labels (one a position) for the output (10,), got "
                      "values of shape (10,)");
}
