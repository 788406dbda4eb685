#pragma once
#include <algorithm>
#include <cstdint>

#include <fovea/core/arena.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/pooled_winner.hpp>
#include <fovea/ops/window.hpp>

/// Convolution by Winograd's F(2x2, 3x3), for 3x3 kernels without strides, dilation or groups.
///
///     x (batch, height, width, channels)   kernel (3, 3, channels, filters)
///     y (batch, output height, output width, filters)
///
/// Tiles of 2 * 2 outputs are worked out together: y = A^T [sum over channels of (G g G^T) * (B^T d B)] A, where d are the
/// 4 * 4 inputs of the tile and * multiplies number by number. So 16 multiplications do the work of 36, and become 16 matrix
/// products over all tiles. See Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
/// Rounding errors are a few times those of the plain sum, and an input that is infinite or NaN spoils all pixels of its tiles.
/// Cost: 16 * channels * filters multiply-adds a tile, and transforms of about 32 * (channels + filters) loads and stores.
namespace fovea::ops {

/// Sizes of a convolution. The output may be any part of the whole one from the upper left corner on; what it reads behind
/// the input is padding.
struct Winograd {
    Index height = 1;
    Index width = 1;
    Index channels = 1;
    Index filters = 1;
    Index top = 0;  ///< padding in front, 0 to 2
    Index left = 0; ///< padding in front, 0 to 2
    Index output_height = 1;
    Index output_width = 1;

    static constexpr int matrices = 16;
    static constexpr Index filter_panels = 4; ///< worked on together
    static constexpr Index tile_rows = 6;     ///< blocks of tiles are a multiple of this
    static constexpr Index depth_block = 128; ///< channels whose weights stay in the first-level cache

    /// Elements of the transformed kernel: panels [16][filters / panel][channels][panel].
    template <class T>
    Index packed_forward() const {
        return matrices * channels * simd::padded<T>(filters);
    }
    template <class T>
    Index packed_backward() const {
        return matrices * filters * simd::padded<T>(channels);
    }

    /// The gradient by the input is a convolution of the gradient by the output.
    Winograd transposed() const {
        return {output_height, output_width, filters, channels, 2 - top, 2 - left, height, width};
    }
};

/// The tiles of a batch.
struct WinogradGrid {
    Index batch, height, width; ///< of the output
    Index rows, columns;        ///< of tiles in an image

    Index tiles() const { return batch * rows * columns; }
};

/// Where a tile lies.
struct WinogradTile {
    Index sample = 0;
    Index row = 0;
    Index column = 0;

    void advance(const WinogradGrid& grid) {
        if (++column < grid.columns) return;
        column = 0;
        if (++row < grid.rows) return;
        row = 0;
        ++sample;
    }
};

/// A batch of images, of `size` elements altogether.
template <class T>
struct WinogradImages {
    const T* data;
    Index height, width, channels, size;
};

/// What the kernel of a convolution works on.
template <class T>
struct WinogradForward {
    WinogradImages<T> x;
    Index top, left;
    WinogradGrid grid;
    Index filters;
    const T* packed;
    const T* bias; ///< may be null
    bool relu;
    bool pooled;
    T* y;
    std::uint8_t* codes; ///< may be null
    Index block;         ///< tiles at a time
    T* v;                ///< [16][channels / panel][block][panel], transformed inputs
    Index v_matrix;      ///< from one of the 16 to the next
    T* m;                ///< [16][filter_panels][block][panel], products
    Index m_matrix;
    T* patch; ///< [16][channels]
};

/// What the kernel of the gradient of the weights works on.
template <class T>
struct WinogradKernelGradient {
    WinogradImages<T> x, dy;
    Index top, left;
    WinogradGrid grid;
    T* dkernel;
    Index channel_block, filter_block; ///< worked on together
    Index block;                       ///< tiles at a time
    T* v;                              ///< [16][channel_block / panel][block][panel], transformed inputs
    Index v_matrix;
    T* g; ///< [16][filter_block / panel][block][panel], transformed gradients
    Index g_matrix;
    T* sums; ///< [16][filter_block / panel][channel_block][panel]
    Index sums_matrix;
    T* patch;
};

} // namespace fovea::ops

#define FOVEA_KERNELS <fovea/ops/kernels/winograd.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

