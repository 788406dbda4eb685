#pragma once
#include <algorithm>
#include <numeric>

#include <fovea/core/arena.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/window.hpp>

/// Depthwise convolution: every channel has filters of its own, `multiplier` of them, and no channel reads another.
///
///     x (batch, height, width, channels / multiplier)   kernel (kernel height, kernel width, 1, channels)
///     y (batch, output height, output width, channels)
///
/// There are so few multiplications for each number read that memory sets the pace: nothing is copied or packed, padding is
/// left out instead of multiplied, and an image is gone through in blocks whose rows stay in the first-level cache until
/// all windows that reach them are done. With a multiplier above 1 each image is copied, its channels as often as they have filters.
/// Cost: output * kernel size * channels multiply-adds, once forward and twice backward.
namespace fovea::ops {

/// The outputs [begin, end) are those of a line whose windows reach over neither edge.
struct DepthwiseInterior {
    Index begin, end;
};

/// Outputs that lie side by side, and what they read: output j and tap (a, b) the pixel first + j * stride + b * dilation of the
/// a-th row, unless it lies outside.
template <class T>
struct DepthwiseLine {
    const T* x;                       ///< pixel 0 of the first row
    Index row_step;                   ///< numbers from one row to the next
    Index rows;                       ///< of taps, all inside of the image
    Index taps;                       ///< in a row
    Index columns;                    ///< pixels in a row
    Index first;                      ///< pixel
    Index stride;                     ///< pixels from one output to the next
    Index dilation;                   ///< pixels from one tap to the next
    Index begin, end;                 ///< outputs
    Index channels;                   ///< of a pixel, at least a panel
    Index channel_begin, channel_end; ///< to be worked on, from a panel's beginning on

    /// The taps [first_tap, last_tap) of an output are inside.
    Index first_tap(Index output) const {
        return std::min(taps, (std::max<Index>(-(first + output * stride), 0) + dilation - 1) / dilation);
    }
    Index last_tap(Index output) const {
        return std::clamp<Index>((columns - (first + output * stride) + dilation - 1) / dilation, first_tap(output),
                                 taps);
    }
    DepthwiseInterior interior() const {
        const Index behind = columns - first - (taps - 1) * dilation; // windows inside begin before first + behind
        return {std::max<Index>(stride - 1 - first, 0) / stride, std::max<Index>(behind + stride - 1, 0) / stride};
    }
};

/// Where the sums of a line go, and the weights of its taps.
template <class T>
struct DepthwiseOutput {
    const T* kernel; ///< of the line's first tap
    Index kernel_row_step;
    Index kernel_step;
    const T* bias; ///< may be null
    bool relu;
    T* y; ///< of output 0
    Index y_step;
};

} // namespace fovea::ops

#define FOVEA_KERNELS <fovea/ops/kernels/depthwise.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// Sizes of a depthwise convolution.
struct Depthwise {
    WindowAxis height;
    WindowAxis width;
    Index channels = 1;   ///< of y
    Index multiplier = 1; ///< of them for each channel of x

    Index taps() const { return height.kernel * width.kernel; }
    Index weights() const { return taps() * channels; }
    Index input_channels() const { return channels / multiplier; }
    Index image() const { return height.input * width.input; }    ///< pixels
    Index output() const { return height.output * width.output; } ///< pixels

    /// Kernels read whole vectors of a pixel's channels; pixels of less than a panel are copied into one, image by image.
    template <class T>
    bool is_narrow() const {
        return channels < simd::panel<T>;
    }
    template <class T>
    Index lanes() const {
        return std::max(channels, simd::panel<T>);
    }

    /// Bytes that each of the functions below needs.
    template <class T>
    Index scratch() const {
        const Index sums = Arena::bytes<T>(taps() * simd::padded<T>(channels));
        const Index images = is_narrow<T>() || multiplier > 1 ? Arena::bytes<T>(image() * lanes<T>()) : 0;
        if (!is_narrow<T>()) return sums + images;
        return sums + images + Arena::bytes<T>(output() * lanes<T>()) + Arena::bytes<T>(lanes<T>());
    }
};

