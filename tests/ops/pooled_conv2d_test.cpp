#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <ostream>
#include <span>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/ops/pooled_conv2d.hpp>

#include "catch.hpp"

#include "support/isa.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

namespace pooled_conv2d_test {
namespace {

using Codes = std::vector<std::uint8_t>;

constexpr std::uint8_t dead = dead_cell;

struct Case {
    Index batch = 1, height = 1, width = 1, channels = 1;
    Size2D kernel = 1;
    Index filters = 1;
    Size2D strides = 1, dilation = 1, pool = 1, pool_strides = 1;
    Padding padding = Padding::valid;
    bool relu = false, bias = false;

    friend std::ostream& operator<<(std::ostream& out, const Case& c) {
        return out << Shape{c.batch, c.height, c.width, c.channels} << " kernel " << c.kernel << " filters "
                   << c.filters << " strides " << c.strides << " dilation " << c.dilation << " pool " << c.pool
                   << " pool strides " << c.pool_strides << " padding " << c.padding << " relu " << c.relu << " bias "
                   << c.bias;
    }

    ops::PooledConv2D geometry() const {
        const Window2D conv("Conv2D", "kernel", {height, width, channels}, kernel, strides, dilation, padding);
        const Window2D window("MaxPooling2D", "pool", {conv.height.output, conv.width.output, filters}, pool,
                              pool_strides, 1, Padding::valid);
        return {conv, window, channels, filters};
    }
};

Case random_case(std::uint32_t number) {
    const random::Stream stream{11, random::Purpose::user, number, 0};
    std::uint64_t drawn = 0;
    const auto below = [&](std::uint32_t bound) { return static_cast<Index>(stream.below(drawn++, bound)); };
    const Size2D pools[] = {{2, 2}, {2, 2}, {3, 3}, {2, 1}, {1, 3}, {1, 1}, {4, 3}};
    Case c;
    c.batch = 1 + below(4);
    c.kernel = {1 + below(3), 1 + below(4)};
    c.strides = {1 + below(2), 1 + below(2)};
    c.dilation = below(3) == 0 ? Size2D{1 + below(2), 2} : Size2D{1};
    c.pool = pools[below(7)];
    c.pool_strides = below(4) == 0 ? Size2D{c.pool.height + below(2), c.pool.width + 1} : c.pool;
    c.padding = below(2) == 0 ? Padding::valid : Padding::same;
    c.channels = below(3) == 0 ? 1 + below(70) : 1 + below(9); // many small ones: they have a path of their own
    c.filters = below(2) == 0 ? 1 + below(70) : 1 + below(20);
    const bool wide = number % 6 == 0; // more cells than a mask has bits
    if (wide) c.channels = 5 + below(12);
    if (wide) c.filters = 1 + below(8);
    // As many pixels as one cell needs, and up to 3 more.
    const auto extent = [&](Index kernel, Index dilation, Index stride, Index pool) {
        return (kernel - 1) * dilation + 1 + (pool - 1) * stride + below(wide ? 16 : 4);
    };
    c.height = extent(c.kernel.height, c.dilation.height, c.strides.height, c.pool.height);
    c.width = extent(c.kernel.width, c.dilation.width, c.strides.width, c.pool.width);
    c.relu = below(3) != 0;
    c.bias = below(3) != 0;
    return c;
}

/// Whole numbers from -3 to 3, whose sums are exact and have many ties, or fractions.
template <class T>
std::vector<T> numbers(Index count, std::uint32_t number, bool whole) {
    std::vector<T> result(static_cast<std::size_t>(count));
    const random::Stream stream{12, random::Purpose::user, number, 0};
    if (whole)
        fill_whole(result.data(), count, stream, 3);
    else
        fill_fractions(result.data(), count, stream);
    return result;
}

/// What goes in, and what comes out: y, codes, dkernel, dbias and dx.
template <class T>
struct Data {
    std::vector<T> x, kernel, bias, dy, y, dkernel, dbias, dx;
    Codes codes;

