#include <limits>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/ops/activation.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

namespace {

constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
Tensor<T> activated(Activation activation, Tensor<T> z) {
    ops::activation_forward(activation, z.view());
    return z;
}

template <class T>
Tensor<T> gradient(Activation activation, const Tensor<T>& z) {
    const auto y = activated(activation, z);
    Tensor<T> dy(z.shape(), 1);
    ops::activation_backward(activation, ops::needs_input(activation) ? z.view() : ConstView<T>{}, y, dy.view());
    return dy;
}

struct Known {
    Activation activation;
    std::vector<double> values, gradients; ///< at -2, -0.5, 0.25, 3
};

// From the functions' definitions, with 50 digits (mpmath 1.3), rounded to double.
const std::vector<Known> known{
    {Activation::linear, {-2, -0.5, 0.25, 3}, {1, 1, 1, 1}},
    {Activation::relu, {0, 0, 0.25, 3}, {0, 0, 1, 1}},
    {Activation::leaky_relu, {-0.4, -0.1, 0.25, 3}, {0.2, 0.2, 1, 1}},
    {Activation::sigmoid,
     {0.11920292202211756, 0.37754066879814546, 0.5621765008857981, 0.9525741268224333},
     {0.10499358540350652, 0.2350037122015945, 0.24613408273759835, 0.04517665973091213}},
    {Activation::tanh,
     {-0.9640275800758169, -0.46211715726000974, 0.24491866240370913, 0.9950547536867305},
     {0.07065082485316447, 0.7864477329659274, 0.940014848806378, 0.00986603716544019}},
    {Activation::elu,
     {-0.8646647167633873, -0.3934693402873666, 0.25, 3.0},
     {0.1353352832366127, 0.6065306597126334, 1.0, 1.0}},
    {Activation::gelu,
     {-0.04550026389635842, -0.15426876936299344, 0.14967658142073093, 2.99595030590511},
     {-0.0852318010781969, 0.13250487534383715, 0.695373354883636, 1.011945647204184}},
    {Activation::silu,
     {-0.23840584404423512, -0.18877033439907273, 0.14054412522144952, 2.8577223804672998},
     {-0.09078424878489548, 0.2600388126973482, 0.6237100215701977, 1.0881041060151697}},
};

} // namespace

TEST_CASE("Activations: known values and gradients") {
    const Tensor<double> z{-2, -0.5, 0.25, 3};
    for (const auto& [activation, values, gradients] : known) {
        INFO(activation);
        // The functions are within a few units in the last place, and combined by a few operations. Gradients that are made
        // of y, such as tanh's (1 - y) (1 + y), are as exact as y is near 1: a unit of 1e-16, or 6e-8 in float.
        CHECK(allclose(activated(activation, z), Tensor<double>(z.shape(), values), 1e-14, 1e-16));
        CHECK(allclose(gradient(activation, z), Tensor<double>(z.shape(), gradients), 1e-14, 5e-16));
        const auto single = z.cast<float>(); // exact
        CHECK(allclose(activated(activation, single), Tensor<double>(z.shape(), values).cast<float>(), 1e-6, 1e-7));
        CHECK(allclose(gradient(activation, single), Tensor<double>(z.shape(), gradients).cast<float>(), 1e-6, 3e-7));
    }
}

TEST_CASE("Activations: the article's relu matrix") {
    CHECK(activated(Activation::relu, Tensor<float>{{1, -2, 3}, {0, 5, -6}, {-7, 8, -9}}) ==
          Tensor<float>{{1, 0, 3}, {0, 5, 0}, {0, 8, 0}});
}

TEST_CASE("Activations: NaN stays NaN, and so does a softmax row with one") {
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        for (const auto& [activation, name] : detail::activation_names) {
            INFO(name);
            CHECK(std::isnan(activated(activation, Tensor<double>{quiet_nan})[0]));
            CHECK(std::isnan(activated(activation, Tensor<float>{std::numeric_limits<float>::quiet_NaN()})[0]));
        }
        for (const Index place : {0, 1, 15, 16, 17, 18}) {
            Tensor<float> row(Shape{19}, 1);
            row[place] = std::numeric_limits<float>::quiet_NaN();
            const auto y = activated(Activation::softmax, row);
            CHECK(std::all_of(y.begin(), y.end(), [](float value) { return std::isnan(value); }));
        }
    }
}

