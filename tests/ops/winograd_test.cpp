#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/pooling.hpp>
#include <fovea/ops/winograd.hpp>

#include "catch.hpp"

#include "support/isa.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

struct WinogradCase {
    ops::Winograd sizes;
    Index batch;

    Shape x() const { return {batch, sizes.height, sizes.width, sizes.channels}; }
    Shape y() const { return {batch, sizes.output_height, sizes.output_width, sizes.filters}; }
    Shape kernel() const { return {3, 3, sizes.channels, sizes.filters}; }
    Shape pooled() const { return {batch, sizes.output_height / 2, sizes.output_width / 2, sizes.filters}; }
};

std::ostream& operator<<(std::ostream& out, const WinogradCase& c) {
    return out << c.x() << " -> " << c.y() << ", padding " << c.sizes.top << ' ' << c.sizes.left << ", tile "
               << c.sizes.tile;
}

/// Outputs are 1 to whatever 2 rows of padding behind the input allow.
WinogradCase winograd_case(std::uint32_t number, Index longest_side = 12, Index most_channels = 70) {
    const random::Stream stream{21, random::Purpose::user, number, 0};
    const auto from_one = [&](std::uint64_t i, Index most) {
        return static_cast<Index>(stream.below(i, static_cast<std::uint32_t>(most))) + 1;
    };
    WinogradCase c{};
    c.sizes = {from_one(0, longest_side),  from_one(1, longest_side), from_one(2, most_channels),
               from_one(3, most_channels), from_one(4, 3) - 1,        from_one(5, 3) - 1};
    c.sizes.output_height = from_one(6, c.sizes.height + c.sizes.top);
    c.sizes.output_width = from_one(7, c.sizes.width + c.sizes.left);
    c.batch = from_one(8, 5);
    return c;
}

WinogradCase with_tile(int tile, WinogradCase c) {
    c.sizes.tile = tile;
    return c;
}

/// Shapes that take more than one block of tiles, of channels and of filters.
const std::vector<WinogradCase> large_winograd_cases{{{35, 34, 3, 5, 0, 1, 33, 35}, 3},
                                                     {{4, 4, 140, 136, 1, 1, 4, 4}, 2},
                                                     {{5, 6, 300, 20, 1, 0, 5, 4}, 2},
                                                     {{6, 5, 20, 300, 1, 2, 5, 5}, 2}};

template <class T>
Tensor<T> winograd_fractions(const Shape& shape, std::uint32_t number) {
    Tensor<T> tensor(shape);
    fill_fractions(tensor.data(), tensor.size(), {22, random::Purpose::user, number, 0});
    return tensor;
}

/// Exactly as many bytes as asked for, all of them set so that what is read before it is written shows up as NaN.
class WinogradScratch {
public:
    explicit WinogradScratch(Index bytes) : memory_(static_cast<std::size_t>(bytes) + 63, std::byte{0xFF}) {
        void* start = memory_.data();
        std::size_t space = memory_.size();
        start_ = static_cast<std::byte*>(std::align(64, static_cast<std::size_t>(bytes), start, space));
        size_ = static_cast<std::size_t>(bytes);
    }
    Arena arena() const { return Arena(std::span(start_, size_)); }

private:
    std::vector<std::byte> memory_;
    std::byte* start_;
    std::size_t size_;
};

/// Operands, and what the functions make of them.
template <class T>
struct WinogradRun {
    static constexpr T blank = std::numeric_limits<T>::quiet_NaN();
    WinogradCase c;
    Tensor<T> x, kernel, bias, dy, y, dx, dkernel, pooled;
    Tensor<std::uint8_t> codes;

    template <class Numbers>
    WinogradRun(const WinogradCase& sizes, Numbers&& numbers)
        : c(sizes), x(numbers(c.x(), 1)), kernel(numbers(c.kernel(), 2)), bias(numbers(Shape{c.sizes.filters}, 3)),
          dy(numbers(c.y(), 4)), y(c.y(), blank), dx(c.x(), blank), dkernel(numbers(c.kernel(), 5)),
          pooled(c.pooled(), blank), codes(c.pooled(), 99) {}

