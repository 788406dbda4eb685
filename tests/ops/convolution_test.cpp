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

TEST_CASE("best_kernels: winograd from 24 channels, 24 filters and 4 output pixels a side on") {
    using enum ConvolutionKernel;
    const auto kernel_of = [](const ops::Conv2DGeometry& geometry) {
        const ConvolutionKernels kernels = ops::best_kernels(geometry);
        REQUIRE(kernels.forward == kernels.backward_input);
        REQUIRE(kernels.forward == kernels.backward_kernel);
        return kernels.forward;
    };
    CHECK(kernel_of(square_geometry(6, 24, 24)) == winograd);
    CHECK(kernel_of(square_geometry(6, 23, 24)) == direct);
    CHECK(kernel_of(square_geometry(6, 24, 23)) == direct);
    CHECK(kernel_of(square_geometry(5, 24, 24)) == direct);
    CHECK(kernel_of(square_geometry(16, 24, 24, {3, 2})) == direct);
    CHECK(kernel_of(square_geometry(16, 24, 24, 3, {1, 2})) == direct);
    CHECK(kernel_of(square_geometry(16, 48, 48, 3, 1, 2)) == direct);
    CHECK(kernel_of(square_geometry(16, 48, 48, 3, 1, 48)) == depthwise);
}

TEST_CASE("Convolution: winograd only where it is possible") {
    const auto wanted = ConvolutionKernels::all(ConvolutionKernel::winograd);
    CHECK(ops::Convolution<float>(square_geometry(5, 1, 1), wanted).kernels().forward == ConvolutionKernel::winograd);
    CHECK_THROWS_MATCHES(ops::Convolution<float>(square_geometry(9, 4, 4, 3, 2), wanted), ValueError,
                         says("Conv2D: winograd needs kernel_size (3, 3), strides, dilation_rate and groups of 1"));
}

TEST_CASE("ConvolutionKernels: as text") {
    using enum ConvolutionKernel;
    const ConvolutionKernels kernels{winograd, direct, depthwise};
    CHECK(kernels.names(true) == "winograd, dx direct, dw depthwise");
    CHECK(kernels.names(false) == "winograd");
    ConvolutionKernel kernel = direct;
    from_name("winograd", kernel);
    CHECK(kernel == winograd);
    CHECK_THROWS_MATCHES(from_name("fft", kernel), ValueError,
                         says("ConvolutionKernel: unknown name \"fft\"; known are direct, winograd, depthwise"));
}
