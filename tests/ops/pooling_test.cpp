#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/pooling.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

namespace {

Window2D window(const Shape& image, Size2D size, Size2D strides, Padding padding) {
    return {"Pooling", "pool", image, size, strides, 1, padding};
}

template <class T>
Shape output(const Window2D& w, const Tensor<T>& x) {
    return {x.shape()[0], w.height.output, w.width.output, x.shape()[3]};
}

template <class T>
struct Pooled {
    Tensor<T> y, dx;
    Tensor<simd::Integer<T>> winners;
};

template <class T>
Pooled<T> max_pool(const Window2D& w, const Tensor<T>& x, const Tensor<T>& dy) {
    const Shape shape = output(w, x);
    Pooled<T> out{Tensor<T>(shape), Tensor<T>(x.shape(), 99), Tensor<simd::Integer<T>>(shape)};
    ops::max_pool_forward<T>(w, x, out.y, out.winners.data());
    ops::max_pool_backward<T>(w, out.winners.data(), dy, out.dx);
    return out;
}

/// Few different values, so that there are ties.
template <class T = float>
Tensor<T> with_ties(const Shape& shape, std::uint32_t number) {
    Tensor<T> result(shape);
    const random::Stream stream{1, random::Purpose::user, number, 0};
    for (Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<T>(stream.below(static_cast<std::uint64_t>(i), 21)) - 10;
    return result;
}

/// Both poolings by their definition, one element at a time; all sums are of whole numbers but for the division.
template <class T>
struct NaivePooling {
    Tensor<T> largest, mean, dx_largest, dx_mean;
    Tensor<simd::Integer<T>> winners;

    NaivePooling(const Window2D& w, const Tensor<T>& x, const Tensor<T>& dy)
        : largest(output(w, x)), mean(largest.shape()), dx_largest(x.shape()), dx_mean(x.shape()),
          winners(largest.shape()) {
        for (Index n = 0; n < x.shape()[0]; ++n)
            for (Index i = 0; i < w.height.output; ++i)
                for (Index j = 0; j < w.width.output; ++j)
                    for (Index c = 0; c < x.shape()[3]; ++c) place(w, x, dy, n, i, j, c);
    }

private:
    void place(const Window2D& w, const Tensor<T>& x, const Tensor<T>& dy, Index n, Index i, Index j, Index c) {
        std::vector<std::pair<Index, Index>> inside;
        for (Index a = 0; a < w.height.kernel; ++a)
            for (Index b = 0; b < w.width.kernel; ++b) {
                const Index row = i * w.height.stride - w.height.before + a;
                const Index column = j * w.width.stride - w.width.before + b;
                if (0 <= row && row < x.shape()[1] && 0 <= column && column < x.shape()[2])
                    inside.emplace_back(row, column);
            }
        auto winner = inside.front();
        T sum = 0;
        for (const auto& [row, column] : inside) {
            sum += x(n, row, column, c);
            if (x(n, row, column, c) > x(n, winner.first, winner.second, c)) winner = {row, column};
        }
        const auto count = static_cast<T>(inside.size());
        largest(n, i, j, c) = x(n, winner.first, winner.second, c);
        winners(n, i, j, c) = static_cast<simd::Integer<T>>((winner.first - w.height.first(i)) * w.width.kernel +
                                                            winner.second - w.width.first(j));
        mean(n, i, j, c) = sum / count;
        dx_largest(n, winner.first, winner.second, c) += dy(n, i, j, c);
        for (const auto& [row, column] : inside) dx_mean(n, row, column, c) += dy(n, i, j, c) / count;
    }
};

} // namespace

TEMPLATE_TEST_CASE("Pooling: as the definition says, for any window and any number of channels", "", float, double) {
    using T = TestType;
    for (const Padding padding : {Padding::valid, Padding::same})
        for (const Size2D size : {Size2D{1, 1}, Size2D{2, 2}, Size2D{3, 2}, Size2D{4, 5}})
            for (const Size2D strides : {Size2D{1, 1}, Size2D{2, 2}, Size2D{2, 3}, Size2D{5, 4}})
                for (const Index channels : {1, 3, 8, 16, 21, 48}) {
                    INFO(padding << ' ' << size << ' ' << strides << ' ' << channels);
                    const auto x = with_ties<T>({2, 7, 6, channels}, 1);
                    const auto w = window({7, 6, channels}, size, strides, padding);
                    const auto dy = with_ties<T>(output(w, x), 2);
                    const NaivePooling<T> expected(w, x, dy);
                    for (const Isa isa : available_isas()) {
                        INFO(isa);
                        const IsaGuard guard(isa);
                        const auto out = max_pool(w, x, dy);
                        CHECK(out.y == expected.largest);
                        CHECK(out.winners == expected.winners);
                        CHECK(out.dx == expected.dx_largest);
                        Tensor<T> y(output(w, x), 99), dx(x.shape(), 99);
                        ops::max_pool_forward<T>(w, x, y, nullptr);
                        CHECK(y == expected.largest);
                        ops::average_pool_forward<T>(w, x, y);
                        CHECK(y == expected.mean);
                        ops::average_pool_backward<T>(w, dy, dx);
                        CHECK(dx == expected.dx_mean);
                    }
                }
}

TEMPLATE_TEST_CASE("Pooling: the same bits on all instruction sets", "", float, double) {
    using T = TestType;
    const random::Stream stream{7, random::Purpose::user, 0, 0};
    for (std::uint64_t number = 0; number < 80; ++number) {
        const auto draw = [&](std::uint64_t which, std::uint32_t most) {
            return 1 + static_cast<Index>(stream.below(number * 8 + which, most));
        };
        const Shape image{5 + draw(0, 9), 5 + draw(1, 9), draw(2, 40)};
        const auto w = window(image, {draw(3, 5), draw(4, 5)}, {draw(5, 4), draw(6, 4)},
                              number % 2 == 0 ? Padding::valid : Padding::same);
        const auto x = uniform_numbers<T>(image.prepend(2), static_cast<std::uint32_t>(number));
        const auto dy = uniform_numbers<T>(output(w, x), 99);
        INFO(image << ' ' << w.height.kernel << ' ' << w.width.kernel << ' ' << w.height.stride << ' '
                   << w.width.stride);
        on_all_isas([&] {
            const auto out = max_pool(w, x, dy);
            Tensor<T> y(dy.shape()), dx(x.shape(), 99);
            ops::average_pool_forward<T>(w, x, y);
            ops::average_pool_backward<T>(w, dy, dx);
            return std::vector{out.y, out.dx, y, dx};
        });
    }
}

TEST_CASE("Max pooling: NaN wins wherever it stands in its window, and nowhere else") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    const auto w = window({2, 4, 17}, 2, 2, Padding::valid);
    for (const Index place : {0, 1, 4, 5}) {  // of 2x4 pixels, those of the left window
        for (const Index channel : {0, 16}) { // in a vector, and left over
            auto x = with_ties({1, 2, 4, 17}, 1);
            const auto clean = max_pool(w, x, Tensor<float>(Shape{1, 1, 2, 17}, 1));
            x[place * 17 + channel] = nan;
            const auto out = max_pool(w, x, Tensor<float>(Shape{1, 1, 2, 17}, 1));
            INFO(place << ' ' << channel);
            CHECK(std::isnan(out.y[channel]));
            CHECK(out.dx[place * 17 + channel] == 1);
            CHECK(std::count_if(out.y.begin(), out.y.end(), [](float value) { return std::isnan(value); }) == 1);
            CHECK(out.y[17 + channel] == clean.y[17 + channel]);
        }
    }
}

TEST_CASE("Max pooling: a window of minus infinity has that as its largest") {
    const Tensor<float> x(Shape{1, 2, 2, 1}, -std::numeric_limits<float>::infinity());
    const auto out = max_pool(window({2, 2, 1}, 2, 2, Padding::valid), x, Tensor<float>(Shape{1, 1, 1, 1}, 1));
    CHECK(out.y == Tensor<float>(Shape{1, 1, 1, 1}, -std::numeric_limits<float>::infinity()));
    CHECK(out.dx == Tensor<float>(Shape{1, 2, 2, 1}, {1, 0, 0, 0}));
}

TEST_CASE("Average pooling: the rounding over a large map stays small") {
    const Tensor<float> x(Shape{1, 512, 512, 1}, 0.1F); // one by one the sum is off by 0.7 %
    Tensor<float> y(Shape{1, 1, 1, 1});
    ops::average_pool_forward<float>(Window2D::whole("GlobalAveragePooling2D", {512, 512, 1}), x, y);
    CHECK(y[0] == Catch::Approx(0.1).epsilon(1e-4));
}