    void forward(bool with_bias, bool relu) {
        const std::vector<T> packed = packed_forward();
        const WinogradScratch scratch(ops::winograd_forward_scratch<T>(c.sizes, c.batch));
        ops::winograd_forward<T>(c.sizes, x, packed.data(), with_bias ? bias.data() : nullptr, relu, y,
                                 scratch.arena());
    }
    void forward_pooled(bool with_bias, bool relu, bool with_codes = true) {
        const std::vector<T> packed = packed_forward();
        const WinogradScratch scratch(ops::winograd_forward_scratch<T>(c.sizes, c.batch));
        ops::winograd_forward_pooled<T>(c.sizes, x, packed.data(), with_bias ? bias.data() : nullptr, relu, pooled,
                                        with_codes ? codes.data() : nullptr, scratch.arena());
    }
    void backward_input() {
        std::vector<T> packed(static_cast<std::size_t>(c.sizes.packed_backward<T>()), blank);
        ops::winograd_pack_backward<T>(c.sizes, kernel, packed.data());
        const WinogradScratch scratch(ops::winograd_backward_input_scratch<T>(c.sizes, c.batch));
        ops::winograd_backward_input<T>(c.sizes, dy, packed.data(), dx, scratch.arena());
    }
    void backward_kernel() {
        const WinogradScratch scratch(ops::winograd_backward_kernel_scratch<T>(c.sizes, c.batch));
        ops::winograd_backward_kernel<T>(c.sizes, x, dy, dkernel, scratch.arena());
    }

private:
    std::vector<T> packed_forward() const {
        std::vector<T> packed(static_cast<std::size_t>(c.sizes.packed_forward<T>()), blank);
        ops::winograd_pack_forward<T>(c.sizes, kernel, packed.data());
        return packed;
    }
};

/// f(output's offset, input's offset, tap) for every pixel of y and every tap that lies inside x.
template <class F>
void for_each_winograd_tap(const WinogradCase& c, F&& f) {
    const ops::Winograd& g = c.sizes;
    Index out = 0;
    for (Index n = 0; n < c.batch; ++n) {
        for (Index i = 0; i < g.output_height; ++i) {
            for (Index j = 0; j < g.output_width; ++j, ++out) {
                for (Index tap = 0; tap < 9; ++tap) {
                    const Index row = i - g.top + tap / 3;
                    const Index column = j - g.left + tap % 3;
                    if (row < 0 || row >= g.height || column < 0 || column >= g.width) continue;
                    f(out * g.filters, ((n * g.height + row) * g.width + column) * g.channels, tap);
                }
            }
        }
    }
}

/// The three passes by their definition, without bias and ReLU.
struct NaiveWinograd {
    Tensor<double> y, dx, dkernel;

    template <class T>
    explicit NaiveWinograd(const WinogradRun<T>& run)
        : y(run.y.shape()), dx(run.x.shape()), dkernel(run.kernel.shape()) {
        const ops::Winograd& g = run.c.sizes;
        for_each_winograd_tap(run.c, [&](Index out, Index in, Index tap) {
            // Pointers: an unoptimised build takes three times as long with operator[].
            const T *const dy_of = run.dy.data() + out, *const x_of = run.x.data() + in;
            double *const y_of = y.data() + out, *const dx_of = dx.data() + in;
            for (Index c = 0; c < g.channels; ++c) {
                const Index row = (tap * g.channels + c) * g.filters;
                const T* const kernel_of = run.kernel.data() + row;
                double* const dkernel_of = dkernel.data() + row;
                const auto value = static_cast<double>(x_of[c]);
                for (Index f = 0; f < g.filters; ++f) {
                    const auto weight = static_cast<double>(kernel_of[f]), slope = static_cast<double>(dy_of[f]);
                    y_of[f] += value * weight;
                    dx_of[c] += slope * weight;
                    dkernel_of[f] += slope * value;
                }
            }
        });
    }
};

/// Elements that differ in any bit.
template <class T>
Index winograd_differences(const Tensor<T>& a, const Tensor<T>& b) {
    REQUIRE(a.shape() == b.shape());
    Index count = 0;
    for (Index i = 0; i < a.size(); ++i) count += std::memcmp(a.data() + i, b.data() + i, sizeof(T)) != 0;
    return count;
}

