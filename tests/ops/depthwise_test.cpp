#include <limits>
#include <ostream>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/convolution.hpp>
#include <fovea/ops/depthwise.hpp>

#include "catch.hpp"

#include "support/isa.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

struct DepthwiseCase {
    Index batch = 1;
    WindowAxis height, width;
    Index channels = 1;
    Index multiplier = 1;

    ops::Depthwise sizes() const { return {height, width, channels, multiplier}; }
    Shape x() const { return {batch, height.input, width.input, channels / multiplier}; }
    Shape kernel() const { return {height.kernel, width.kernel, 1, channels}; }
    Shape y() const { return {batch, height.output, width.output, channels}; }

    friend std::ostream& operator<<(std::ostream& out, const DepthwiseCase& c) {
        const auto axis = [&](const WindowAxis& a) {
            out << " [kernel " << a.kernel << " stride " << a.stride << " dilation " << a.dilation << " before "
                << a.before << " output " << a.output << ']';
        };
        out << c.x() << " times " << c.multiplier;
        axis(c.height);
        axis(c.width);
        return out;
    }
};

template <class T>
struct DepthwiseResults {
    Tensor<T> y, dx, dkernel;
};

/// All that the kernels are tested with.
template <class T>
struct DepthwiseInputs {
    Tensor<T> x, kernel, bias, dy, before;
    bool relu = false;
};

template <class T>
DepthwiseInputs<T> whole_inputs(const DepthwiseCase& c, bool bias, bool relu) {
    return {whole_numbers<T>(c.x(), 1),
            whole_numbers<T>(c.kernel(), 2),
            bias ? whole_numbers<T>({c.channels}, 5) : Tensor<T>(),
            whole_numbers<T>(c.y(), 3),
            whole_numbers<T>(c.kernel(), 4),
            relu};
}

/// Seven loops, and nothing clever; over pointers, which an unoptimised build takes a third as long for.
template <class T>
DepthwiseResults<T> by_plain_loops(const DepthwiseCase& c, const DepthwiseInputs<T>& in) {
    DepthwiseResults<T> result{Tensor<T>(c.y()), Tensor<T>(c.x()), in.before};
    const T *const x = in.x.data(), *const kernel = in.kernel.data(), *const dy = in.dy.data();
    T *const dx = result.dx.data(), *const dkernel = result.dkernel.data();
    for (Index n = 0; n < c.batch; ++n)
        for (Index i = 0; i < c.height.output; ++i)
            for (Index j = 0; j < c.width.output; ++j)
                for (Index channel = 0; channel < c.channels; ++channel) {
                    const Index out = ((n * c.height.output + i) * c.width.output + j) * c.channels + channel;
                    T sum = in.bias.empty() ? T{} : in.bias[channel];
                    for (Index a = 0; a < c.height.kernel; ++a)
                        for (Index b = 0; b < c.width.kernel; ++b) {
                            const Index row = i * c.height.stride + a * c.height.dilation - c.height.before;
                            const Index column = j * c.width.stride + b * c.width.dilation - c.width.before;
                            if (row < 0 || row >= c.height.input || column < 0 || column >= c.width.input) continue;
                            const Index at =
                                ((n * c.height.input + row) * c.width.input + column) * (c.channels / c.multiplier) +
                                channel / c.multiplier;
                            const Index tap = (a * c.width.kernel + b) * c.channels + channel;
                            sum += x[at] * kernel[tap];
                            dx[at] += dy[out] * kernel[tap];
                            dkernel[tap] += dy[out] * x[at];
                        }
                    result.y[out] = in.relu && sum < T{} ? T{} : sum;
                }
    return result;
}

/// With no more memory than was asked for, and nothing useful in it or in the results.
template <class T>
DepthwiseResults<T> by_kernels(const DepthwiseCase& c, const DepthwiseInputs<T>& in) {
    const ops::Depthwise d = c.sizes();
    Tensor<std::byte> memory(Shape{d.template scratch<T>()});
    const auto scratch = [&] {
        memory.fill(std::byte{0xFF});
        return Arena(memory.span());
    };
    const T nan = std::numeric_limits<T>::quiet_NaN();
    DepthwiseResults<T> result{Tensor<T>(c.y(), nan), Tensor<T>(c.x(), nan), in.before};
    ops::depthwise_forward<T>(d, in.x, in.kernel.data(), in.bias, in.relu, result.y, scratch());
    ops::depthwise_backward_input<T>(d, in.kernel.data(), in.dy, result.dx, scratch());
    ops::depthwise_backward_kernel<T>(d, in.x, in.dy, result.dkernel, scratch());
    return result;
}