    Data(const Case& c, const ops::PooledConv2D& g, bool whole)
        : x(numbers<T>(c.batch * g.image(), 1, whole)), kernel(numbers<T>(g.patch() * c.filters, 2, whole)),
          bias(numbers<T>(c.filters, 3, whole)), dy(numbers<T>(c.batch * g.pooled_image(), 4, whole)),
          y(dy.size(), T(77)), dkernel(numbers<T>(g.patch() * c.filters, 5, whole)),
          dbias(numbers<T>(c.filters, 6, whole)), dx(x.size(), T(77)), codes(dy.size(), 77) {}

    const T* bias_of(const Case& c) const { return c.bias ? bias.data() : nullptr; }
};

/// Calls `f(element of x, element of kernel)` for every product in a pixel of the convolution. The images have their
/// padding, so nothing is left out.
template <class F>
void each_product(const Case& c, const ops::PooledConv2D& g, Index n, Index row, Index column, Index filter, F&& f) {
    for (Index a = 0; a < c.kernel.height; ++a)
        for (Index b = 0; b < c.kernel.width; ++b)
            for (Index d = 0; d < c.channels; ++d) {
                const Index i = row * c.strides.height + a * c.dilation.height;
                const Index j = column * c.strides.width + b * c.dilation.width;
                f(static_cast<std::size_t>(((n * g.height + i) * g.width + j) * c.channels + d),
                  static_cast<std::size_t>(((a * c.kernel.width + b) * c.channels + d) * c.filters + filter));
            }
}

/// The plain loops, in double. Returns the results of the convolution in the order of pooled_conv2d_pool_cells.
template <class T>
std::vector<T> compute_plainly(const Case& c, const ops::PooledConv2D& g, Data<T>& data) {
    std::vector<T> conv(data.y.size() * static_cast<std::size_t>(g.pool.taps()));
    std::vector<double> dx(data.x.size()), dkernel(data.dkernel.begin(), data.dkernel.end()),
        dbias(data.dbias.begin(), data.dbias.end());
    const Index rows = g.pool.height.output, columns = g.pool.width.output;
    for (Index out = 0; out < static_cast<Index>(data.y.size()); ++out) {
        const Index filter = out % c.filters;
        const Index cell = out / c.filters;
        const Index n = cell / (rows * columns);
        const Index top = cell / columns % rows * c.pool_strides.height;
        const Index left = cell % columns * c.pool_strides.width;
        double best = -std::numeric_limits<double>::infinity();
        Index winner = 0;
        for (Index tap = 0; tap < g.pool.taps(); ++tap) {
            double sum = c.bias ? static_cast<double>(data.bias[static_cast<std::size_t>(filter)]) : 0;
            each_product(c, g, n, top + tap / c.pool.width, left + tap % c.pool.width, filter,
                         [&](std::size_t x, std::size_t k) { sum += double{data.x[x]} * double{data.kernel[k]}; });
            conv[static_cast<std::size_t>((cell * g.pool.taps() + tap) * c.filters + filter)] = static_cast<T>(sum);
            if (sum > best) {
                best = sum;
                winner = tap;
            }
        }
        const auto at = static_cast<std::size_t>(out);
        const bool lives = !c.relu || best > 0;
        data.y[at] = lives ? static_cast<T>(best) : 0;
        data.codes[at] = lives ? static_cast<std::uint8_t>(winner) : dead;
        if (!lives) continue;
        dbias[static_cast<std::size_t>(filter)] += data.dy[at];
        each_product(c, g, n, top + winner / c.pool.width, left + winner % c.pool.width, filter,
                     [&](std::size_t x, std::size_t k) {
                         dkernel[k] += double{data.dy[at]} * double{data.x[x]};
                         dx[x] += double{data.dy[at]} * double{data.kernel[k]};
                     });
    }
    for (std::size_t i = 0; i < dx.size(); ++i) data.dx[i] = static_cast<T>(dx[i]);
    for (std::size_t i = 0; i < dkernel.size(); ++i) data.dkernel[i] = static_cast<T>(dkernel[i]);
    for (std::size_t i = 0; i < dbias.size(); ++i) data.dbias[i] = static_cast<T>(dbias[i]);
    return conv;
}

template <class T>
std::vector<T> packed(const std::vector<T>& kernel, Index patch, Index filters) {
    constexpr Index panel = simd::panel<T>;
    std::vector<T> result(static_cast<std::size_t>(patch * simd::padded<T>(filters)));
    for (Index k = 0; k < patch; ++k)
        for (Index f = 0; f < filters; ++f)
            result[static_cast<std::size_t>((f / panel * patch + k) * panel + f % panel)] =
                kernel[static_cast<std::size_t>(k * filters + f)];
    return result;
}

/// Scratch of exactly the size asked for, full of NaN.
class Scratch {
public:
    explicit Scratch(Index bytes) : size_(static_cast<std::size_t>(bytes)), memory_(size_ + 64, std::byte{0xFF}) {}
    operator Arena() {
        void* start = memory_.data();
        std::size_t space = memory_.size();
        return Arena(std::span(static_cast<std::byte*>(std::align(64, size_, start, space)), size_));
    }

private:
    std::size_t size_;
    std::vector<std::byte> memory_;
};

template <class T>
void forward(const Case& c, const ops::PooledConv2D& g, Data<T>& data) {
    const auto weights = packed(data.kernel, g.patch(), g.filters);
    ops::pooled_conv2d_forward_shallow<T>(g, c.batch, data.x.data(), weights.data(), data.bias_of(c), c.relu,
                                          data.y.data(), data.codes.data());
}

template <class T>
void backward(const Case& c, const ops::PooledConv2D& g, Data<T>& data) {
    Scratch first(g.backward_kernel_scratch<T>());
    ops::pooled_conv2d_backward_kernel<T>(g, c.batch, data.x.data(), data.dy.data(), data.codes.data(),
                                          data.dkernel.data(), data.dbias.data(), first);
    std::vector<T> transposed(static_cast<std::size_t>(g.transposed_size<T>()), T(77));
    ops::pooled_conv2d_pack_transposed<T>(g, data.kernel.data(), transposed.data());
    Scratch second(g.backward_input_scratch<T>());
    ops::pooled_conv2d_backward_input<T>(g, c.batch, transposed.data(), data.dy.data(), data.codes.data(),
                                         data.dx.data(), second);
}

/// Equality of bits, so that -0 is not 0.
template <class T>
bool same_bits(const T* a, const T* b, std::size_t count) {
    return std::memcmp(a, b, count * sizeof(T)) == 0;
}
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && same_bits(a.data(), b.data(), a.size());
}

constexpr std::uint32_t cases = 160;

} // namespace

