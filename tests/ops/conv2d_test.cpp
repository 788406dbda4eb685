#include <algorithm>
#include <limits>
#include <ostream>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/conv2d.hpp>

#include "catch.hpp"

#include "support/isa.hpp"
#include "support/same_bits.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

struct Conv2DCase {
    Index batch, height, width, channels;
    Size2D kernel;
    Index filters;
    Size2D strides = 1;
    Padding padding = Padding::valid;
    Size2D dilation = 1;
    Index groups = 1;

    friend std::ostream& operator<<(std::ostream& out, const Conv2DCase& c) {
        return out << Shape{c.batch, c.height, c.width, c.channels} << " kernel " << c.kernel << " filters "
                   << c.filters << " strides " << c.strides << " padding " << c.padding << " dilation " << c.dilation
                   << " groups " << c.groups;
    }
};

/// Outputs along one axis and the padding in front, as Keras defines them.
struct Axis {
    Index output, before;

    Axis(Index input, Index kernel, Index stride, Index dilation, Padding padding) {
        const Index span = (kernel - 1) * dilation + 1;
        output = padding == Padding::same ? (input + stride - 1) / stride : (input - span) / stride + 1;
        const Index total = padding == Padding::same ? std::max<Index>((output - 1) * stride + span - input, 0) : 0;
        before = total / 2;
    }
};

/// Calls `f(element of x, element of kernel, element of y)` for every multiplication of a convolution: seven loops, and nothing clever.
template <class F>
void each_product(const Conv2DCase& c, F&& f) {
    const Axis h(c.height, c.kernel.height, c.strides.height, c.dilation.height, c.padding);
    const Axis w(c.width, c.kernel.width, c.strides.width, c.dilation.width, c.padding);
    const Index depth = c.channels / c.groups;
    for (Index n = 0; n < c.batch; ++n)
        for (Index i = 0; i < h.output; ++i)
            for (Index j = 0; j < w.output; ++j)
                for (Index filter = 0; filter < c.filters; ++filter)
                    for (Index a = 0; a < c.kernel.height; ++a)
                        for (Index b = 0; b < c.kernel.width; ++b)
                            for (Index d = 0; d < depth; ++d) {
                                const Index row = i * c.strides.height + a * c.dilation.height - h.before;
                                const Index column = j * c.strides.width + b * c.dilation.width - w.before;
                                if (row < 0 || row >= c.height || column < 0 || column >= c.width) continue;
                                const Index channel = filter / (c.filters / c.groups) * depth + d;
                                f(((n * c.height + row) * c.width + column) * c.channels + channel,
                                  ((a * c.kernel.width + b) * depth + d) * c.filters + filter,
                                  ((n * h.output + i) * w.output + j) * c.filters + filter);
                            }
}

ops::Conv2DGeometry conv2d_geometry(const Conv2DCase& c) {
    const Shape sample{c.height, c.width, c.channels};
    return {Window2D("Conv2D", "kernel", sample, c.kernel, c.strides, c.dilation, c.padding), c.channels, c.filters,
            c.groups};
}

Shape conv2d_output(const Conv2DCase& c) {
    const Axis h(c.height, c.kernel.height, c.strides.height, c.dilation.height, c.padding);
    const Axis w(c.width, c.kernel.width, c.strides.width, c.dilation.width, c.padding);
    return {c.batch, h.output, w.output, c.filters};
}

/// What goes into a convolution; `numbers(shape, number)` draws a tensor. `before` is what dkernel is added to.
template <class T>
struct Conv2DArguments {
    Tensor<T> x, kernel, bias, dy, before;

    template <class F>
    Conv2DArguments(const Conv2DCase& c, F&& numbers)
        : x(numbers({c.batch, c.height, c.width, c.channels}, 1)),
          kernel(numbers({c.kernel.height, c.kernel.width, c.channels / c.groups, c.filters}, 2)),
          bias(numbers({c.filters}, 5)), dy(numbers(conv2d_output(c), 3)), before(numbers(kernel.shape(), 4)) {}
};

template <class T>
struct Conv2DResults {
    Tensor<T> y, rectified, dkernel, dx; ///< y without a bias; rectified with bias and ReLU

    bool operator==(const Conv2DResults&) const = default;
};