/// Sizes drawn at random: windows may reach over any edge, and even lie wholly outside.
std::vector<DepthwiseCase> random_depthwise_cases(std::size_t count, std::uint64_t seed) {
    std::vector<DepthwiseCase> cases;
    const random::Stream stream{seed};
    for (std::uint64_t number = 0; cases.size() < count; ++number) {
        std::uint64_t i = 16 * number;
        const auto upto = [&](Index most) {
            return 1 + static_cast<Index>(stream.below(i++, static_cast<std::uint32_t>(most)));
        };
        const bool common = upto(2) == 1; // kernels of 3 or 5 taps side by side have a path of their own
        const auto axis = [&] {
            WindowAxis a;
            a.input = upto(23);
            a.kernel = common ? 1 + 2 * upto(2) : upto(5);
            a.stride = upto(common ? 2 : 3);
            a.dilation = common ? 1 : upto(3);
            a.before = upto(a.kernel + 1) - 1;
            const Index behind = upto(a.kernel + 1) - 1;
            const Index room = a.before + a.input + behind - a.span();
            a.output = room < 0 ? 0 : room / a.stride + 1;
            return a;
        };
        DepthwiseCase c;
        c.height = axis();
        c.width = axis();
        c.batch = upto(2);
        c.channels = upto(3) == 1 ? upto(15) : upto(3) == 1 ? upto(150) : 16 * upto(3);
        c.multiplier = upto(3) == 1 ? upto(4) : 1;
        c.channels *= c.multiplier;
        if (c.height.output > 0 && c.width.output > 0) cases.push_back(c);
    }
    return cases;
}

DepthwiseCase square_case(Index batch, Index side, Index channels, Index kernel, Index stride = 1, Index dilation = 1,
                          Padding padding = Padding::same) {
    const WindowAxis axis(side, kernel, stride, dilation, padding);
    return {batch, axis, axis, channels, 1};
}

template <class T>
void check_depthwise(const DepthwiseCase& c, bool bias, bool relu) {
    INFO(c << " bias " << bias << " relu " << relu);
    const auto in = whole_inputs<T>(c, bias, relu);
    const auto expected = by_plain_loops(c, in);
    const auto result = by_kernels(c, in);
    REQUIRE(result.y == expected.y);
    REQUIRE(result.dx == expected.dx);
    REQUIRE(result.dkernel == expected.dkernel);
}

/// Fractions, whose sums depend on their order.
template <class T>
DepthwiseInputs<T> fraction_inputs(const DepthwiseCase& c) {
    return {fractions<T>(c.x(), 1), fractions<T>(c.kernel(), 2), fractions<T>({c.channels}, 5),
            fractions<T>(c.y(), 3), fractions<T>(c.kernel(), 4), false};
}

} // namespace

TEMPLATE_TEST_CASE("depthwise: forward and backward are what plain loops give", "", float, double) {
    const std::vector<DepthwiseCase> cases{
        square_case(1, 1, 1, 1),                          // as small as it gets
        square_case(2, 14, 32, 3),                        // the common one
        square_case(1, 14, 32, 3, 2),                     // with a stride,
        square_case(1, 7, 48, 5),                         // on a small map,
        square_case(1, 9, 16, 7),                         // with a large kernel
        square_case(1, 40, 3, 3),                         // fewer channels than a vector has lanes
        square_case(1, 6, 20, 3, 3, 2),                   // strides and dilation that have no common divisor,
        square_case(1, 12, 20, 3, 4, 6),                  // or one
        square_case(1, 5, 17, 1, 2),                      // pixels that nothing reads
        square_case(1, 2, 16, 5),                         // a kernel larger than its image
        square_case(1, 35, 300, 3),                       // more than one block of columns and of channels
        square_case(1, 35, 300, 3, 2, 1, Padding::valid), // and a stride
        square_case(1, 30, 130, 5, 1, 2, Padding::valid), // and dilation
    };
    for (const DepthwiseCase& c : cases) check_depthwise<TestType>(c, true, true);
}

TEMPLATE_TEST_CASE("depthwise: 300 random configurations are what plain loops give", "", float, double) {
    bool bias = false, relu = false;
    for (const DepthwiseCase& c : random_depthwise_cases(300, std::is_same_v<TestType, float> ? 31 : 32)) {
        bias = !bias;
        relu = relu != bias;
        check_depthwise<TestType>(c, bias, relu);
    }
}

TEMPLATE_TEST_CASE("depthwise: the same bits with every instruction set", "", float, double) {
    auto cases = random_depthwise_cases(80, 33);
    cases.push_back(square_case(1, 35, 150, 3));
    for (const DepthwiseCase& c : cases) {
        INFO(c);
        const auto in = fraction_inputs<TestType>(c);
        const IsaGuard guard(Isa::generic);
        const auto expected = by_kernels(c, in);
        for (const Isa isa : available_isas()) {
            INFO(isa);
            set_isa(isa);
            const auto result = by_kernels(c, in);
            REQUIRE(result.y == expected.y);
            REQUIRE(result.dx == expected.dx);
            REQUIRE(result.dkernel == expected.dkernel);
        }
    }
}

