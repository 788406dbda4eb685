#include <fovea/layers/batch_normalization.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

namespace {

// Two channels over four samples: means 3 and 10, population variances 5 and 0.
const Tensor<double> four_samples{{0, 10}, {2, 10}, {4, 10}, {6, 10}};
const Tensor<double> all_ones(Shape{4, 2}, 1);

// gamma, beta, moving_mean, moving_variance
const Tensor<double> two_channels{2, 3, 0.5, -1, 1, 20, 4, 9};

} // namespace

TEST_CASE("BatchNormalization: in training by the batch's statistics") {
    const BatchNormalization spec{.momentum = 0.75, .epsilon = 4};
    const auto out = contract::evaluate(spec, four_samples, all_ones, two_channels, {.move_states = true});
    // (x - 3) / sqrt(5 + 4) * 2 + 0.5; the second channel has nothing left but beta.
    const Tensor<double> expected{{-1.5, -1}, {-2.0 / 3 + 0.5, -1}, {2.0 / 3 + 0.5, -1}, {2.5, -1}};
    CHECK(allclose(out.y, expected, 1e-14, 1e-14));
    // moving = 0.75 moving + 0.25 of the batch; 0.75 * 1 + 0.25 * 3, 0.75 * 20 + 0.25 * 10, 0.75 * 4 + 0.25 * 5, 0.75 * 9
    CHECK(allclose(out.values, Tensor<double>{2, 3, 0.5, -1, 1.5, 17.5, 4.25, 6.75}, 1e-14, 0));
}

TEST_CASE("BatchNormalization: in inference by the moving statistics, which stay") {
    const BatchNormalization spec{.epsilon = 0.84};
    const auto out =
        contract::evaluate(spec, four_samples, all_ones, two_channels, {.training = false, .move_states = true});
    // (x - 1) / sqrt(4.84) * 2 + 0.5 and (10 - 20) / sqrt(9.84) * 3 - 1
    const double second = -30 / std::sqrt(9.84) - 1;
    const Tensor<double> expected{
        {-1 / 1.1 + 0.5, second}, {1 / 1.1 + 0.5, second}, {3 / 1.1 + 0.5, second}, {5 / 1.1 + 0.5, second}};
    CHECK(allclose(out.y, expected, 1e-14, 1e-14));
    CHECK(out.values == two_channels);
    // dx = gamma / sqrt(variance + epsilon), dgamma = sum of n = (-1 + 1 + 3 + 5) / 2.2, dbeta = 4.
    CHECK(out.dx(0, 0) == Catch::Approx(2 / 2.2));
    CHECK(out.gradients[0] == Catch::Approx(8 / 2.2));
    CHECK(out.gradients[2] == 4);
}

TEST_CASE("BatchNormalization: frozen, it works in training as in inference") {
    const auto frozen =
        contract::evaluate(BatchNormalization{}, four_samples, all_ones, two_channels, {.frozen = true});
    const auto inference =
        contract::evaluate(BatchNormalization{}, four_samples, all_ones, two_channels, {.training = false});
    CHECK(frozen.y == inference.y);
    CHECK(frozen.dx == inference.dx);
    CHECK(frozen.values == two_channels);
}

TEST_CASE("BatchNormalization: without gamma and beta it still learns the moving statistics") {
    const BatchNormalization spec{.momentum = 0, .epsilon = 4, .center = false, .scale = false};
    const auto out = contract::evaluate(spec, four_samples, all_ones, Tensor<double>{0, 0, 1, 1},
                                        {.frozen = true, .move_states = true});
    CHECK(out.y(0, 0) == Catch::Approx(-1));
    CHECK(out.values == Tensor<double>{3, 10, 5, 0});
}

TEST_CASE("BatchNormalization: gradients by hand") {
    // Mean 5, variance 1, sqrt(1 + 3) = 2, n = (-1/2, 1/2). Of g the mean is 1/2, of g n 1/4.
    const Shape column{2, 1};
    const auto out = contract::evaluate(BatchNormalization{.epsilon = 3}, Tensor<double>(column, {4, 6}),
                                        Tensor<double>(column, {0, 1}), Tensor<double>{2, 7, 0, 1});
    // dgamma = 1/2, dbeta = 1, dx = 2/2 * (g - 1/2 - n * 1/4)
    CHECK(allclose(out.dx, Tensor<double>(column, {-0.375, 0.375}), 1e-14, 0));
    CHECK(out.gradients == Tensor<double>{0.5, 1, 0, 0});
}

