#pragma once
#include <algorithm>
#include <vector>

#include <fovea/core/arena.hpp>
#include <fovea/ops/gathered_product.hpp>
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
    Index height = 0;           ///< of the image with its padding
    Index width = 0;            ///< of the image with its padding
    Index run = 0;              ///< this many elements of a patch, and any multiple of it, lie side by side
    std::vector<Index> pixels;  ///< where the patch of each output pixel begins
    std::vector<Index> columns; ///< where the elements of the first group's patch lie from there
    std::vector<Index> outputs; ///< where the rows of a tile of dy begin, and
    std::vector<Index> filter;  ///< where the elements of a row lie from there

    static constexpr Index tile = 48; ///< rows of patches that backward_input holds at a time

    Conv2DGeometry() = default;
    Conv2DGeometry(const Window2D& w, Index input_channels, Index output_filters, Index group_count)
        : window(w), channels(input_channels), filters(output_filters), groups(group_count), height(extent(w.height)),
          width(extent(w.width)), run(group_channels()) {
        if (groups == 1 && w.width.dilation == 1) run *= w.width.kernel;
        for (Index i = 0; i < w.height.output; ++i)
            for (Index j = 0; j < w.width.output; ++j)
                pixels.push_back((i * w.height.stride * width + j * w.width.stride) * channels);
        for (Index i = 0; i < w.height.kernel; ++i)
            for (Index j = 0; j < w.width.kernel; ++j)
                for (Index c = 0; c < group_channels(); ++c)
                    columns.push_back((i * w.height.dilation * width + j * w.width.dilation) * channels + c);
        for (Index i = 0; i < tile; ++i) outputs.push_back(i * filters);
        for (Index i = 0; i < group_filters(); ++i) filter.push_back(i);
    }

    Index group_channels() const { return channels / groups; }
    Index group_filters() const { return filters / groups; }
    Index patch() const { return static_cast<Index>(columns.size()); }
    Index rows(Index batch) const { return batch * static_cast<Index>(pixels.size()); }
    Index image() const { return height * width * channels; }
    bool is_padded() const { return height != window.height.input || width != window.width.input; }

    template <class T>
    Index forward_scratch(Index batch) const {
        return gather_scratch<T>(batch) + Arena::bytes<T>(patch() * padded<T>(group_filters()));
    }

    template <class T>
    Index backward_scratch(Index batch) const {
        return std::max(gather_scratch<T>(batch) + Arena::bytes<T>(rows(batch) * padded<T>(group_filters())),
                        Arena::bytes<T>(batch * image()) +
                            Arena::bytes<T>((group_filters() + tile) * padded<T>(patch())));
    }

private:
    template <class T>
    Index gather_scratch(Index batch) const {
        return Arena::bytes<T>(is_padded() ? batch * image() : 0) + Arena::bytes<Index>(rows(batch));
    }

    static Index extent(const WindowAxis& axis) {
        return std::max(axis.before + axis.input, (axis.output - 1) * axis.stride + axis.span());
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

/// The patches of all images as one matrix; padding, where there is any, is put around a copy of them.
template <class T>
Gathered<T> patches(const Conv2DGeometry& g, ConstView<T> x, Arena& scratch) {
    const Index batch = x.shape()[0];
    const T* images = x.data();
    if (g.is_padded()) {
        T* const framed = scratch.take<T>(batch * g.image());
        std::fill_n(framed, batch * g.image(), T{});
        each_padded_row(g, x, framed,
                        [&](const T* from, T* to) { std::copy_n(from, g.window.width.input * g.channels, to); });
        images = framed;
    }
    auto* const rows = scratch.take<Index>(g.rows(batch));
    Index* next = rows;
    for (Index n = 0; n < batch; ++n)
        for (const Index pixel : g.pixels) *next++ = n * g.image() + pixel;
    return {images, {rows, next}, g.columns};
}

template <class T>
Gathered<T> group_of(Gathered<T> patches, const Conv2DGeometry& g, Index group) {
    patches.data += group * g.group_channels();
    return patches;
}

/// The columns of one group in a matrix whose rows hold all filters: the kernel, y or dy.
template <class T>
Rows<T> group_of(T* data, const Conv2DGeometry& g, Index group) {
    return {data + group * g.group_filters(), g.filters, g.group_filters()};
}

} // namespace detail

/// y = x correlated with kernel
template <class T>
void conv2d_forward(const Conv2DGeometry& g, ConstView<T> x, ConstView<T> kernel, View<T> y, Arena scratch) {
    const Gathered<T> patches = detail::patches(g, x, scratch);
    for (Index group = 0; group < g.groups; ++group) {
        Arena free = scratch;
        const auto weights = readable(detail::group_of(kernel.data(), g, group), g.patch(), free);
        multiply(detail::group_of(patches, g, group), weights, detail::group_of(y.data(), g, group));
    }
}

/// dkernel += the gradient by the kernel
template <class T>
void conv2d_backward_kernel(const Conv2DGeometry& g, ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) {
    const Gathered<T> patches = detail::patches(g, x, scratch);
    for (Index group = 0; group < g.groups; ++group) {
        Arena free = scratch;
        const auto upstream = readable(detail::group_of(dy.data(), g, group), g.rows(x.shape()[0]), free);
        add_transposed_product(detail::group_of(patches, g, group), upstream,
                               detail::group_of(dkernel.data(), g, group));
    }
}

/// dx = the gradient by x: each patch's gradient is a row of dy times the transposed kernel, added where the patch lies
template <class T>
void conv2d_backward_input(const Conv2DGeometry& g, ConstView<T> kernel, ConstView<T> dy, View<T> dx, Arena scratch) {
    const Index batch = dx.shape()[0];
    const auto pixels = static_cast<Index>(g.pixels.size());
    T* const images = g.is_padded() ? scratch.take<T>(batch * g.image()) : dx.data();
    std::fill_n(images, batch * g.image(), T{});
    T* const transposed = scratch.take<T>((g.group_filters() + g.tile) * padded<T>(g.patch()));
    for (Index group = 0; group < g.groups; ++group) {
        const auto weights = transpose(Rows<const T>(detail::group_of(kernel.data(), g, group)), g.patch(), transposed);
        const Rows<T> gradients{transposed + g.group_filters() * weights.stride, weights.stride, g.patch()};
        for (Index first = 0; first < g.rows(batch); first += g.tile) {
            const auto count = static_cast<std::size_t>(std::min(g.tile, g.rows(batch) - first));
            const T* const upstream = dy.data() + first * g.filters + group * g.group_filters();
            multiply<T>({upstream, std::span(g.outputs).first(count), g.filter}, weights, gradients);
            for (Index i = 0; i < static_cast<Index>(count); ++i) {
                const Index row = first + i;
                T* const patch = images + row / pixels * g.image() + g.pixels[static_cast<std::size_t>(row % pixels)] +
                                 group * g.group_channels();
                const T* from = gradients.data + i * gradients.stride;
                for (Index k = 0; k < g.patch(); k += g.run) {
                    T* const to = patch + g.columns[static_cast<std::size_t>(k)];
                    for (Index j = 0; j < g.run; ++j) to[j] += *from++;
                }
            }
        }
    }
    if (g.is_padded())
        detail::each_padded_row(
            g, dx, images, [&](T* to, const T* from) { std::copy_n(from, g.window.width.input * g.channels, to); });
}

} // namespace fovea::ops
