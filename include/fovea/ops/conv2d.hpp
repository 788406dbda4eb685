#pragma once
#include <algorithm>
#include <limits>
#include <vector>

#include <fovea/core/view.hpp>
#include <fovea/ops/product.hpp>
#include <fovea/ops/window.hpp>

/// Two-dimensional cross-correlation, as every framework's "convolution" is one.
///
///     x (batch, height, width, channels)   kernel (kernel height, kernel width, channels / groups, filters)
///     y (batch, output height, output width, filters)
///
/// Cost: batch * output height * output width * kernel size multiply-adds, once forward and twice backward.
namespace fovea::ops {

/// Sizes of a convolution and, worked out once, where in an image its patches lie.
struct Conv2DGeometry {
    Window2D window;
    Index channels = 0;
    Index filters = 0;
    Index groups = 1;
    Index height = 0;                  ///< of the image with its padding
    Index width = 0;                   ///< of the image with its padding
    std::vector<Index> pixels;         ///< where the patch of each output pixel begins
    std::vector<std::int32_t> columns; ///< where the elements of the first group's patch lie from there
    std::vector<std::int32_t> filter;  ///< 0, 1, 2 ...: where those of a row of dy lie

    Conv2DGeometry() = default;
    Conv2DGeometry(const Window2D& w, Index input_channels, Index output_filters, Index group_count)
        : window(w), channels(input_channels), filters(output_filters), groups(group_count), height(w.height.framed()),
          width(w.width.framed()) {
        const Index largest = ((w.height.span() - 1) * width + w.width.span()) * channels;
        require<ValueError>(largest <= std::numeric_limits<std::int32_t>::max(), "Conv2D: a patch spans ", largest,
                            " elements of the input, at most ", std::numeric_limits<std::int32_t>::max(),
                            " are possible");
        for (Index i = 0; i < w.height.output; ++i)
            for (Index j = 0; j < w.width.output; ++j)
                pixels.push_back((i * w.height.stride * width + j * w.width.stride) * channels);
        for (Index i = 0; i < w.height.kernel; ++i)
            for (Index j = 0; j < w.width.kernel; ++j)
                for (Index c = 0; c < group_channels(); ++c)
                    columns.push_back(static_cast<std::int32_t>(
                        (i * w.height.dilation * width + j * w.width.dilation) * channels + c));
        for (Index i = 0; i < group_filters(); ++i) filter.push_back(static_cast<std::int32_t>(i));
    }

    Index group_channels() const { return channels / groups; }
    Index group_filters() const { return filters / groups; }
    Index patch() const { return static_cast<Index>(columns.size()); }
    Index output() const { return static_cast<Index>(pixels.size()); }
    Index rows(Index batch) const { return batch * output(); }
    Index image() const { return height * width * channels; }
    bool is_padded() const { return height != window.height.input || width != window.width.input; }

    /// Numbers in the kernel as `conv2d_pack_forward` and `conv2d_pack_backward` lay it out.
    template <class T>
    Index packed_forward() const {
        return groups * packed_size<T>(patch(), group_filters());
    }
    template <class T>
    Index packed_backward() const {
        return groups * window.taps() * packed_size<T>(group_filters(), group_channels());
    }