TEST_CASE("BatchNormalization: numbers far from zero keep their variance") {
    Tensor<float> far(Shape{1000, 1});
    for (Index i = 0; i < far.size(); ++i) far[i] = 10000 + static_cast<float>(i % 2);
    const auto out =
        contract::Subject<float>(BatchNormalization{.momentum = 0}, Shape{1}).run(far, far, {.move_states = true});
    // The mean itself is rounded to a float near 10,000, that is by up to 0.0005.
    CHECK(out.values[2] == Catch::Approx(10000.5).margin(0.001));
    CHECK(out.values[3] == Catch::Approx(0.25).margin(1e-6));
}

TEST_CASE("BatchNormalization: the bits do not depend on the threads") {
    const int before = threads();
    const auto large = contract::numbers<float>({16, 20, 20, 5}, 1);
    const contract::Subject<float> subject(BatchNormalization{}, Shape{20, 20, 5});
    set_threads(1);
    const auto one = subject.run(large, large, {.move_states = true});
    for (const int count : {2, 3, 7}) {
        set_threads(count);
        const auto several = subject.run(large, large, {.move_states = true});
        contract::detail::check_same(several, one);
        CHECK(contract::same_bits(several.values, one.values));
    }
    set_threads(before);
}

TEST_CASE("BatchNormalization: parameters in Keras's order") {
    const contract::Subject<float> subject(BatchNormalization{}, Shape{4, 4, 3});
    const auto& found = subject.parameters();
    REQUIRE(found.size() == 4);
    const std::vector<std::pair<std::string, std::string>> expected{{"layer/gamma", "ones"},
                                                                    {"layer/beta", "zeros"},
                                                                    {"layer/moving_mean", "zeros"},
                                                                    {"layer/moving_variance", "ones"}};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(found[i].name == expected[i].first);
        CHECK(found[i].initializer.name() == expected[i].second);
        CHECK(found[i].place.shape == Shape{3});
        CHECK(found[i].is_state == (i >= 2));
    }
}

TEST_CASE("BatchNormalization: what makes no sense is refused") {
    CHECK_THROWS_MATCHES(BatchNormalization{.momentum = 1.5}.output_shape({3}), ValueError,
                         says("BatchNormalization: momentum must be from 0 to 1, got 1.5"));
    CHECK_THROWS_MATCHES(BatchNormalization{.epsilon = 0}.output_shape({3}), ValueError,
                         says("epsilon must be positive, got 0"));
    CHECK_THROWS_MATCHES(BatchNormalization{}.output_shape(Shape{}), ShapeError, says("got ()"));
}

TEST_CASE("BatchNormalization keeps a layer's contract") {
    contract::check(BatchNormalization{}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(BatchNormalization{}, {6, 70}, {70});
    contract::check(BatchNormalization{.center = false}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(BatchNormalization{.scale = false}, {3, 4, 5, 3}, {4, 5, 3}, false);
    contract::check(BatchNormalization{}, {1, 1, 1, 2}, {1, 1, 2});
}

TEST_CASE("BatchNormalization: gradients") {
    const auto check = [](const BatchNormalization& spec, const Shape& input, bool training) {
        const auto result = gradient_check(spec, input, {.training = training});
        INFO(input << ": " << result);
        CHECK(result.passed(1e-6));
    };
    for (const bool training : {true, false}) {
        check({}, {3, 4, 5, 3}, training);
        check({}, {8, 3}, training);
        check({.epsilon = 0.1}, {1, 3, 7, 2}, training);
        check({.center = false, .scale = false}, {3, 4, 5, 3}, training);
        check({}, {40, 3, 3, 2}, training); // more rows than one part
    }
    check({}, {1, 1, 1, 2}, true); // x is all that it has: only beta's gradient is not zero
}
