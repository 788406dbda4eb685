#include <fovea/ops/transposed_window.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("transposed_axis: turns the window of a convolution round") {
    // A convolution with same padding of `stride` times as many inputs, or with valid padding of those that its windows reach.
    for (Index extent = 1; extent < 7; ++extent)
        for (Index kernel = 1; kernel < 6; ++kernel)
            for (Index stride = 1; stride < 5; ++stride)
                for (Index dilation = 1; dilation < 4; ++dilation)
                    for (const Padding padding : {Padding::valid, Padding::same}) {
                        INFO(extent << ' ' << kernel << ' ' << stride << ' ' << dilation << ' ' << padding);
                        const WindowAxis axis =
                            ops::transposed_axis(extent, kernel, stride, dilation, padding, std::nullopt);
                        const WindowAxis there(axis.input, kernel, stride, dilation, padding);
                        REQUIRE(there.output == extent);
                        REQUIRE(axis.output == extent);
                        REQUIRE(axis.before == there.before);
                        REQUIRE(axis.framed() == there.framed());
                    }
}

TEST_CASE("transposed_axis: extents with output_padding are Keras's") {
    // keras.src.backend.common.backend_utils.compute_conv_transpose_output_shape, and the crops for PyTorch beside it
    const auto axis = [](Index extent, Index kernel, Index stride, Padding padding, Index extra) {
        return ops::transposed_axis(extent, kernel, stride, 1, padding, extra);
    };
    CHECK(axis(4, 3, 2, Padding::valid, 0).input == 9);
    CHECK(axis(4, 3, 2, Padding::valid, 1).input == 10);
    CHECK(axis(4, 2, 3, Padding::valid, 0).input == 11);
    CHECK(axis(4, 3, 2, Padding::same, 0).input == 7);
    CHECK(axis(4, 3, 2, Padding::same, 0).before == 1);
    CHECK(axis(4, 3, 2, Padding::same, 1).input == 8);
    CHECK(axis(4, 3, 2, Padding::same, 1).before == 0);
    CHECK(axis(4, 4, 3, Padding::same, 0).input == 9);
    CHECK(axis(4, 4, 3, Padding::same, 0).before == 2);
    CHECK(axis(4, 4, 3, Padding::same, 2).input == 11);
    CHECK(axis(4, 4, 3, Padding::same, 2).before == 1);
}

TEST_CASE("transposed_window: both axes, checked") {
    const auto window = [](Size2D kernel, Size2D strides, const OptionalSize2D& extra, const Shape& input = {2, 3, 1}) {
        return ops::transposed_window("Deconvolution", input, kernel, strides, 1, Padding::same, extra);
    };
    const Window2D both = window({3, 2}, {2, 3}, {});
    CHECK(both.height.input == 4);
    CHECK(both.width.input == 9);
    CHECK(both.taps() == 6);
    CHECK(window({3, 2}, {2, 3}, {1, 2}).width.input == 8);
    CHECK_THROWS_MATCHES(window({3, 0}, 1, {}), ValueError, says("Deconvolution: kernel_size must be"));
    CHECK_THROWS_MATCHES(window(3, 2, {0, -1}), ValueError,
                         says("output_padding must be at least 0 and below strides"));
    CHECK_THROWS_MATCHES(window(3, 2, {2, 0}), ValueError, says("strides (2, 2), got (2, 0)"));
    CHECK_THROWS_MATCHES(window(2, 2, 0, {1, 3, 1}), ShapeError, says("leaves nothing of input (1, 3, 1)"));
    CHECK_THROWS_MATCHES(window(3, 1, {}, {9}), ShapeError, says("Deconvolution: expected an input of 3 axes"));
}