/// All passes, with no more memory than they ask for and nothing useful in it.
template <class T>
Conv2DResults<T> run_conv2d(const Conv2DCase& c, const Conv2DArguments<T>& a) {
    const ops::Conv2DGeometry g = conv2d_geometry(c);
    const T nan = std::numeric_limits<T>::quiet_NaN();
    const auto filled = [&](Index size) { return Tensor<T>(Shape{size}, nan); };
    Tensor<std::byte> memory(Shape{g.template scratch<T>(c.batch)});
    const auto scratch = [&] {
        memory.fill(std::byte{0xFF});
        return Arena(memory.span());
    };
    Tensor<T> forward = filled(g.template packed_forward<T>());
    Tensor<T> backward = filled(g.template packed_backward<T>());
    ops::conv2d_pack_forward<T>(g, a.kernel, forward.data());
    ops::conv2d_pack_backward<T>(g, a.kernel, backward.data());

    Conv2DResults<T> r{Tensor<T>(a.dy.shape(), nan), Tensor<T>(a.dy.shape(), nan), a.before,
                       Tensor<T>(a.x.shape(), nan)};
    ops::conv2d_forward<T>(g, a.x, forward.data(), {}, false, r.y, scratch());
    ops::conv2d_forward<T>(g, a.x, forward.data(), a.bias, true, r.rectified, scratch());
    ops::conv2d_backward_kernel<T>(g, a.x, a.dy, r.dkernel, scratch());
    ops::conv2d_backward_input<T>(g, backward.data(), a.dy, r.dx, scratch());
    return r;
}

/// On whole numbers, whose sums are exact.
template <class T>
void check_conv2d(const Conv2DCase& c) {
    INFO(c);
    const ops::Conv2DGeometry g = conv2d_geometry(c);
    REQUIRE(Shape{c.batch, g.window.height.output, g.window.width.output, g.filters} == conv2d_output(c));
    const Conv2DArguments<T> a(c, whole_numbers<T>);
    Conv2DResults<T> expected{Tensor<T>(a.dy.shape()), Tensor<T>(a.dy.shape()), a.before, Tensor<T>(a.x.shape())};
    each_product(c, [&](Index in, Index weight, Index out) {
        expected.y[out] += a.x[in] * a.kernel[weight];
        expected.dx[in] += a.dy[out] * a.kernel[weight];
        expected.dkernel[weight] += a.dy[out] * a.x[in];
    });
    for (Index i = 0; i < expected.y.size(); ++i)
        expected.rectified[i] = std::max(T{0}, expected.y[i] + a.bias[i % c.filters]);

    const Conv2DResults<T> r = run_conv2d(c, a);
    REQUIRE(r.y == expected.y);
    REQUIRE(r.rectified == expected.rectified);
    REQUIRE(r.dkernel == expected.dkernel);
    REQUIRE(r.dx == expected.dx);
}

/// On fractions, whose sums are rounded: every instruction set must round them alike.
template <class T>
void check_conv2d_bits(const Conv2DCase& c) {
    INFO(c);
    const Conv2DArguments<T> a(c, fractions<T>);
    const IsaGuard guard(Isa::generic);
    const Conv2DResults<T> expected = run_conv2d(c, a);
    for (const Isa isa : available_isas()) {
        INFO(isa);
        set_isa(isa);
        const Conv2DResults<T> r = run_conv2d(c, a);
        REQUIRE(same_bits(r.y, expected.y));
        REQUIRE(same_bits(r.rectified, expected.rectified));
        REQUIRE(same_bits(r.dkernel, expected.dkernel));
        REQUIRE(same_bits(r.dx, expected.dx));
    }
}

/// Sizes drawn at random, as far as they fit.
std::vector<Conv2DCase> random_conv2ds(std::size_t count, std::uint64_t seed) {
    std::vector<Conv2DCase> cases;
    const random::Stream stream{seed};
    for (std::uint64_t number = 0; cases.size() < count; ++number) {
        std::uint64_t i = 16 * number;
        const auto upto = [&](Index most) {
            return 1 + static_cast<Index>(stream.below(i++, static_cast<std::uint32_t>(most)));
        };
        Conv2DCase c{upto(3), upto(11), upto(11), upto(5), {upto(4), upto(4)}, upto(19), {upto(3), upto(3)}};
        c.padding = upto(2) == 1 ? Padding::valid : Padding::same;
        c.dilation = {upto(3), upto(3)};
        c.groups = upto(3);
        c.channels *= c.groups;
        c.filters = (c.filters + c.groups - 1) / c.groups * c.groups;
        const bool fits =
            (c.kernel.height - 1) * c.dilation.height < c.height && (c.kernel.width - 1) * c.dilation.width < c.width;
        if (c.padding == Padding::same || fits) cases.push_back(c);
    }
    return cases;
}

} // namespace