template <class T>
void check_exact(const WinogradCase& c, bool with_bias, bool relu) {
    CAPTURE(c, with_bias, relu);
    WinogradRun<T> run(c, whole_numbers<T>);
    const NaiveWinograd naive(run);
    const Tensor<T> before = run.dkernel;
    run.forward(with_bias, relu);
    run.backward_input();
    run.backward_kernel();
    Index wrong = 0;
    for (Index i = 0; i < run.y.size(); ++i) {
        const double sum = naive.y[i] + (with_bias ? static_cast<double>(run.bias[i % c.sizes.filters]) : 0);
        wrong += static_cast<double>(run.y[i]) != (relu ? std::max(sum, 0.0) : sum);
    }
    CHECK(wrong == 0);
    wrong = 0;
    for (Index i = 0; i < run.dx.size(); ++i) wrong += static_cast<double>(run.dx[i]) != naive.dx[i];
    CHECK(wrong == 0);
    wrong = 0;
    for (Index i = 0; i < run.dkernel.size(); ++i)
        wrong += static_cast<double>(run.dkernel[i]) != static_cast<double>(before[i]) + naive.dkernel[i];
    CHECK(wrong == 0);
}

/// The largest error, in units of rounding times the root of the number of terms times the result's root mean square.
template <class T>
double winograd_error(const Tensor<T>& result, const Tensor<double>& expected, Index terms) {
    double largest = 0;
    double squares = 0;
    for (Index i = 0; i < result.size(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(result[i]) - expected[i]));
        squares += expected[i] * expected[i];
    }
    const double size = std::sqrt(squares / static_cast<double>(result.size()));
    return largest /
           (size * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::sqrt(static_cast<double>(terms)));
}

} // namespace

// Of whole numbers from -4 to 4 every intermediate result is a multiple of 1/4 below 2^22, so that float represents it exactly
// and the tolerance is zero: a transformed input or gradient is at most 16, a kernel 9; at most 300 products are summed over
// channels or 1,000 over tiles, and 9 of these sums make an output, 16 an element of the kernel.
TEMPLATE_TEST_CASE("winograd with tiles of 2x2 convolves like the plain loop", "", float, double) {
    for (std::uint32_t number = 0; number < 160; ++number)
        check_exact<TestType>(winograd_case(number), number % 3 != 0, number % 4 < 2);
    for (const WinogradCase& c : large_winograd_cases) check_exact<TestType>(c, true, false);
}

TEMPLATE_TEST_CASE("winograd's packed weights have zeros behind the last column", "", float, double) {
    using T = TestType;
    const auto check = [](const WinogradCase& c, bool backward) {
        CAPTURE(c, backward);
        const ops::Winograd& g = c.sizes;
        const Tensor<T> kernel = winograd_fractions<T>(c.kernel(), 2);
        const Index depth = backward ? g.filters : g.channels;
        const Index width = backward ? g.channels : g.filters;
        std::vector<T> packed(static_cast<std::size_t>(g.matrices() * depth * simd::padded<T>(width)), T{7});
        if (backward)
            ops::winograd_pack_backward<T>(g, kernel, packed.data());
        else
            ops::winograd_pack_forward<T>(g, kernel, packed.data());
        Index wrong = 0;
        for (std::size_t i = 0; i < packed.size(); ++i) {
            const auto in_matrix = static_cast<Index>(i) % (depth * simd::padded<T>(width));
            const Index column = in_matrix / (depth * simd::panel<T>)*simd::panel<T> + in_matrix % simd::panel<T>;
            wrong += column >= width ? packed[i] != 0 : packed[i] == 7;
        }
        CHECK(wrong == 0);
    };
    for (std::uint32_t number = 700; number < 720; ++number)
        for (const int tile : {2, 3})
            for (const bool backward : {false, true}) check(with_tile(tile, winograd_case(number)), backward);
}