namespace detail {

/// A part of the columns and channels of an image.
struct DepthwiseBlock {
    Index begin, end;
    Index channel_begin, channel_end;
};

/// Calls f(block) for all of the blocks, which begin at multiples of 8 columns and of a panel. `step` is how many pixels a column
/// reads. Some 8 KiB of a row were measured to be best: with three rows, the outputs and the weights they fill the first-level cache.
template <class T, class F>
void each_depthwise_block(Index columns, Index step, Index channels, F&& f) {
    constexpr Index some = 512 / static_cast<Index>(sizeof(T));
    const Index parts = std::max<Index>((channels + some / 2) / some, 1);
    const Index deep = simd::padded<T>((channels + parts - 1) / parts);
    const Index wide = 8 * std::max<Index>((2 * some + deep * step / 2) / (deep * step), 1);
    for (Index begin = 0; begin < columns; begin += wide)
        for (Index channel = 0; channel < channels; channel += deep)
            f(DepthwiseBlock{begin, std::min(columns, begin + wide), channel, std::min(channels, channel + deep)});
}

/// What row `i` of the output reads.
template <class T>
DepthwiseLine<T> depthwise_row(const Depthwise& d, const T* image, Index lanes, Index i, const DepthwiseBlock& block) {
    const Index row = d.width.input * lanes;
    const Index tap = d.height.first_tap(i);
    return {.x = image + std::max<Index>(d.height.first(i) + tap * d.height.dilation, 0) * row,
            .row_step = d.height.dilation * row,
            .rows = std::max<Index>(d.height.last_tap(i) - tap, 0),
            .taps = d.width.kernel,
            .columns = d.width.input,
            .first = -d.width.before,
            .stride = d.width.stride,
            .dilation = d.width.dilation,
            .begin = block.begin,
            .end = block.end,
            .channels = lanes,
            .channel_begin = block.channel_begin,
            .channel_end = block.channel_end};
}

/// Along one axis, the outputs whose windows read an input: output `first` by tap `tap`, then `spacing` more by tap_step less, and so on.
struct DepthwiseReaders {
    Index tap = 0;
    Index tap_step = 1;
    Index taps = 0;
    Index first = 0;
    Index spacing = 1;

    DepthwiseReaders(const WindowAxis& axis, Index input) {
        const Index common = std::gcd(axis.stride, axis.dilation);
        tap_step = axis.stride / common;
        spacing = axis.dilation / common;
        const Index place = input + axis.before;
        const Index tried = std::min(tap_step, axis.kernel);
        while (tap < tried && (place - tap * axis.dilation) % axis.stride != 0) ++tap;
        if (tap == tried) return;
        taps = (axis.kernel - tap + tap_step - 1) / tap_step;
        tap += (taps - 1) * tap_step;
        first = (place - tap * axis.dilation) / axis.stride;
    }

    /// Leaves out the readers that are no outputs.
    void clip(Index outputs) {
        const Index before = std::min(taps, (std::max<Index>(-first, 0) + spacing - 1) / spacing);
        tap -= before * tap_step;
        first += before * spacing;
        taps = std::clamp<Index>((outputs - first + spacing - 1) / spacing, 0, taps - before);
    }
};

/// `count` pixels as the kernels want them: their own memory, or a copy in which each channel stands `multiplier` times side by side,
/// with zeros behind them if they are narrow.
template <class T>
class DepthwisePixels {
public:
    DepthwisePixels(const Depthwise& d, Index count, Arena& scratch, Index multiplier = 1)
        : count_(count), lanes_(d.lanes<T>()), channels_(d.channels / multiplier), multiplier_(multiplier),
          copy_(d.is_narrow<T>() || multiplier > 1 ? scratch.take<T>(count * lanes_) : nullptr) {}

    const T* read(const T* pixels) const {
        if (copy_ == nullptr) return pixels;
        T* to = copy_;
        for (Index i = 0; i < count_; ++i, pixels += channels_, to += lanes_) {
            for (Index k = 0; k < multiplier_; ++k)
                for (Index c = 0; c < channels_; ++c) to[c * multiplier_ + k] = pixels[c];
            std::fill(to + channels_ * multiplier_, to + lanes_, T{});
        }
        return copy_;
    }

    /// Room for results, which `write` then brings to where they belong, those of one channel summed.
    T* room(T* pixels) const { return copy_ == nullptr ? pixels : copy_; }
    void write(T* pixels) const {
        if (copy_ == nullptr) return;
        const T* from = copy_;
        for (Index i = 0; i < count_; ++i, pixels += channels_, from += lanes_) {
            for (Index c = 0; c < channels_; ++c) pixels[c] = from[c * multiplier_];
            for (Index k = 1; k < multiplier_; ++k)
                for (Index c = 0; c < channels_; ++c) pixels[c] += from[c * multiplier_ + k];
        }
    }

private:
    Index count_, lanes_, channels_, multiplier_;
    T* copy_;
};

} // namespace detail

/// y = x correlated with the kernel + bias (or none, if it is empty), then perhaps ReLU
template <class T>
void depthwise_forward(const Depthwise& d, ConstView<T> x, const T* kernel, ConstView<T> bias, bool relu, View<T> y,
                       Arena scratch) {
    using Pixels = detail::DepthwisePixels<T>;
    const Pixels inputs(d, d.image(), scratch, d.multiplier), outputs(d, d.output(), scratch);
    const Index lanes = d.lanes<T>();
    const Index row = d.width.kernel * lanes;
    const T* const weights = Pixels(d, d.taps(), scratch).read(kernel);
    const T* const start = bias.empty() ? nullptr : Pixels(d, 1, scratch).read(bias.data());
    simd::dispatch([&](auto target) {
        for (Index n = 0; n < x.shape()[0]; ++n) {
            const T* const image = inputs.read(x.data() + n * d.image() * d.input_channels());
            T* const own = y.data() + n * d.output() * d.channels;
            T* const to = outputs.room(own);
            const auto work = [&](const detail::DepthwiseBlock& block) {
                for (Index i = 0; i < d.height.output; ++i) {
                    const DepthwiseOutput<T> output{.kernel = weights + d.height.first_tap(i) * row,
                                                    .kernel_row_step = row,
                                                    .kernel_step = lanes,
                                                    .bias = start,
                                                    .relu = relu,
                                                    .y = to + i * d.width.output * lanes,
                                                    .y_step = lanes};
                    depthwise_line(target, detail::depthwise_row(d, image, lanes, i, block), output);
                }
            };
            detail::each_depthwise_block<T>(d.width.output, d.width.stride, lanes, work);
            outputs.write(own);
        }
    });
}