TEMPLATE_TEST_CASE("conv2d: forward and backward are what seven loops give", "", float, double) {
    const auto valid = Padding::valid;
    const auto same = Padding::same;
    const std::vector<Conv2DCase> cases{
        {2, 8, 7, 1, {3, 3}, 32},                           // the article's first layer, smaller
        {2, 5, 5, 32, {3, 3}, 64},                          // and its second
        {1, 1, 1, 1, {1, 1}, 1},                            // as small as it gets
        {1, 3, 3, 2, {3, 3}, 5},                            // one output pixel
        {3, 6, 5, 4, {1, 1}, 16},                           // a pixel by itself
        {1, 7, 9, 3, {1, 1}, 4, {2, 3}},                    // a stride larger than the kernel
        {1, 8, 8, 2, {3, 2}, 3, {2, 3}},                    // a stride that does not divide
        {2, 5, 6, 2, {3, 3}, 3, {1, 1}, same},              // padding on all sides
        {2, 5, 6, 2, {2, 4}, 3, {1, 1}, same},              // the odd padding behind
        {1, 7, 7, 3, {3, 3}, 8, {2, 2}, same},              // padding and a stride
        {1, 2, 3, 2, {5, 5}, 3, {1, 1}, same},              // a kernel larger than its image
        {1, 9, 8, 2, {3, 3}, 4, {1, 1}, valid, {2, 3}},     // dilation
        {1, 7, 7, 2, {3, 3}, 4, {2, 2}, same, {2, 2}},      // all at once
        {2, 6, 6, 6, {3, 3}, 9, {1, 1}, valid, {1, 1}, 3},  // groups
        {2, 6, 6, 4, {3, 3}, 8, {2, 1}, same, {1, 2}, 4},   // a group a channel, two filters each
        {1, 16, 16, 3, {5, 5}, 33},                         // more pixels than a tile, filters with a tail
        {1, 4, 4, 16, {3, 3}, 16, {1, 1}, same, {1, 1}, 2}, // groups of whole vectors
    };
    for (const Conv2DCase& c : cases) check_conv2d<TestType>(c);
}

TEMPLATE_TEST_CASE("conv2d: 300 random configurations are what seven loops give", "", float, double) {
    const IsaGuard guard;
    const std::vector<Isa> isas = available_isas();
    std::size_t number = 0;
    for (const Conv2DCase& c :
         random_conv2ds(300, sizeof(TestType))) { // float and double have configurations of their own
        set_isa(isas[number++ % isas.size()]);
        INFO(isa());
        check_conv2d<TestType>(c);
    }
}

TEMPLATE_TEST_CASE("conv2d: 80 random configurations have the same bits for every instruction set", "", float, double) {
    for (const Conv2DCase& c : random_conv2ds(80, 21)) check_conv2d_bits<TestType>(c);
    check_conv2d_bits<TestType>({5, 9, 9, 20, {3, 3}, 70}); // several blocks of rows, every width of tile
    check_conv2d_bits<TestType>({2, 5, 5, 64, {3, 3}, 33}); // and a depth of more than one block
}

TEMPLATE_TEST_CASE("conv2d: a group's bias, and a ReLU without one", "", float, double) {
    // 1x1 kernels on one pixel: filters 0 and 1 see channel 0, the others channel 1.
    using T = TestType;
    const Conv2DCase c{1, 1, 1, 2, {1, 1}, 4, 1, Padding::valid, 1, 2};
    const ops::Conv2DGeometry g = conv2d_geometry(c);
    const Tensor<T> x(Shape{1, 1, 1, 2}, {3, 5});
    const Tensor<T> kernel(Shape{1, 1, 1, 4}, {1, -2, 10, -20});
    const Tensor<T> bias{100, 200, -49, 98};
    Tensor<T> packed(Shape{g.template packed_forward<T>()});
    ops::conv2d_pack_forward<T>(g, kernel, packed.data());
    Tensor<std::byte> memory(Shape{g.template scratch<T>(1)});
    const auto forward = [&](ConstView<T> b, bool relu) {
        Tensor<T> y(Shape{4});
        ops::conv2d_forward<T>(g, x, packed.data(), b, relu, y.view().reshape({1, 1, 1, 4}), Arena(memory.span()));
        return y;
    };
    CHECK(forward({}, false) == Tensor<T>{3, -6, 50, -100});
    CHECK(forward({}, true) == Tensor<T>{3, 0, 50, 0});
    CHECK(forward(bias, false) == Tensor<T>{103, 194, 1, -2});
    CHECK(forward(bias, true) == Tensor<T>{103, 194, 1, 0});
}
