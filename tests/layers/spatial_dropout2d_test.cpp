#include <fovea/layers/spatial_dropout2d.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

namespace {

Pass<float> channel_pass(std::uint64_t seed, std::uint32_t layer, std::uint32_t step, Tensor<float>& scratch) {
    Pass<float> pass;
    pass.training = true;
    pass.random = {seed, random::Purpose::dropout, layer, step};
    pass.scratch = Arena(std::as_writable_bytes(scratch.span()));
    return pass;
}

Tensor<float> without_channels(double rate, const Tensor<float>& x, std::uint64_t seed, std::uint32_t step = 3,
                               Index first_sample = 0) {
    ParameterRegistry registry;
    const SpatialDropout2D::Layer<float> layer({rate}, x.shape().tail(), registry);
    Tensor<float> y(x.shape()), scratch(Shape{layer.scratch_bytes(x.shape()[0]) / 4});
    Pass<float> pass = channel_pass(seed, 2, step, scratch);
    pass.first_sample = first_sample;
    layer.forward(x, y, pass);
    return y;
}

} // namespace

TEST_CASE("SpatialDropout2D: a channel of a sample is dropped as a whole, the others are scaled up") {
    const Tensor<float> x(Shape{200, 3, 2, 50}, 3);
    for (const double rate : {0.1, 0.25, 0.5, 0.9}) {
        const auto y = without_channels(rate, x, 1);
        const float left = static_cast<float>(3 / (1 - rate));
        Index dropped = 0;
        for (Index n = 0; n < 200; ++n)
            for (Index c = 0; c < 50; ++c) {
                const float first = y(n, 0, 0, c);
                dropped += first == 0 ? 1 : 0;
                REQUIRE((first == 0 || first == Catch::Approx(left)));
                for (Index i = 0; i < 6; ++i) REQUIRE(y(n, i / 2, i % 2, c) == first);
            }
        // Binomial of 10,000: the standard deviation of the share is at most 0.005. Five of them.
        CHECK(static_cast<double>(dropped) / 1e4 == Catch::Approx(rate).margin(0.025));
    }
}

TEST_CASE("SpatialDropout2D: nothing happens in inference or at rate 0") {
    const auto x = contract::numbers<double>({2, 3, 3, 5}, 1);
    CHECK(contract::evaluate(SpatialDropout2D{0.5}, x, x, {}, {.training = false}).y == x);
    CHECK(contract::evaluate(SpatialDropout2D{}, x, x).y == x);
}

TEST_CASE("SpatialDropout2D: backward drops what forward dropped") {
    const auto x = contract::numbers<double>({4, 3, 3, 33}, 1);
    const auto out = contract::evaluate(SpatialDropout2D{0.4}, Tensor<double>(x.shape(), 1), x);
    for (Index i = 0; i < x.size(); ++i) CHECK(out.dx[i] == out.y[i] * x[i]);
}

TEST_CASE("SpatialDropout2D: what is dropped differs with seed and step, and follows the place in the batch") {
    const Tensor<float> x(Shape{6, 1, 1, 40}, 1);
    const auto usual = without_channels(0.5, x, 1);
    CHECK(without_channels(0.5, x, 1) == usual);
    CHECK(without_channels(0.5, x, 2) != usual);
    CHECK(without_channels(0.5, x, 1, 4) != usual);
    CHECK(without_channels(0.5, Tensor<float>(x.slice(4, 6)), 1, 3, 4) == Tensor<float>(usual.slice(4, 6)));
}

TEST_CASE("SpatialDropout2D: what is dropped is 0 whatever it was") {
    const Tensor<float> x(Shape{1, 1, 1, 100}, std::numeric_limits<float>::quiet_NaN());
    const auto y = without_channels(0.5, x, 1);
    const auto nan = std::count_if(y.begin(), y.end(), [](float value) { return std::isnan(value); });
    CHECK(nan > 0);
    CHECK(nan + std::count(y.begin(), y.end(), 0.0F) == 100);
}

TEST_CASE("SpatialDropout2D: what makes no sense is refused") {
    CHECK_THROWS_MATCHES(SpatialDropout2D{1}.output_shape({3, 3, 3}), ValueError,
                         says("SpatialDropout2D: rate must be at least 0 and below 1, got 1"));
    CHECK_THROWS_MATCHES(SpatialDropout2D{0.5}.output_shape({3}), ShapeError,
                         says("expected an input of shape (height, width, channels), got (3,)"));
}

TEST_CASE("SpatialDropout2D keeps a layer's contract") {
    contract::check(SpatialDropout2D{0.5}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(SpatialDropout2D{0.5}, {2, 2, 2, 7}, {2, 2, 7}, false);
    CHECK(gradient_check(SpatialDropout2D{0.3}, {3, 2, 5, 3}).passed(1e-6));
}