// Errors of n additions grow like the root of n where they are independent, and the transforms put a factor on it. The largest
// measured for tiles of 2x2 is 3.6 with float and 4.5 with double; for tiles of 3x3, whose transforms multiply by 2 to 4 and
// divide by 6, it is 11.6 and 15.3. The tolerances are twice that; a wrong result is off by a million times as much.
TEMPLATE_TEST_CASE("winograd's rounding errors are small", "", float, double) {
    const auto largest_error = [](const WinogradCase& c) {
        CAPTURE(c);
        WinogradRun<TestType> run(c, winograd_fractions<TestType>);
        const NaiveWinograd naive(run);
        std::fill(run.dkernel.begin(), run.dkernel.end(), TestType{});
        run.forward(false, false);
        run.backward_input();
        run.backward_kernel();
        const ops::Winograd& g = run.c.sizes;
        const Index pixels = run.c.batch * g.output_height * g.output_width;
        return std::max({winograd_error(run.y, naive.y, 9 * g.channels),
                         winograd_error(run.dx, naive.dx, 9 * g.filters),
                         winograd_error(run.dkernel, naive.dkernel, pixels)});
    };
    const auto check_below = [&](int tile, double tolerance, std::uint32_t cases) {
        double largest = 0;
        for (std::uint32_t number = 0; number < cases; ++number)
            largest = std::max(largest, largest_error(with_tile(tile, winograd_case(200 + number))));
        for (const WinogradCase& c : large_winograd_cases)
            largest = std::max(largest, largest_error(with_tile(tile, c)));
        CHECK(largest > 0.1);
        CHECK(largest < tolerance);
    };
    check_below(2, 9, 40);
    check_below(3, 31, 160); // and so that they convolve like the plain loop
}

TEMPLATE_TEST_CASE("winograd with tiles of 3x3 adds bias, rectifies, and adds to the gradient of the kernel", "", float,
                   double) {
    for (std::uint32_t number = 0; number < 20; ++number) {
        const WinogradCase c = with_tile(3, winograd_case(600 + number));
        CAPTURE(c);
        WinogradRun<TestType> plain(c, winograd_fractions<TestType>), run(c, winograd_fractions<TestType>);
        const Tensor<TestType> before = run.dkernel;
        std::fill(plain.dkernel.begin(), plain.dkernel.end(), TestType{});
        plain.forward(false, false);
        plain.backward_kernel();
        run.forward(true, number % 2 == 0);
        run.backward_kernel();
        Index wrong = 0;
        for (Index i = 0; i < run.y.size(); ++i) { // the bias is added last
            const TestType sum = plain.y[i] + run.bias[i % c.sizes.filters];
            wrong += run.y[i] != (number % 2 == 0 ? std::max(sum, TestType{}) : sum);
        }
        CHECK(wrong == 0);
        wrong = 0;
        for (Index i = 0; i < before.size(); ++i) wrong += run.dkernel[i] != before[i] + plain.dkernel[i];
        CHECK(wrong == 0);
    }
}

TEMPLATE_TEST_CASE("winograd's results have the same bits on every instruction set", "", float, double) {
    const auto compute = [](Isa isa, const WinogradCase& c, bool relu) {
        const IsaGuard guard(isa);
        WinogradRun<TestType> run(c, winograd_fractions<TestType>);
        run.forward(true, relu);
        if (c.sizes.tile == 2) run.forward_pooled(true, relu);
        run.backward_input();
        run.backward_kernel();
        return run;
    };
    std::vector<WinogradCase> cases = large_winograd_cases;
    for (const WinogradCase& c : large_winograd_cases) cases.push_back(with_tile(3, c));
    for (std::uint32_t number = 300; number < 360; ++number)
        cases.push_back(with_tile(2 + number % 2, winograd_case(number, 8, 40)));
    for (const WinogradCase& c : cases) {
        const auto reference = compute(available_isas().back(), c, c.batch % 2 == 0);
        for (const Isa isa : available_isas()) {
            CAPTURE(isa, c);
            const auto run = compute(isa, c, c.batch % 2 == 0);
            CHECK(winograd_differences(run.y, reference.y) == 0);
            CHECK(winograd_differences(run.pooled, reference.pooled) == 0);
            CHECK(winograd_differences(run.codes, reference.codes) == 0);
            CHECK(winograd_differences(run.dx, reference.dx) == 0);
            CHECK(winograd_differences(run.dkernel, reference.dkernel) == 0);
        }
    }
}