TEST_CASE("Activations: numbers of any size give finite values") {
    using enum Activation;
    for (const double size : {100.0, 1e4, 1e300}) {
        const Tensor<double> z{-size, size};
        CHECK(activated(relu, z) == Tensor<double>{0, size});
        CHECK(allclose(activated(sigmoid, z), Tensor<double>{0, 1}, 0, 1e-40));
        CHECK(activated(Activation::tanh, z) == Tensor<double>{-1, 1});
        CHECK(activated(elu, z) == Tensor<double>{-1, size});
        CHECK(allclose(activated(gelu, z), Tensor<double>{0, size}, 1e-15, 1e-40));
        CHECK(allclose(activated(silu, z), Tensor<double>{0, size}, 1e-15, 1e-40));
        CHECK(allclose(activated(softmax, z), Tensor<double>{0, 1}, 0, 1e-40));
        for (const Activation activation : {sigmoid, Activation::tanh, elu, gelu, silu, softmax}) {
            const auto slopes = gradient(activation, z);
            CHECK((std::isfinite(slopes[0]) && std::isfinite(slopes[1])));
        }
    }
    CHECK(activated(relu, Tensor<double>{-infinity, infinity}) == Tensor<double>{0, infinity});
    CHECK(activated(softmax, Tensor<double>{-infinity, 0}) == Tensor<double>{0, 1});
}

TEST_CASE("softmax: rows along the last axis") {
    const double e = std::exp(1.0);
    const Tensor<double> z(Shape{2, 1, 2}, {1000, 1001, 0, 0});
    const auto y = activated(Activation::softmax, z);
    CHECK(allclose(y, Tensor<double>(z.shape(), {1 / (1 + e), e / (1 + e), 0.5, 0.5}), 1e-15, 0));
    // dz = y (dy - sum y dy); with dy = (1, 0) and y = (1/2, 1/2): (1/4, -1/4)
    Tensor<double> dy(z.shape(), {0, 0, 1, 0});
    ops::activation_backward<double>(Activation::softmax, {}, y, dy);
    CHECK(dy == Tensor<double>(z.shape(), {0, 0, 0.25, -0.25}));
}

TEST_CASE("Activations: an infinite gradient does not come through where relu is shut") {
    const Tensor<double> y{0, 2};
    Tensor<double> dy{infinity, 3};
    ops::activation_backward<double>(Activation::relu, {}, y, dy);
    CHECK(dy == Tensor<double>{0, 3});
}

TEST_CASE("Activations: an element's bits do not depend on its place") {
    Tensor<float> z(Shape{67});
    z.fill(0.37F);
    for (const auto& [activation, name] : detail::activation_names) {
        if (activation == Activation::softmax) continue;
        INFO(name);
        const auto y = activated(activation, z);
        const auto dz = gradient(activation, z);
        CHECK(std::all_of(y.begin(), y.end(), [&](float value) { return value == y[0]; }));
        CHECK(std::all_of(dz.begin(), dz.end(), [&](float value) { return value == dz[0]; }));
    }
}

TEST_CASE("Activations in float: as exact as promised") {
    // Of float's spacing at the value. The functions of double are exact to its own.
    const auto worst = [](Activation activation, double low, double high) {
        Tensor<double> z(Shape{20001});
        for (Index i = 0; i < z.size(); ++i)
            z[i] = static_cast<double>(static_cast<float>(low + (high - low) * static_cast<double>(i) / 20000));
        const auto expected = activated(activation, z);
        const auto y = activated(activation, z.cast<float>());
        double result = 0;
        for (Index i = 0; i < z.size(); ++i) {
            const float size = std::abs(static_cast<float>(expected[i]));
            const float next = std::nextafter(size, std::numeric_limits<float>::infinity());
            result =
                std::max(result, std::abs(static_cast<double>(y[i]) - expected[i]) / static_cast<double>(next - size));
        }
        return result;
    };
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        CHECK(worst(Activation::sigmoid, -80, 20) <= 3);
        CHECK(worst(Activation::tanh, -10, 10) <= 3);
        CHECK(worst(Activation::tanh, -0.01, 0.01) <= 3);
        CHECK(worst(Activation::elu, -20, 5) <= 3);
        CHECK(worst(Activation::silu, -70, 20) <= 3);
        CHECK(worst(Activation::gelu, -8, 8) <= 9);       // double has lost its digits below -8
        CHECK(worst(Activation::leaky_relu, -3, 3) <= 1); // whose 0.2 differ in float and double
    }
}