TEMPLATE_TEST_CASE("pooled convolutions are what plain loops make of whole numbers", "[pooled_conv2d]", float, double) {
    int sparse = 0;
    int sparse_in_several_masks = 0;
    int dead_ones = 0;
    for (std::uint32_t number = 0; number < cases; ++number) {
        const Case c = random_case(number);
        INFO(number << ": " << c);
        const ops::PooledConv2D g = c.geometry();
        sparse += g.skips_dead_cells();
        sparse_in_several_masks += g.skips_dead_cells() && g.live_words() > 1;
        Data<TestType> expected(c, g, true);
        const auto conv = compute_plainly(c, g, expected);
        for (const std::uint8_t code : expected.codes) dead_ones += code == dead;
        for (const Isa isa : available_isas()) {
            INFO(isa);
            const IsaGuard guard(isa);
            Data<TestType> data(c, g, true);
            forward(c, g, data);
            REQUIRE(data.y == expected.y);
            REQUIRE(data.codes == expected.codes);
            backward(c, g, data);
            REQUIRE(data.dkernel == expected.dkernel);
            REQUIRE(data.dbias == expected.dbias);
            REQUIRE(data.dx == expected.dx);

            Data<TestType> pooled(c, g, true);
            ops::pooled_conv2d_pool_cells<TestType>(g, c.batch * g.cell_count(), conv.data(), c.relu, pooled.y.data(),
                                                    pooled.codes.data());
            REQUIRE(pooled.y == expected.y);
            REQUIRE(pooled.codes == expected.codes);
        }
    }
    CHECK(sparse > 30); // both ways to the gradient by the kernel were taken
    CHECK(sparse < 140);
    CHECK(sparse_in_several_masks > 2);
    CHECK(dead_ones > 1000);
}

