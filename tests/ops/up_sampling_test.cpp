#include <cmath>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/ops/up_sampling.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

/// What an input counts in an output along one axis, by the definition: the hat function about its centre, the outer ones' without end.
double hat(Index output, Index input, Index size, Index inputs) {
    const double place = (static_cast<double>(output) + 0.5) / static_cast<double>(size) - 0.5;
    const double inside = std::clamp(place, 0.0, static_cast<double>(inputs - 1));
    return std::max(0.0, 1 - std::abs(inside - static_cast<double>(input)));
}

double share(const Shape& x, Size2D size, Index i, Index j, Index k, Index l) {
    return hat(i, k, size.height, x[1]) * hat(j, l, size.width, x[2]);
}

} // namespace

TEST_CASE("Interpolation: names") {
    CHECK(interpolation_from_name("bilinear") == Interpolation::bilinear);
    CHECK(interpolation_from_name("nearest") == Interpolation::nearest);
    CHECK(text(Interpolation::bilinear) == "bilinear");
    CHECK_THROWS_MATCHES(interpolation_from_name("cubic"), ValueError,
                         says("Interpolation: unknown name \"cubic\"; known are nearest, bilinear"));
}

TEMPLATE_TEST_CASE("up_sample_nearest: every output is its pixel's copy, every gradient the sum over them", "", float,
                   double) {
    using T = TestType;
    for (const Size2D size : {Size2D(1), Size2D(2), Size2D(3, 1), Size2D(2, 5)}) {
        INFO(size);
        const auto x = whole_numbers<T>(Shape{2, 3, 4, 5}, 1);
        Tensor<T> y(Shape{2, 3 * size.height, 4 * size.width, 5});
        ops::up_sample_nearest(size, x, y.view());
        const auto dy = whole_numbers<T>(y.shape(), 2);
        Tensor<T> dx(x.shape(), T{9}), expected(x.shape());
        ops::up_sample_nearest_backward(size, dy, dx.view());
        for (Index n = 0; n < 2; ++n)
            for (Index i = 0; i < y.shape()[1]; ++i)
                for (Index j = 0; j < y.shape()[2]; ++j)
                    for (Index c = 0; c < 5; ++c) {
                        REQUIRE(y(n, i, j, c) == x(n, i / size.height, j / size.width, c));
                        expected(n, i / size.height, j / size.width, c) += dy(n, i, j, c);
                    }
        CHECK(dx == expected);
    }
}

TEMPLATE_TEST_CASE("up_sample_bilinear: by the definition, and the same bits everywhere", "", float, double) {
    using T = TestType;
    const double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-14; // some ten roundings of numbers up to 4
    for (const Size2D size : {Size2D(1), Size2D(2), Size2D(3, 1), Size2D(2, 5)})
        for (const Index channels : {1, 3, 16, 21}) {
            INFO(size << ", " << channels << " channels");
            const auto x = fractions<T>(Shape{2, 3, 4, channels}, 1);
            const auto dy = fractions<T>(Shape{2, 3 * size.height, 4 * size.width, channels}, 2);
            const auto results = on_all_isas([&] {
                Tensor<T> y(dy.shape()), dx(x.shape(), T{9});
                Tensor<std::byte> memory(Shape{ops::up_sample_bilinear_scratch<T>(x.shape())}, std::byte{0xFF});
                ops::up_sample_bilinear(size, x, y.view(), Arena(memory.span()));
                ops::up_sample_bilinear_backward(size, dy, dx.view(), Arena(memory.span()));
                return std::vector<Tensor<T>>{y, dx};
            });
            Tensor<double> y(dy.shape()), dx(x.shape());
            for (Index n = 0; n < 2; ++n)
                for (Index i = 0; i < y.shape()[1]; ++i)
                    for (Index j = 0; j < y.shape()[2]; ++j)
                        for (Index k = 0; k < 3; ++k)
                            for (Index l = 0; l < 4; ++l)
                                for (Index c = 0; c < channels; ++c) {
                                    const double part = share(x.shape(), size, i, j, k, l);
                                    y(n, i, j, c) += part * static_cast<double>(x(n, k, l, c));
                                    dx(n, k, l, c) += part * static_cast<double>(dy(n, i, j, c));
                                }
            CHECK(allclose(results[0].template cast<double>(), y, tolerance, tolerance));
            CHECK(allclose(results[1].template cast<double>(), dx, tolerance, 10 * tolerance));
        }
}

TEST_CASE("up_sample_bilinear: a plain image stays exactly plain") {
    const Tensor<float> x(Shape{1, 3, 2, 3}, 0.1F);
    Tensor<float> y(Shape{1, 9, 14, 3});
    Tensor<std::byte> memory(Shape{ops::up_sample_bilinear_scratch<float>(x.shape())});
    ops::up_sample_bilinear({3, 7}, x, y.view(), Arena(memory.span()));
    CHECK(y == Tensor<float>(y.shape(), 0.1F));
}