namespace detail {

/// As many tiles as let 16 matrices of `numbers` numbers a tile stay in a second-level cache, beside the weights and shared with
/// another thread, but enough to use weights often that come from the third, and no more than there are.
template <class T>
Index winograd_block(Index numbers, Index tiles, Index least, Index most) {
    constexpr Index cache = Index{256} << 10;
    constexpr Index rows = Winograd::tile_rows;
    const Index fitting = cache / (Winograd::matrices * numbers * static_cast<Index>(sizeof(T)));
    return (std::min(std::clamp(fitting, least, most), tiles) + rows - 1) / rows * rows;
}

/// Elements of each of 16 matrices, which begin in different sets of the first-level cache.
template <class T>
Index winograd_matrix(Index numbers) {
    return numbers + simd::panel<T>;
}

template <class T>
struct WinogradForwardPlan {
    WinogradGrid grid;
    Index block, v_matrix, m_matrix, patch;

    WinogradForwardPlan(const Winograd& g, Index batch, bool pooled)
        : grid{batch, g.output_height, g.output_width, (g.output_height + !pooled) / 2,
               (g.output_width + !pooled) / 2} {
        const Index channels = simd::padded<T>(g.channels);
        const Index filters = std::min(simd::padded<T>(g.filters), Winograd::filter_panels * simd::panel<T>);
        block = winograd_block<T>(channels + filters, grid.tiles(), 36, 192);
        v_matrix = winograd_matrix<T>(block * channels);
        m_matrix = winograd_matrix<T>(block * filters);
        patch = 16 * channels;
    }

    Index scratch() const {
        return Arena::bytes<T>(Winograd::matrices * v_matrix) + Arena::bytes<T>(Winograd::matrices * m_matrix) +
               Arena::bytes<T>(patch);
    }
};

template <class T>
struct WinogradKernelPlan {
    WinogradGrid grid;
    Index channel_block, filter_block, block, v_matrix, g_matrix, sums_matrix, patch;

    WinogradKernelPlan(const Winograd& g, Index batch)
        : grid{batch, g.output_height, g.output_width, (g.output_height + 1) / 2, (g.output_width + 1) / 2},
          channel_block(std::min(simd::padded<T>(g.channels), 8 * simd::panel<T>)),
          filter_block(std::min(simd::padded<T>(g.filters), 8 * simd::panel<T>)),
          block(winograd_block<T>(channel_block + filter_block, grid.tiles(), 48, 192)),
          v_matrix(winograd_matrix<T>(block * channel_block)), g_matrix(winograd_matrix<T>(block * filter_block)),
          sums_matrix(winograd_matrix<T>(channel_block * filter_block)),
          patch(16 * std::max(channel_block, filter_block)) {}

    Index scratch() const {
        return Arena::bytes<T>(Winograd::matrices * v_matrix) + Arena::bytes<T>(Winograd::matrices * g_matrix) +
               Arena::bytes<T>(Winograd::matrices * sums_matrix) + Arena::bytes<T>(patch);
    }
};

template <class T>
WinogradImages<T> winograd_images(ConstView<T> x) {
    return {x.data(), x.shape()[1], x.shape()[2], x.shape()[3], x.size()};
}

template <class T>
void winograd_run(const Winograd& g, ConstView<T> x, const T* packed, const T* bias, bool relu, bool pooled, View<T> y,
                  std::uint8_t* codes, Arena scratch) {
    const WinogradForwardPlan<T> plan(g, x.shape()[0], pooled);
    WinogradForward<T> w{
        winograd_images(x), g.top, g.left,     plan.grid, g.filters,     packed,  bias,          relu,   pooled,
        y.data(),           codes, plan.block, nullptr,   plan.v_matrix, nullptr, plan.m_matrix, nullptr};
    w.v = scratch.take<T>(Winograd::matrices * plan.v_matrix);
    w.m = scratch.take<T>(Winograd::matrices * plan.m_matrix);
    w.patch = scratch.take<T>(plan.patch);
    simd::dispatch([&](auto target) { winograd_convolve(target, w); });
}

/// The transformed kernel of `depth` inputs and `width` outputs. Tap 0 of input k and output j lies at
/// kernel[k * row + j * column], the others `step` apart.
template <class T>
void winograd_pack(const T* kernel, Index step, Index row, Index column, Index depth, Index width, T* packed) {
    constexpr Index rows = 16;
    constexpr Index lanes = simd::panel<T>;
    alignas(64) T taps[9 * rows * lanes] = {};
    for (Index first = 0; first < width; first += lanes) {
        const Index columns = std::min(lanes, width - first);
        for (Index k = 0; k < depth; k += rows) {
            const Index count = std::min(rows, depth - k);
            for (Index tap = 0; tap < 9; ++tap) {
                for (Index i = 0; i < count; ++i) {
                    const T* const from = kernel + tap * step + (k + i) * row + first * column;
                    T* const to = taps + (tap * count + i) * lanes;
                    for (Index lane = 0; lane < columns; ++lane) to[lane] = from[lane * column];
                    std::fill(to + columns, to + lanes, T{});
                }
            }
            T* const to = packed + first * depth + k * lanes;
            const Index next = depth * simd::padded<T>(width);
            simd::dispatch(
                [&](auto target) { winograd_transform_kernel(target, static_cast<const T*>(taps), count, to, next); });
        }
    }
}

} // namespace detail