TEMPLATE_TEST_CASE("pooled convolutions have the same bits on every instruction set", "[pooled_conv2d]", float,
                   double) {
    for (std::uint32_t number = 0; number < cases; ++number) {
        const Case c = random_case(number);
        INFO(number << ": " << c);
        const ops::PooledConv2D g = c.geometry();
        const IsaGuard restore;
        set_isa(Isa::generic);
        Data<TestType> expected(c, g, false);
        forward(c, g, expected);
        backward(c, g, expected);
        for (const Isa isa : available_isas()) {
            INFO(isa);
            set_isa(isa);
            Data<TestType> data(c, g, false);
            forward(c, g, data);
            REQUIRE(same_bits(data.y, expected.y));
            REQUIRE(data.codes == expected.codes);
            backward(c, g, data);
            REQUIRE(same_bits(data.dkernel, expected.dkernel));
            REQUIRE(same_bits(data.dbias, expected.dbias));
            REQUIRE(same_bits(data.dx, expected.dx));
        }
    }
}

TEMPLATE_TEST_CASE("a pooled convolution's samples do not depend on each other", "[pooled_conv2d]", float, double) {
    for (std::uint32_t number = 0; number < cases; ++number) {
        Case c = random_case(number);
        INFO(number << ": " << c);
        const ops::PooledConv2D g = c.geometry();
        Data<TestType> all(c, g, false);
        // One sample in between is not finite at all.
        if (c.batch > 2) {
            std::fill_n(all.x.begin() + g.image(), g.image(), std::numeric_limits<TestType>::quiet_NaN());
            std::fill_n(all.dy.begin() + g.pooled_image(), g.pooled_image(), std::numeric_limits<TestType>::infinity());
        }
        forward(c, g, all);
        backward(c, g, all);
        const auto image = static_cast<std::size_t>(g.image());
        const auto pooled = static_cast<std::size_t>(g.pooled_image());
        const auto batch = static_cast<std::size_t>(c.batch);
        c.batch = 1;
        for (std::size_t n = 0; n < batch; ++n) {
            if (batch > 2 && n == 1) continue;
            Data<TestType> one(c, g, false);
            std::copy_n(all.x.begin() + static_cast<Index>(n * image), image, one.x.begin());
            std::copy_n(all.dy.begin() + static_cast<Index>(n * pooled), pooled, one.dy.begin());
            forward(c, g, one);
            backward(c, g, one);
            REQUIRE(same_bits(all.y.data() + n * pooled, one.y.data(), pooled));
            REQUIRE(same_bits(all.codes.data() + n * pooled, one.codes.data(), pooled));
            REQUIRE(same_bits(all.dx.data() + n * image, one.dx.data(), image));
        }
    }
}

