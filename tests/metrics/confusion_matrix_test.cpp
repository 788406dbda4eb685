#include <fovea/metrics/confusion_matrix.hpp>

#include <limits>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("confusion_matrix: labels down, predictions across", "[metrics]") {
    const Tensor<std::int32_t> labels{0, 1, 1, 2, 1};
    const Tensor<std::int32_t> predictions{0, 2, 1, 2, 1};
    CHECK(confusion_matrix(labels, predictions, 3) == Tensor<Index>{{1, 0, 0}, {0, 2, 1}, {0, 0, 1}});
    CHECK(confusion_matrix(labels, predictions, 4).shape() == Shape{4, 4});

    const Tensor<float> outputs{{3, 2, 1}, {0, 1, 2}, {0, 1, 0}, {0, 0, 1}, {0, 2, 2}};
    CHECK(confusion_matrix(labels, outputs) == Tensor<Index>{{1, 0, 0}, {0, 2, 1}, {0, 0, 1}});
    const Tensor<double> pixels{{{3, 2}, {0, 1}}, {{1, 0}, {1, 0}}}; // (2, 2, 2)
    CHECK(confusion_matrix(Tensor<std::int32_t>{{0, 0}, {1, 0}}, pixels) == Tensor<Index>{{2, 1}, {1, 0}});
}

TEST_CASE("confusion_matrix: it prints as a table", "[metrics]") {
    Tensor<std::int32_t> labels(Shape{112}, 0);
    labels[111] = 1;
    Tensor<std::int32_t> predictions = labels;
    predictions[0] = 1;
    CHECK(text(confusion_matrix(labels, predictions, 2)) == "[[110   1]\n [  0   1]]");
}

TEST_CASE("confusion_matrix: what it refuses", "[metrics][errors]") {
    const Tensor<std::int32_t> two{0, 1};
    CHECK_THROWS_WITH(confusion_matrix(two, Tensor<std::int32_t>{0, 2}, 2),
                      "confusion_matrix: prediction 2 at position 1 is outside 0..1");
    CHECK_THROWS_WITH(confusion_matrix(Tensor<std::int32_t>{-1, 1}, two, 2),
                      "confusion_matrix: label -1 at position 0 is outside 0..1");
    CHECK_THROWS_WITH(confusion_matrix(two, Tensor<std::int32_t>{0}, 2),
                      "confusion_matrix: labels of shape (2,), but predictions of shape (1,)");
    CHECK_THROWS_AS(confusion_matrix(two, two, 0), ValueError);
    CHECK_THROWS_WITH(confusion_matrix(two, Tensor<float>(Shape{3, 2})),
                      "confusion_matrix: labels of shape (2,) do not go with outputs of shape (3, 2)");
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(confusion_matrix(two, Tensor<float>{{0, 1}, {nan, 0}}), ValueError);
}