    /// Bytes that each of the functions below needs.
    template <class T>
    Index scratch(Index batch) const {
        const Index upstream =
            simd::padded<T>(group_filters()) == group_filters() ? 0 : simd::padded<T>(group_filters());
        return Arena::bytes<T>(is_padded() ? batch * image() : 0) + 2 * Arena::bytes<Index>(rows(batch)) +
               Arena::bytes<T>(rows(batch) * upstream);
    }
};

namespace detail {

/// Copies images between their own memory and a frame of padding around each: `copy(row of an image, row of its frame)`.
template <class T, class U, class F>
void each_padded_row(const Conv2DGeometry& g, View<T> images, U* framed, F&& copy) {
    const WindowAxis& h = g.window.height;
    const WindowAxis& w = g.window.width;
    for (Index n = 0; n < images.shape()[0]; ++n)
        for (Index i = 0; i < h.input; ++i)
            copy(images.data() + (n * h.input + i) * w.input * g.channels,
                 framed + n * g.image() + ((h.before + i) * g.width + w.before) * g.channels);
}

/// The images themselves, or a copy with padding around each.
template <class T>
const T* framed_images(const Conv2DGeometry& g, ConstView<T> x, Arena& scratch) {
    if (!g.is_padded()) return x.data();
    const Index size = x.shape()[0] * g.image();
    T* const framed = scratch.take<T>(size);
    std::fill_n(framed, size, T{});
    each_padded_row(g, x, framed,
                    [&](const T* from, T* to) { std::copy_n(from, g.window.width.input * g.channels, to); });
    return framed;
}

/// The images without their frames.
template <class T>
void copy_from_frames(const Conv2DGeometry& g, const T* framed, View<T> images) {
    each_padded_row(g, images, framed,
                    [&](T* to, const T* from) { std::copy_n(from, g.window.width.input * g.channels, to); });
}

/// Where the patches of all images begin.
inline const Index* patch_rows(const Conv2DGeometry& g, Index batch, Arena& scratch) {
    auto* const rows = scratch.take<Index>(g.rows(batch));
    Index* next = rows;
    for (Index n = 0; n < batch; ++n)
        for (const Index pixel : g.pixels) *next++ = n * g.image() + pixel;
    return rows;
}

} // namespace detail

/// The kernel as `conv2d_forward` reads it: for each group a packed matrix (patch, filters).
template <class T>
void conv2d_pack_forward(const Conv2DGeometry& g, ConstView<T> kernel, T* packed) {
    for (Index group = 0; group < g.groups; ++group, packed += packed_size<T>(g.patch(), g.group_filters()))
        pack_panels(kernel.data() + group * g.group_filters(), g.filters, Index{1}, g.patch(), g.group_filters(),
                    packed);
}

/// The kernel as `conv2d_backward_input` reads it: for each group and tap a packed matrix (filters, channels).
template <class T>
void conv2d_pack_backward(const Conv2DGeometry& g, ConstView<T> kernel, T* packed) {
    for (Index group = 0; group < g.groups; ++group)
        for (Index tap = 0; tap < g.window.taps(); ++tap) {
            const T* const from = kernel.data() + tap * g.group_channels() * g.filters + group * g.group_filters();
            pack_panels(from, Index{1}, g.filters, g.group_filters(), g.group_channels(), packed);
            packed += packed_size<T>(g.group_filters(), g.group_channels());
        }
}

/// y = x correlated with the kernel + bias (or none, if it is empty), then perhaps ReLU
template <class T>
void conv2d_forward(const Conv2DGeometry& g, ConstView<T> x, const T* packed, ConstView<T> bias, bool relu, View<T> y,
                    Arena scratch) {
    const Index batch = x.shape()[0];
    const T* const images = detail::framed_images(g, x, scratch);
    const Index* const patches = detail::patch_rows(g, batch, scratch);
    const Index* const outputs = detail::even_rows(g.rows(batch), g.filters, scratch);
    for (Index group = 0; group < g.groups; ++group)
        multiply<T>({.a = images + group * g.group_channels(),
                     .a_rows = patches,
                     .rows = g.rows(batch),
                     .columns = g.columns.data(),
                     .depth = g.patch(),
                     .b = packed + group * packed_size<T>(g.patch(), g.group_filters()),
                     .c = y.data() + group * g.group_filters(),
                     .c_rows = outputs,
                     .width = g.group_filters(),
                     .bias = bias.empty() ? nullptr : bias.data() + group * g.group_filters(),
                     .relu = relu});
}

/// dkernel += the gradient by the kernel
template <class T>
void conv2d_backward_kernel(const Conv2DGeometry& g, ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) {
    const Index batch = x.shape()[0];
    const T* const images = detail::framed_images(g, x, scratch);
    const Index* const patches = detail::patch_rows(g, batch, scratch);
    for (Index group = 0; group < g.groups; ++group) {
        Arena free = scratch;
        Index stride = g.filters;
        const T* const upstream =
            detail::whole_panels(dy.data() + group * g.group_filters(), g.rows(batch), g.group_filters(), stride, free);
        add_outer_product<T>({.a = images + group * g.group_channels(),
                              .a_rows = patches,
                              .rows = g.rows(batch),
                              .columns = g.columns.data(),
                              .depth = g.patch(),
                              .b = upstream,
                              .b_stride = stride,
                              .c = dkernel.data() + group * g.group_filters(),
                              .c_stride = g.filters,
                              .width = g.group_filters()});
    }
}

/// dx = the gradient by x. Each tap adds dy times its transposed part of the kernel to the pixels that it reads, which are
/// different ones for each row of dy; so an element of dx is summed tap by tap.
template <class T>
void conv2d_backward_input(const Conv2DGeometry& g, const T* packed, ConstView<T> dy, View<T> dx, Arena scratch) {
    const Index batch = dx.shape()[0];
    T* const images = g.is_padded() ? scratch.take<T>(batch * g.image()) : dx.data();
    std::fill_n(images, batch * g.image(), T{});
    const Index* const patches = detail::patch_rows(g, batch, scratch);
    const Index* const upstream = detail::even_rows(g.rows(batch), g.filters, scratch);
    // As many images at a time as give the product enough rows: their gradients stay in the cache from tap to tap.
    const Index some = std::max<Index>(1, 96 / g.output());
    for (Index first = 0; first < batch; first += some) {
        const Index rows = (std::min(batch, first + some) - first) * g.output();
        for (Index group = 0; group < g.groups; ++group)
            for (Index tap = 0; tap < g.window.taps(); ++tap) {
                const Index place = group * g.window.taps() + tap;
                const Index offset = g.columns[static_cast<std::size_t>(tap * g.group_channels())];
                multiply<T>({.a = dy.data() + group * g.group_filters(),
                             .a_rows = upstream + first * g.output(),
                             .rows = rows,
                             .columns = g.filter.data(),
                             .depth = g.group_filters(),
                             .b = packed + place * packed_size<T>(g.group_filters(), g.group_channels()),
                             .c = images + offset + group * g.group_channels(),
                             .c_rows = patches + first * g.output(),
                             .width = g.group_channels(),
                             .add = true});
            }
    }
    if (g.is_padded()) detail::copy_from_frames(g, images, dx);
}

} // namespace fovea::ops
