#include <fovea/metrics/accuracy.hpp>

#include <fovea/core/tensor.hpp>

#include <limits>

#include "catch.hpp"

using namespace fovea;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

double accuracy(const Tensor<float>& y, const Tensor<std::int32_t>& labels) {
    return Accuracy{}.sum(y.view(), Targets<float>{.labels = labels, .values = {}});
}
double accuracy(const Tensor<float>& y, const Tensor<float>& values) {
    return Accuracy{}.sum(y.view(), Targets<float>{.labels = {}, .values = values});
}

using Labels = Tensor<std::int32_t>;
using Values = Tensor<float>;

} // namespace

TEST_CASE("accuracy: labels", "[metrics]") {
    const Tensor<float> y{{0.1F, 0.7F, 0.2F}, {0.5F, 0.4F, 0.1F}, {0.2F, 0.2F, 0.6F}};
    CHECK(accuracy(y, Labels{1, 0, 2}) == 3);
    CHECK(accuracy(y, Labels{1, 1, 2}) == 2);
    CHECK(accuracy(y, Labels{0, 1, 0}) == 0);
    CHECK(accuracy(y, Labels({3, 1}, std::vector<std::int32_t>{1, 1, 2})) == 2);
    CHECK(accuracy(y, Labels{1, 3, -1}) == 1); // no such class
}

TEST_CASE("accuracy: one-hot codes and distributions", "[metrics]") {
    const Tensor<float> y{{0.1F, 0.7F, 0.2F}, {0.5F, 0.4F, 0.1F}};
    CHECK(accuracy(y, Values{{0, 1, 0}, {0, 0, 1}}) == 1);
    CHECK(accuracy(y, Values{{0.3F, 0.4F, 0.3F}, {0.9F, 0.1F, 0}}) == 2);
}

TEST_CASE("accuracy: a single output is right above or below 0.5", "[metrics]") {
    const Tensor<float> y({4, 1}, std::vector<float>{0.2F, 0.5F, 0.50001F, 0.9F});
    CHECK(accuracy(y, Values({4, 1}, std::vector<float>{0, 0, 1, 1})) == 4);
    CHECK(accuracy(y, Values{1, 1, 0, 0}) == 0);
    CHECK(accuracy(y, Labels{0, 1, 1, 0}) == 2);
    CHECK(accuracy(y, Values{0.2F, 0, 0.9F, 1}) == 2); // neither 0 nor 1: never right
}

TEST_CASE("accuracy: the first of equals counts", "[metrics]") {
    const Tensor<float> y{{0.5F, 0.5F, 0}, {0, 0.5F, 0.5F}};
    CHECK(accuracy(y, Labels{0, 1}) == 2);
    CHECK(accuracy(y, Labels{1, 2}) == 0);
}

TEST_CASE("accuracy: a sample counts with the mean over its positions", "[metrics]") {
    const Tensor<float> y{{{1, 0}, {0, 1}, {1, 0}, {1, 0}}, {{0, 1}, {0, 1}, {0, 1}, {0, 1}}}; // (2, 4, 2)
    CHECK(accuracy(y, Labels{{0, 1, 0, 1}, {0, 0, 0, 1}}) == 0.75 + 0.25);
    CHECK(accuracy(y.map([](float v) { return v; }), y) == 2);
}

TEST_CASE("accuracy: NaN is never right", "[metrics]") {
    for (std::int32_t label = 0; label < 3; ++label) {
        CHECK(accuracy(Values{{not_a_number, not_a_number, not_a_number}, {0, 0, 1}}, Labels{label, 2}) == 1);
        CHECK(accuracy(Values{{not_a_number, 1, 0}, {0, 1, not_a_number}}, Labels{label, label}) == 0);
    }
    CHECK(accuracy(Values{{not_a_number, 0, 0}, {0, 0, 1}}, Labels{-1, 2}) == 1);
    const Tensor<float> single({2, 1}, std::vector<float>{not_a_number, not_a_number});
    CHECK(accuracy(single, Values{0, 1}) == 0);
    CHECK(accuracy(single, Labels{0, 1}) == 0);
    CHECK(accuracy(Values{{1, 0, 0}, {0, 0, 1}}, Values{{not_a_number, not_a_number, not_a_number}, {0, 0, 1}}) == 1);
}

TEST_CASE("accuracy: shapes that do not fit", "[metrics][errors]") {
    CHECK_NOTHROW(Accuracy{}.check({10}, true, {}));
    CHECK_NOTHROW(Accuracy{}.check({10}, true, {1}));
    CHECK_NOTHROW(Accuracy{}.check({10}, false, {10}));
    CHECK_NOTHROW(Accuracy{}.check({1}, false, {}));
    CHECK_THROWS_AS(Accuracy{}.check({10}, true, {2}), ShapeError);
    CHECK_THROWS_WITH(Accuracy{}.check({10}, true, {2}),
                      "accuracy: needs labels (one a position) or values of the same shape for "
                      "the output (10,), got labels of shape (2,)");
    CHECK_THROWS_WITH(Accuracy{}.check({10}, false, {9}), contains("for the output (10,), got values of shape (9,)"));
    CHECK_THROWS_AS(Accuracy{}.check({10}, false, {1}), ShapeError);
    CHECK_THROWS_AS(Accuracy{}.check({4, 10}, true, {5}), ShapeError);
    CHECK_THROWS_AS(Accuracy{}.check({}, true, {}), ShapeError);
    CHECK_THROWS_WITH(accuracy(Values{{1, 0}, {0, 1}}, Labels{1}), "accuracy: 2 samples of output, but 1 of targets");
}
