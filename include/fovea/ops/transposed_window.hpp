#pragma once
#include <fovea/ops/window.hpp>

namespace fovea::ops {

/// The window of a transposed convolution is that of the convolution which it turns round: `output` is the extent of what goes
/// in, `input` of what comes out, and `before` elements are cut off in front. The extent that comes out is Keras's:
///
///     valid: (extent - 1) * stride + span + output_padding, and without output_padding at least extent * stride
///     same:  extent * stride, or with output_padding (extent - 1) * stride + span mod 2 + output_padding
inline WindowAxis transposed_axis(Index extent, Index kernel, Index stride, Index dilation, Padding padding,
                                  std::optional<Index> output_padding) {
    WindowAxis axis;
    axis.kernel = kernel;
    axis.stride = stride;
    axis.dilation = dilation;
    axis.output = extent;
    const Index span = axis.span();
    const Index last = (extent - 1) * stride;
    if (padding == Padding::valid) {
        axis.input = last + span + output_padding.value_or(std::max<Index>(stride - span, 0));
    } else {
        axis.input = output_padding ? last + span % 2 + *output_padding : extent * stride;
        axis.before = std::max<Index>(last + span - axis.input, 0) / 2;
    }
    return axis;
}

/// Both axes, checked as Window2D does; also throws ValueError for an output_padding that is not smaller than its stride, and
/// ShapeError where nothing comes out.
inline Window2D transposed_window(std::string_view type, const Shape& input, Size2D kernel, Size2D strides,
                                  Size2D dilation, Padding padding, const OptionalSize2D& output_padding) {
    Window2D window(type, "kernel", input, kernel, strides, dilation, Padding::same); // which fits any input
    if (output_padding)
        require<ValueError>(0 <= output_padding->height && output_padding->height < strides.height &&
                                0 <= output_padding->width && output_padding->width < strides.width,
                            type, ": output_padding must be at least 0 and below strides ", strides, ", got ",
                            *output_padding);
    std::optional<Index> down, across;
    if (output_padding) {
        down = output_padding->height;
        across = output_padding->width;
    }
    window.height = transposed_axis(input[0], kernel.height, strides.height, dilation.height, padding, down);
    window.width = transposed_axis(input[1], kernel.width, strides.width, dilation.width, padding, across);
    require<ShapeError>(window.height.input > 0 && window.width.input > 0, type, ": kernel ", kernel,
                        " with output_padding ", output_padding.value_or(0), " leaves nothing of input ", input,
                        " with padding=same");
    return window;
}

} // namespace fovea::ops