TEMPLATE_TEST_CASE("Activations: the same bits on all instruction sets, for any number of elements", "", float,
                   double) {
    for (const auto& [activation, name] : detail::activation_names) {
        for (const Index size : {1, 2, 7, 8, 15, 16, 17, 33, 100}) {
            INFO(name << ' ' << size);
            const auto z = uniform_numbers<TestType>({3, size}, static_cast<std::uint32_t>(size), -12, 12);
            const auto dy = uniform_numbers<TestType>(z.shape(), 2);
            const auto results = on_all_isas([&, act = activation] {
                const auto y = activated(act, z);
                auto dz = dy;
                ops::activation_backward<TestType>(act, z, y, dz.view());
                return std::vector{y, dz};
            });
            // Each element as it is alone.
            if (activation == Activation::softmax) continue;
            for (Index i = 0; i < z.size(); ++i)
                CHECK(activated(activation, Tensor<TestType>{z[i]})[0] == results[0][i]);
        }
    }
}

TEMPLATE_TEST_CASE("softmax: rows of any length, against a plain loop", "", float, double) {
    for (const Index channels : {1, 2, 3, 8, 10, 15, 16, 17, 31, 32, 33, 64, 100, 257}) {
        for (const double range : {0.1, 10.0, 200.0}) {
            INFO(channels << ' ' << range);
            // Numbers are up to 2 range below the largest: rounding that difference changes the exponential by this part.
            // And so many additions go into one of the sum's lanes, each with half a unit of error.
            const double additions = static_cast<double>(channels) / static_cast<double>(simd::panel<TestType>);
            const double tolerance =
                static_cast<double>(std::numeric_limits<TestType>::epsilon()) * (4 + range + additions / 2);
            const auto z =
                uniform_numbers<TestType>({5, channels}, static_cast<std::uint32_t>(channels), -range, range);
            const auto dy = uniform_numbers<TestType>(z.shape(), 3);
            const auto results = on_all_isas([&] {
                const auto y = activated(Activation::softmax, z);
                auto dz = dy;
                ops::activation_backward<TestType>(Activation::softmax, {}, y, dz.view());
                return std::vector{y, dz};
            });
            for (Index row = 0; row < 5; ++row) {
                double largest = -infinity, sum = 0, along = 0;
                const auto at = [&](const Tensor<TestType>& t, Index c) { return static_cast<double>(t(row, c)); };
                for (Index c = 0; c < channels; ++c) largest = std::max(largest, at(z, c));
                for (Index c = 0; c < channels; ++c) sum += std::exp(at(z, c) - largest);
                for (Index c = 0; c < channels; ++c) along += std::exp(at(z, c) - largest) / sum * at(dy, c);
                for (Index c = 0; c < channels; ++c) {
                    const double y = std::exp(at(z, c) - largest) / sum;
                    CHECK(at(results[0], c) == Catch::Approx(y).epsilon(tolerance).margin(1e-37));
                    CHECK(at(results[1], c) == Catch::Approx(y * (at(dy, c) - along)).epsilon(0).margin(tolerance));
                }
            }
        }
    }
}

TEST_CASE("Activations: nothing to do for an empty tensor") {
    for (const auto& [activation, name] : detail::activation_names) {
        Tensor<float> none(Shape{0, 5});
        CHECK_NOTHROW(ops::activation_forward(activation, none.view()));
        CHECK_NOTHROW(ops::activation_backward<float>(activation, none, none, none.view()));
    }
}

TEST_CASE("Activation: names") {
    CHECK(activation_from_name("leaky_relu") == Activation::leaky_relu);
    CHECK(text(Activation::silu) == "silu");
    CHECK_THROWS_MATCHES(activation_from_name("swish2"), ValueError,
                         says("unknown name \"swish2\"; known are linear, relu"));
}