TEMPLATE_TEST_CASE("winograd's pooled output is the pooled plain one", "", float, double) {
    using T = TestType;
    Index dead = 0;
    Index ties = 0;
    Index not_numbers = 0;
    for (const Isa isa : available_isas()) {
        const IsaGuard guard(isa);
        for (std::uint32_t number = 400; number < 440; ++number) {
            const bool relu = number % 2 == 0;
            WinogradRun<T> run(winograd_case(number, 12, 40), whole_numbers<T>);
            CAPTURE(isa, run.c, relu);
            if (number % 5 == 0) run.x[run.x.size() / 2] = std::numeric_limits<T>::quiet_NaN();
            if (number % 5 == 1) std::fill(run.x.begin(), run.x.end(), T{1}); // ties inside of the image
            run.forward(true, relu);
            run.forward_pooled(true, relu);
            if (run.pooled.size() == 0) continue;
            Tensor<T> expected(run.c.pooled());
            Tensor<simd::Integer<T>> winners(run.c.pooled());
            const Window2D window("MaxPooling2D", "pool", {run.y.shape()[1], run.y.shape()[2], run.y.shape()[3]}, 2, 2,
                                  1, Padding::valid);
            ops::max_pool_forward<T>(window, run.y, expected, winners.data());
            Index wrong = 0;
            for (Index i = 0; i < expected.size(); ++i) {
                const bool is_dead = relu && expected[i] <= 0;
                const bool is_nan = expected[i] != expected[i];
                wrong += is_nan ? run.pooled[i] == run.pooled[i] : run.pooled[i] != expected[i];
                wrong += run.codes[i] != (is_dead ? dead_cell : winners[i]);
                dead += is_dead;
                not_numbers += is_nan;
                ties += number % 5 == 1 && run.codes[i] == 0;
            }
            CHECK(wrong == 0);
            const Tensor<T> with_codes = run.pooled;
            run.forward_pooled(true, relu, false);
            CHECK(winograd_differences(run.pooled, with_codes) == 0);
        }
    }
    CHECK(dead > 0);
    CHECK(ties > 0);
    CHECK(not_numbers > 0);
}

TEMPLATE_TEST_CASE("winograd's result for an image does not depend on the images beside it", "", float, double) {
    const auto rows = [](const Tensor<TestType>& tensor, Index first, Index count) {
        const Shape& shape = tensor.shape();
        Tensor<TestType> part(Shape{count, shape[1], shape[2], shape[3]});
        std::copy_n(tensor.data() + first * (tensor.size() / shape[0]), part.size(), part.data());
        return part;
    };
    const auto compute = [](WinogradRun<TestType>& run) {
        run.forward(true, false);
        if (run.c.sizes.tile == 2) run.forward_pooled(true, true);
        run.backward_input();
    };
    std::vector<WinogradCase> cases = large_winograd_cases;
    for (const WinogradCase& c : large_winograd_cases) cases.push_back(with_tile(3, c));
    for (std::uint32_t number = 500; number < 530; ++number)
        cases.push_back(with_tile(2 + number % 2, winograd_case(number)));
    for (const WinogradCase& c : cases) {
        CAPTURE(c);
        WinogradRun<TestType> all(c, winograd_fractions<TestType>);
        compute(all);
        for (Index n = 0; n < c.batch; ++n) {
            WinogradRun<TestType> one({c.sizes, 1}, winograd_fractions<TestType>);
            one.x = rows(all.x, n, 1);
            one.dy = rows(all.dy, n, 1);
            compute(one);
            CHECK(winograd_differences(one.y, rows(all.y, n, 1)) == 0);
            CHECK(winograd_differences(one.dx, rows(all.dx, n, 1)) == 0);
            if (c.sizes.tile == 2) CHECK(winograd_differences(one.pooled, rows(all.pooled, n, 1)) == 0);
        }
    }
}