/// Bytes of scratch for winograd_forward and winograd_forward_pooled.
template <class T>
Index winograd_forward_scratch(const Winograd& g, Index batch) {
    return detail::WinogradForwardPlan<T>(g, batch, false).scratch();
}
template <class T>
Index winograd_backward_input_scratch(const Winograd& g, Index batch) {
    return winograd_forward_scratch<T>(g.transposed(), batch);
}
template <class T>
Index winograd_backward_kernel_scratch(const Winograd& g, Index batch) {
    return detail::WinogradKernelPlan<T>(g, batch).scratch();
}

/// packed = the transformed kernel for winograd_forward and winograd_forward_pooled, g.packed_forward<T>() elements
template <class T>
void winograd_pack_forward(const Winograd& g, ConstView<T> kernel, T* packed) {
    detail::winograd_pack(kernel.data(), g.channels * g.filters, g.filters, 1, g.channels, g.filters, packed);
}

/// packed = the transformed kernel for winograd_backward_input, g.packed_backward<T>() elements
template <class T>
void winograd_pack_backward(const Winograd& g, ConstView<T> kernel, T* packed) {
    const Index taps = g.channels * g.filters; // from the last to the first: the kernel is turned
    detail::winograd_pack(kernel.data() + 8 * taps, -taps, 1, g.filters, g.filters, g.channels, packed);
}

/// y = x correlated with the kernel + bias, which may be null, then rectified if `relu`
template <class T>
void winograd_forward(const Winograd& g, ConstView<T> x, const T* packed, const T* bias, bool relu, View<T> y,
                      Arena scratch) {
    detail::winograd_run(g, x, packed, bias, relu, false, y, nullptr, scratch);
}

/// y (batch, output height / 2, output width / 2, filters) = the largest of each 2 * 2 cell of what winograd_forward writes;
/// NaN if there is one. A cell cut off by the edge is left out. Where `codes` is not null it gets for each element of y which
/// pixel of its cell it is: 0 to 3, row by row, the first one of several; `dead_cell` if `relu` and y is 0.
template <class T>
void winograd_forward_pooled(const Winograd& g, ConstView<T> x, const T* packed, const T* bias, bool relu, View<T> y,
                             std::uint8_t* codes, Arena scratch) {
    detail::winograd_run(g, x, packed, bias, relu, true, y, codes, scratch);
}

/// dx = the gradient by x
template <class T>
void winograd_backward_input(const Winograd& g, ConstView<T> dy, const T* packed_backward, View<T> dx, Arena scratch) {
    winograd_forward<T>(g.transposed(), dy, packed_backward, nullptr, false, dx, scratch);
}

/// dkernel += the gradient by the kernel: sums over all tiles in their order, then over the 16 products
template <class T>
void winograd_backward_kernel(const Winograd& g, ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) {
    const detail::WinogradKernelPlan<T> plan(g, x.shape()[0]);
    WinogradKernelGradient<T> w{detail::winograd_images(x),
                                detail::winograd_images(dy),
                                g.top,
                                g.left,
                                plan.grid,
                                dkernel.data(),
                                plan.channel_block,
                                plan.filter_block,
                                plan.block,
                                nullptr,
                                plan.v_matrix,
                                nullptr,
                                plan.g_matrix,
                                nullptr,
                                plan.sums_matrix,
                                nullptr};
    w.v = scratch.take<T>(Winograd::matrices * plan.v_matrix);
    w.g = scratch.take<T>(Winograd::matrices * plan.g_matrix);
    w.sums = scratch.take<T>(Winograd::matrices * plan.sums_matrix);
    w.patch = scratch.take<T>(plan.patch);
    if (plan.grid.tiles() == 0) return;
    simd::dispatch([&](auto target) {
        for (Index f = 0; f < g.filters; f += w.filter_block)
            for (Index c = 0; c < g.channels; c += w.channel_block)
                winograd_kernel_gradient(target, w, c, std::min(w.channel_block, g.channels - c), f,
                                         std::min(w.filter_block, g.filters - f));
    });
}

} // namespace fovea::ops
