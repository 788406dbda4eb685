#include <limits>
#include <ostream>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/conv2d.hpp>

#include "catch.hpp"

#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

struct Case {
    Index batch, height, width, channels;
    Size2D kernel;
    Index filters;
    Size2D strides = 1;
    Padding padding = Padding::valid;
    Size2D dilation = 1;
    Index groups = 1;

    friend std::ostream& operator<<(std::ostream& out, const Case& c) {
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
void each_product(const Case& c, F&& f) {
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

template <class T>
void check(const Case& c) {
    INFO(c);
    const Shape sample{c.height, c.width, c.channels};
    const ops::Conv2DGeometry g(Window2D("Conv2D", "kernel", sample, c.kernel, c.strides, c.dilation, c.padding),
                                c.channels, c.filters, c.groups);
    const Axis h(c.height, c.kernel.height, c.strides.height, c.dilation.height, c.padding);
    const Axis w(c.width, c.kernel.width, c.strides.width, c.dilation.width, c.padding);
    const Shape output{c.batch, h.output, w.output, c.filters};
    REQUIRE(Shape{c.batch, g.window.height.output, g.window.width.output, g.filters} == output);

    const auto x = whole_numbers<T>(sample.prepend(c.batch), 1);
    const auto kernel = whole_numbers<T>({c.kernel.height, c.kernel.width, c.channels / c.groups, c.filters}, 2);
    const auto dy = whole_numbers<T>(output, 3);
    const auto before = whole_numbers<T>(kernel.shape(), 4);
    Tensor<T> expected_y(output);
    Tensor<T> expected_dx(x.shape());
    Tensor<T> expected_dkernel = before;
    each_product(c, [&](Index in, Index weight, Index out) {
        expected_y[out] += x[in] * kernel[weight];
        expected_dx[in] += dy[out] * kernel[weight];
        expected_dkernel[weight] += dy[out] * x[in];
    });

    // No more memory than was asked for, and nothing useful in it.
    const auto scratch = [](Index bytes) { return Tensor<std::byte>(Shape{bytes}, std::byte{0xFF}); };
    Tensor<std::byte> forward = scratch(g.template forward_scratch<T>(c.batch));
    Tensor<std::byte> backward = scratch(g.template backward_scratch<T>(c.batch));
    Tensor<T> y(output, std::numeric_limits<T>::quiet_NaN());
    ops::conv2d_forward<T>(g, x, kernel, y, Arena(forward.span()));
    REQUIRE(y == expected_y);
    Tensor<T> dkernel = before;
    ops::conv2d_backward_kernel<T>(g, x, dy, dkernel, Arena(backward.span()));
    REQUIRE(dkernel == expected_dkernel);
    backward = scratch(g.template backward_scratch<T>(c.batch));
    Tensor<T> dx(x.shape(), std::numeric_limits<T>::quiet_NaN());
    ops::conv2d_backward_input<T>(g, kernel, dy, dx, Arena(backward.span()));
    REQUIRE(dx == expected_dx);
}

/// Sizes drawn at random, as far as they fit.
std::vector<Case> random_cases(std::size_t count) {
    std::vector<Case> cases;
    const random::Stream stream{21};
    for (std::uint64_t number = 0; cases.size() < count; ++number) {
        std::uint64_t i = 16 * number;
        const auto upto = [&](Index most) {
            return 1 + static_cast<Index>(stream.below(i++, static_cast<std::uint32_t>(most)));
        };
        Case c{upto(3), upto(11), upto(11), upto(5), {upto(4), upto(4)}, upto(19), {upto(3), upto(3)}};
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
    const std::vector<Case> cases{
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
    for (const Case& c : cases) check<TestType>(c);
}

TEMPLATE_TEST_CASE("conv2d: 150 random configurations are what seven loops give", "", float, double) {
    for (const Case& c : random_cases(150)) check<TestType>(c);
}