TEMPLATE_TEST_CASE("a pooled convolution keeps NaN and takes the first of equal taps", "[pooled_conv2d]", float,
                   double) {
    // 1x1 kernels of 1 and -1 over a 2x6 image of one channel: three cells.
    const Case c{1, 2, 6, 1, 1, 2, 1, 1, 2, 2, Padding::valid, true, false};
    const ops::PooledConv2D g = c.geometry();
    const Case column{1, 2, 1, 1, 1, 1, 1, 1, {2, 1}, {2, 1}, Padding::valid, true, false};
    const auto nan = std::numeric_limits<TestType>::quiet_NaN();
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        Data<TestType> data(c, g, true);
        data.kernel = {1, -1};
        data.x = {1, 5, nan, 7, 1, 2, 5, 2, 8, 9, nan, 3};
        forward(c, g, data);
        CHECK(data.y[0] == 5);
        CHECK(data.y[1] == 0);
        for (std::size_t i = 2; i < 6; ++i) CHECK(std::isnan(data.y[i]));
        CHECK(data.codes == Codes{1, dead, 0, 0, 2, 2});

        Data<TestType> last(column, column.geometry(), true);
        last.kernel = {1};
        last.x = {4, nan};
        forward(column, column.geometry(), last);
        CHECK(std::isnan(last.y[0]));
        CHECK(last.codes == Codes{1});

        // Codes and bias gradients that nobody wants.
        Data<TestType> rest(c, g, true);
        rest.x = data.x;
        const auto weights = packed<TestType>({1, -1}, 1, 2);
        ops::pooled_conv2d_forward_shallow<TestType>(g, 1, rest.x.data(), weights.data(), nullptr, false, rest.y.data(),
                                                     nullptr);
        CHECK(rest.y[0] == 5);
        CHECK(rest.y[1] == -1);
        CHECK(std::isnan(rest.y[2]));
        rest.x[2] = rest.x[10] = 6; // where nothing is to be skipped, 0 * NaN is NaN
        rest.dkernel = {10, 20};
        rest.codes = {1, dead, 3, 3, dead, dead};
        rest.dy = {2, 100, 3, 4, 100, 100};
        ops::pooled_conv2d_backward_kernel<TestType>(g, 1, rest.x.data(), rest.dy.data(), rest.codes.data(),
                                                     rest.dkernel.data(), nullptr,
                                                     Scratch(g.backward_kernel_scratch<TestType>()));
        CHECK(rest.dkernel == std::vector<TestType>{10 + 2 * 5 + 3 * 9, 20 + 4 * 9});
    }
}

TEST_CASE("a pooled convolution refuses windows that it has no codes for", "[pooled_conv2d]") {
    const auto make = [](Size2D pool, Size2D strides) {
        return Case{1, 300, 300, 1, 1, 1, 1, 1, pool, strides, Padding::valid, true, true}.geometry();
    };
    CHECK_THROWS_MATCHES(make(3, 2), ValueError, says("must not overlap or have padding, got size 3 and stride 2"));
    CHECK_THROWS_MATCHES(make({2, 3}, {2, 2}), ValueError, says("got size 3 and stride 2"));
    CHECK_THROWS_MATCHES(make({15, 17}, {15, 17}), ValueError, says("at most 254 elements, got 255"));
    CHECK(make({2, 127}, {2, 127}).cell_count() == 150 * 2);
    const Window2D conv("Conv2D", "kernel", {7, 7, 1}, 1, 1, 1, Padding::valid);
    CHECK_THROWS_MATCHES(
        ops::PooledConv2D(conv, Window2D("MaxPooling2D", "pool", {7, 7, 1}, 2, 2, 1, Padding::same), 1, 1), ValueError,
        says("got size 2 and stride 2 on 7 elements"));
    const Window2D huge("Conv2D", "kernel", {65536, 4096, 8}, 1, 1, 1, Padding::valid);
    CHECK_THROWS_MATCHES(
        ops::PooledConv2D(huge, Window2D("MaxPooling2D", "pool", {65536, 4096, 1}, 2, 2, 1, Padding::valid), 8, 1),
        ShapeError, says("at most 2147483647 elements, got 2147483648"));
}

} // namespace pooled_conv2d_test