TEST_CASE("depthwise: a sample's bits do not depend on the others") {
    for (DepthwiseCase c : random_depthwise_cases(30, 34)) {
        INFO(c);
        c.batch = 3;
        const auto in = fraction_inputs<double>(c);
        const auto all = by_kernels(c, in);
        DepthwiseCase one = c;
        one.batch = 1;
        DepthwiseInputs<double> single = in;
        for (Index n = 0; n < 3; ++n) {
            const auto take = [&](const Tensor<double>& from, const Shape& shape) {
                Tensor<double> part(shape);
                std::copy_n(from.data() + n * part.size(), part.size(), part.data());
                return part;
            };
            single.x = take(in.x, one.x());
            single.dy = take(in.dy, one.y());
            const auto result = by_kernels(one, single);
            REQUIRE(result.y == take(all.y, one.y()));
            REQUIRE(result.dx == take(all.dx, one.x()));
            single.before = result.dkernel; // to which the next image adds
        }
        REQUIRE(single.before == all.dkernel);
    }
}

TEST_CASE("depthwise: a convolution of as many groups as channels is computed by it") {
    const auto geometry = [](Index channels, Index filters, Index groups) {
        const Window2D window("Conv2D", "kernel", {9, 8, channels}, 3, {1, 2}, 1, Padding::same);
        return ops::Conv2DGeometry(window, channels, filters, groups);
    };
    const auto kernel_of = [&](Index channels, Index filters, Index groups) {
        const ConvolutionKernels kernels = ops::best_kernels(geometry(channels, filters, groups));
        REQUIRE(kernels.forward == kernels.backward_input);
        REQUIRE(kernels.forward == kernels.backward_kernel);
        return kernels.forward;
    };
    REQUIRE(kernel_of(20, 20, 20) == ConvolutionKernel::depthwise);
    REQUIRE(kernel_of(20, 40, 20) == ConvolutionKernel::depthwise);
    REQUIRE(kernel_of(20, 20, 10) == ConvolutionKernel::direct);
    REQUIRE(kernel_of(1, 1, 1) == ConvolutionKernel::direct);
    REQUIRE(name_of(ConvolutionKernel::depthwise) == "depthwise");

    ConvolutionKernels wanted;
    wanted.backward_kernel = ConvolutionKernel::depthwise;
    REQUIRE_THROWS_MATCHES(
        ops::Convolution<float>(geometry(20, 40, 10), wanted), ValueError,
        says("Conv2D: depthwise needs as many groups as channels and at least 2, got groups=10 and 20 channels"));
    REQUIRE_THROWS_AS(ops::Convolution<float>(geometry(1, 1, 1), wanted), ValueError);
}

TEMPLATE_TEST_CASE("depthwise: each pass gives what the direct kernel gives", "", float, double) {
    using enum ConvolutionKernel;
    using T = TestType;
    const Window2D window("Conv2D", "kernel", {9, 8, 20}, 3, {1, 2}, 1, Padding::same);
    const Index multiplier = GENERATE(1, 3);
    const DepthwiseCase c{2, window.height, window.width, 20 * multiplier, multiplier};
    const auto in = whole_inputs<T>(c, true, true);
    const auto expected = by_plain_loops(c, in);
    for (const ConvolutionKernels& wanted :
         {ConvolutionKernels::all(depthwise), ConvolutionKernels::all(direct),
          ConvolutionKernels{direct, depthwise, direct}, ConvolutionKernels{depthwise, direct, depthwise}}) {
        INFO(wanted.forward << ", dx " << wanted.backward_input << ", dw " << wanted.backward_kernel);
        const ops::Convolution<T> convolution({window, 20, c.channels, 20}, wanted);
        Tensor<T> forward(Shape{convolution.packed_forward()}), backward(Shape{convolution.packed_backward()});
        convolution.pack_forward(in.kernel, forward.data());
        convolution.pack_backward(in.kernel, backward.data());
        Tensor<std::byte> memory(Shape{convolution.forward_scratch(c.batch)});
        Tensor<T> y(c.y()), dx(c.x()), dkernel = in.before;
        convolution.forward(in.x, forward.data(), in.bias, true, y, Arena(memory.span()));
        memory = Tensor<std::byte>(Shape{convolution.scratch(c.batch)});
        convolution.backward_input(backward.data(), in.dy, dx, Arena(memory.span()));
        convolution.backward_kernel(in.x, in.dy, dkernel, Arena(memory.span()));
        REQUIRE(y == expected.y);
        REQUIRE(dx == expected.dx);
        REQUIRE(dkernel == expected.dkernel);
    }
}