/// dkernel += the gradient by the kernel, image by image.
template <class T>
void depthwise_backward_kernel(const Depthwise& d, ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) {
    using Pixels = detail::DepthwisePixels<T>;
    const Pixels inputs(d, d.image(), scratch, d.multiplier), outputs(d, d.output(), scratch);
    const Index lanes = d.lanes<T>();
    const Index row = d.width.kernel * simd::padded<T>(lanes);
    T* const sums = scratch.take<T>(d.height.kernel * row);
    simd::dispatch([&](auto target) {
        for (Index n = 0; n < x.shape()[0]; ++n) {
            const T* const image = inputs.read(x.data() + n * d.image() * d.input_channels());
            const T* const upstream = outputs.read(dy.data() + n * d.output() * d.channels);
            std::fill_n(sums, d.height.kernel * row, T{});
            const auto work = [&](const detail::DepthwiseBlock& block) {
                for (Index i = 0; i < d.height.output; ++i)
                    depthwise_gradient_line(target, detail::depthwise_row(d, image, lanes, i, block),
                                            upstream + i * d.width.output * lanes, sums + d.height.first_tap(i) * row);
            };
            detail::each_depthwise_block<T>(d.width.output, d.width.stride, lanes, work);
            depthwise_add(target, sums, d.taps(), d.channels, lanes, dkernel.data());
        }
    });
}

/// dx = the gradient by x: each pixel gathers from the outputs that read it. With strides these are different taps for neighbouring
/// pixels, so every stride-th pixel of a row is worked on together: from the outputs' point of view they lie side by side.
template <class T>
void depthwise_backward_input(const Depthwise& d, const T* kernel, ConstView<T> dy, View<T> dx, Arena scratch) {
    using Pixels = detail::DepthwisePixels<T>;
    const Pixels inputs(d, d.image(), scratch, d.multiplier), outputs(d, d.output(), scratch);
    const Index lanes = d.lanes<T>();
    const T* const weights = Pixels(d, d.taps(), scratch).read(kernel);
    const Index row = d.width.output * lanes;
    const Index step = d.width.stride;
    simd::dispatch([&](auto target) {
        for (Index n = 0; n < dx.shape()[0]; ++n) {
            const T* const upstream = outputs.read(dy.data() + n * d.output() * d.channels);
            T* const own = dx.data() + n * d.image() * d.input_channels();
            T* const to = inputs.room(own);
            const auto work = [&](const detail::DepthwiseBlock& block, Index i, Index j) {
                const detail::DepthwiseReaders across(d.width, j);
                detail::DepthwiseReaders down(d.height, i);
                down.clip(d.height.output);
                const bool read = down.taps > 0 && across.taps > 0;
                const DepthwiseLine<T> line{.x = upstream + (read ? down.first * row : 0),
                                            .row_step = down.spacing * row,
                                            .rows = down.taps,
                                            .taps = across.taps,
                                            .columns = d.width.output,
                                            .first = across.first,
                                            .stride = 1,
                                            .dilation = across.spacing,
                                            .begin = block.begin,
                                            .end = std::min(block.end, (d.width.input - j + step - 1) / step),
                                            .channels = lanes,
                                            .channel_begin = block.channel_begin,
                                            .channel_end = block.channel_end};
                const Index first_tap = read ? down.tap * d.width.kernel + across.tap : 0;
                const DepthwiseOutput<T> output{.kernel = weights + first_tap * lanes,
                                                .kernel_row_step = -down.tap_step * d.width.kernel * lanes,
                                                .kernel_step = -across.tap_step * lanes,
                                                .bias = nullptr,
                                                .relu = false,
                                                .y = to + (i * d.width.input + j) * lanes,
                                                .y_step = step * lanes};
                depthwise_line(target, line, output);
            };
            const auto all = [&](const detail::DepthwiseBlock& block) {
                for (Index i = 0; i < d.height.input; ++i)
                    for (Index j = 0; j < std::min(step, d.width.input); ++j) work(block, i, j);
            };
            detail::each_depthwise_block<T>((d.width.input + step - 1) / step, 1, lanes, all);
            inputs.write(own);
        }
    });
}

} // namespace fovea::ops
