#include <fovea/ops/convolution.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

ops::Conv2DGeometry square_geometry(Index side, Index channels, Index filters, Size2D kernel = 3, Size2D strides = 1,
                                    Index groups = 1) {
    const Window2D window("Conv2D", "kernel", {side, side + 1, channels}, kernel, strides, 1, Padding::valid);
    return {window, channels, filters, groups};
}

} // namespace

TEST_CASE("best_kernels: winograd from 24 channels and filters and 3 or 4 output pixels a side on") {
    using enum ConvolutionKernel;
    const auto kernel_of = [](const ops::Conv2DGeometry& geometry) {
        const ConvolutionKernels kernels = ops::best_kernels(geometry);
        REQUIRE(kernels.forward == kernels.backward_input);
        REQUIRE(kernels.forward == kernels.backward_kernel);
        return kernels.forward;
    };
    CHECK(kernel_of(square_geometry(6, 23, 24)) == direct);
    CHECK(kernel_of(square_geometry(6, 24, 23)) == direct);
    CHECK(kernel_of(square_geometry(4, 24, 24)) == direct);
    for (const Index side : {7, 10, 11, 13, 14, 16, 34}) { // 3x3 tiles save at least a quarter
        CAPTURE(side);
        CHECK(kernel_of(square_geometry(side, 24, 24)) == winograd3);
    }
    for (const Index side : {6, 8, 9, 12, 15, 18}) {
        CAPTURE(side);
        CHECK(kernel_of(square_geometry(side, 24, 24)) == winograd);
    }
    CHECK(kernel_of(square_geometry(5, 24, 24)) == direct);
    const Window2D smallest("Conv2D", "kernel", {5, 5, 24}, 3, 1, 1, Padding::valid);
    CHECK(kernel_of({smallest, 24, 24, 1}) == winograd3);
    CHECK(kernel_of(square_geometry(16, 24, 24, {3, 2})) == direct);
    CHECK(kernel_of(square_geometry(16, 24, 24, 3, {1, 2})) == direct);
    CHECK(kernel_of(square_geometry(16, 48, 48, 3, 1, 2)) == direct);
    CHECK(kernel_of(square_geometry(16, 48, 48, 3, 1, 48)) == depthwise);
}

TEST_CASE("Convolution: winograd only where it is possible") {
    const auto wanted = ConvolutionKernels::all(GENERATE(ConvolutionKernel::winograd, ConvolutionKernel::winograd3));
    CHECK(ops::Convolution<float>(square_geometry(5, 1, 1), wanted).kernels().forward == wanted.forward);
    CHECK_THROWS_MATCHES(ops::Convolution<float>(square_geometry(9, 4, 4, 3, 2), wanted), ValueError,
                         says("Conv2D: winograd needs kernel_size (3, 3), strides, dilation_rate and groups of 1"));
}

TEST_CASE("ConvolutionKernels: as text") {
    using enum ConvolutionKernel;
    const ConvolutionKernels kernels{winograd, direct, depthwise};
    CHECK(kernels.names(true) == "winograd, dx direct, dw depthwise");
    CHECK(kernels.names(false) == "winograd");
    ConvolutionKernel kernel = direct;
    for (const ConvolutionKernel each : {winograd, winograd3, depthwise, direct}) {
        from_name(name_of(each), kernel);
        CHECK(kernel == each);
    }
    CHECK_THROWS_MATCHES(
        from_name("fft", kernel), ValueError,
        says("ConvolutionKernel: unknown name \"fft\"; known are direct, winograd, winograd3, depthwise"));
}
