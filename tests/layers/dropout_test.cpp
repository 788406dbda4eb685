#include <fovea/layers/dropout.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

namespace {

Pass<float> training_pass(std::uint64_t seed, std::uint32_t layer, std::uint32_t step) {
    Pass<float> pass;
    pass.training = true;
    pass.random = {seed, random::Purpose::dropout, layer, step};
    return pass;
}

Tensor<float> dropped(double rate, const Tensor<float>& x, Pass<float> pass) {
    ParameterRegistry registry;
    const Dropout::Layer<float> layer({rate}, x.shape().tail(), registry);
    Tensor<float> y(x.shape());
    layer.forward(x, y, pass);
    return y;
}

} // namespace

TEST_CASE("Dropout: nothing happens in inference or at rate 0") {
    const auto x = contract::numbers<float>({3, 50}, 1);
    CHECK(dropped(0.5, x, Pass<float>{}) == x);
    CHECK(dropped(0, x, training_pass(1, 2, 3)) == x);
}

TEST_CASE("Dropout: the share that is dropped is the rate, and the rest is scaled up to the same expected sum") {
    const Tensor<float> x(Shape{100, 1000}, 3);
    for (const double rate : {0.1, 0.25, 0.5, 0.9}) {
        INFO(rate);
        const auto y = dropped(rate, x, training_pass(1, 2, 3));
        const auto zeros = static_cast<double>(std::count(y.begin(), y.end(), 0.0F));
        // Binomial of 100,000: the standard deviation of the share is at most 0.0016. Five of them.
        CHECK(zeros / 1e5 == Catch::Approx(rate).margin(0.008));
        const float left = static_cast<float>(3 / (1 - rate));
        CHECK(std::all_of(y.begin(), y.end(), [=](float value) { return value == 0 || value == Catch::Approx(left); }));
    }
}

TEST_CASE("Dropout: backward drops what forward dropped") {
    const auto x = contract::numbers<double>({4, 33}, 1);
    const Tensor<double> ones(x.shape(), 1);
    const auto forward = contract::evaluate(Dropout{0.4}, ones, x);
    for (Index i = 0; i < x.size(); ++i) CHECK(forward.dx[i] == forward.y[i] * x[i]);
}

TEST_CASE("Dropout: what is dropped differs with seed, layer and step, and follows the place in the batch") {
    const Tensor<float> x(Shape{6, 7}, 1);
    const auto usual = dropped(0.5, x, training_pass(1, 2, 3));
    CHECK(dropped(0.5, x, training_pass(1, 2, 3)) == usual);
    CHECK(dropped(0.5, x, training_pass(2, 2, 3)) != usual);
    CHECK(dropped(0.5, x, training_pass(1, 3, 3)) != usual);
    CHECK(dropped(0.5, x, training_pass(1, 2, 4)) != usual);
    Pass<float> behind = training_pass(1, 2, 3);
    behind.first_sample = 4;
    CHECK(dropped(0.5, Tensor<float>(x.slice(4, 6)), behind) == Tensor<float>(usual.slice(4, 6)));
}

TEST_CASE("Dropout: NaN that is not dropped stays NaN, and what is dropped is 0 whatever it was") {
    const Tensor<float> x(Shape{1, 100}, std::numeric_limits<float>::quiet_NaN());
    const auto y = dropped(0.5, x, training_pass(1, 2, 3));
    const auto nan = std::count_if(y.begin(), y.end(), [](float value) { return std::isnan(value); });
    CHECK(nan > 0);
    CHECK(nan + std::count(y.begin(), y.end(), 0.0F) == 100);
}

TEST_CASE("Dropout: a rate outside of [0, 1) is refused") {
    CHECK_THROWS_MATCHES(Dropout{1}.output_shape({3}), ValueError,
                         says("Dropout: rate must be at least 0 and below 1, got 1"));
    CHECK_THROWS_MATCHES(Dropout{-0.1}.output_shape({3}), ValueError, says("got -0.1"));
    CHECK_THROWS_MATCHES(Dropout{std::numeric_limits<double>::quiet_NaN()}.output_shape({3}), ValueError,
                         says("got nan"));
}

TEST_CASE("Dropout keeps a layer's contract") {
    contract::check(Dropout{0.5}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(Dropout{0.3}, {5, 3}, {3});
    contract::check(Dropout{0.5}, {2, 7}, {7}, false);
    CHECK(gradient_check(Dropout{0.3}, {3, 5, 3}).passed(1e-6));
}
