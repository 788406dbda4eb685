#pragma once
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <type_traits>

#include <fovea/core/arena.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/core/simd_math.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/pooled_winner.hpp>
#include <fovea/ops/transpose.hpp>
#include <fovea/ops/window.hpp>
#include <fovea/ops/winograd_transforms.hpp>

/// Convolution by Winograd's F(2x2, 3x3) or F(3x3, 3x3), for 3x3 kernels without strides, dilation or groups.
///
///     x (batch, height, width, channels)   kernel (3, 3, channels, filters)
///     y (batch, output height, output width, filters)
///
/// Tiles of 2 * 2 outputs are worked out together: y = A^T [sum over channels of (G g G^T) * (B^T d B)] A, where d are the
/// 4 * 4 inputs of the tile and * multiplies number by number. So 16 multiplications do the work of 36, and become 16 matrix
/// products over all tiles. See Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016. Of 3 * 3
/// outputs it is 25 instead of 81, with transforms that are longer and round more.
/// The gradients are the same three steps backward: by the input, B [(G g G^T) * (A dy A^T)] B^T summed over filters; by the
/// kernel, G^T [(A dy A^T) * (B^T d B)] G summed over tiles.
/// Rounding errors are a few times those of the plain sum, and an input that is infinite or NaN spoils all pixels of its tiles.
/// Cost: 16 (25) * channels * filters multiply-adds a tile, and transforms of about twice as many loads and stores a channel.
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
    int tile = 2; ///< outputs a side: 2 or 3

    static constexpr Index filter_panels = 4; ///< worked on together
    static constexpr Index tile_rows = 6;     ///< blocks of tiles are a multiple of this
    static constexpr Index depth_block = 128; ///< channels whose weights stay in the first-level cache

    static constexpr Index sum_channels = 16; ///< of the gradient of the kernel, worked on together

    /// Numbers in a transformed tile, each of a matrix of its own.
    Index matrices() const { return winograd_matrices(tile); }

    /// Elements of the transformed kernel: panels [matrices][filters / panel][channels][panel].
    template <class T>
    Index packed_forward() const {
        return matrices() * channels * simd::padded<T>(filters);
    }
    template <class T>
    Index packed_backward() const {
        return matrices() * filters * simd::padded<T>(channels);
    }
};

/// The tiles of a batch.
struct WinogradGrid {
    Index batch, rows, columns; ///< of tiles in an image

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
    T* data;
    Index height, width, channels, size;
};

/// What the kernels of a convolution and of its gradient by the input work on: `from` is x or dy, `to` y or dx.
template <class T>
struct WinogradPass {
    WinogradImages<const T> from;
    WinogradImages<T> to;
    Index top, left;
    WinogradGrid grid;
    const T* packed;
    const T* bias; ///< may be null
    bool relu;
    std::uint8_t* codes; ///< may be null
    Index block;         ///< tiles at a time
    T* v;                ///< [matrices][from.channels / panel][block][panel], transformed tiles of `from`
    Index v_matrix;      ///< from one of the matrices to the next
    T* m;                ///< [matrices][filter_panels][block][panel], products
    Index m_matrix;
    T* patch; ///< [matrices][from.channels]
};

/// What the kernel of the gradient of the weights works on.
template <class T>
struct WinogradKernelGradient {
    WinogradImages<const T> x, dy;
    Index top, left;
    WinogradGrid grid;
    T* dkernel;
    Index block; ///< tiles at a time
    T* v;        ///< [matrices][channels / panel][block][panel], transformed inputs
    Index v_matrix;
    T* g; ///< [matrices][filters / panel][block][panel], transformed gradients
    Index g_matrix;
    T* sums; ///< [channels / sum_channels][filters / panel][matrices][sum_channels][panel]
    Index sums_matrix;
    T* patch;
};

/// Taps of some rows of a kernel, a panel each.
template <class T>
struct WinogradTaps {
    const T* data;
    Index rows, row; ///< how many, and from one to the next
    Index step;      ///< from tap to tap
};

/// Channels and filters that are worked on together.
struct WinogradPart {
    Index channel, channels;
    Index filter, filters;
};

} // namespace fovea::ops

#define FOVEA_KERNELS <fovea/ops/kernels/winograd_transforms.inl>
#include <fovea/core/simd/for_each_target.inl>
#define FOVEA_KERNELS <fovea/ops/kernels/winograd.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

namespace detail {

/// As many tiles as let the matrices of `numbers` numbers a tile stay in a second-level cache, beside the weights and shared with
/// another thread, but enough to use weights often that come from the third, and no more than there are.
template <class T>
Index winograd_block(const Winograd& g, Index numbers, Index tiles, Index least, Index most) {
    constexpr Index cache = Index{256} << 10;
    constexpr Index rows = Winograd::tile_rows;
    const Index fitting = cache / (g.matrices() * numbers * static_cast<Index>(sizeof(T)));
    return (std::min(std::clamp(fitting, least, most), tiles) + rows - 1) / rows * rows;
}

/// Elements of each of the matrices, which begin in different sets of the first-level cache.
template <class T>
Index winograd_matrix(Index numbers) {
    return numbers + simd::panel<T>;
}

/// (batch, height, width, channels)
template <class T>
WinogradImages<T> winograd_images(View<T> images) {
    return {images.data(), images.shape()[1], images.shape()[2], images.shape()[3], images.size()};
}
template <class T>
WinogradImages<const T> winograd_images(ConstView<T> images) {
    return {images.data(), images.shape()[1], images.shape()[2], images.shape()[3], images.size()};
}

inline WinogradGrid winograd_grid(const Winograd& g, Index batch) {
    const auto tiles = [&](Index outputs) { return (outputs + g.tile - 1) / g.tile; };
    return {batch, tiles(g.output_height), tiles(g.output_width)};
}

/// From `depth` channels to `width`.
template <class T>
struct WinogradPlan {
    WinogradGrid grid;
    Index matrices, block, v_matrix, m_matrix, patch;

    WinogradPlan(const Winograd& g, Index batch, Index depth, Index width)
        : grid(winograd_grid(g, batch)), matrices(g.matrices()) {
        const Index read = simd::padded<T>(depth);
        const Index written = std::min(simd::padded<T>(width), Winograd::filter_panels * simd::panel<T>);
        block = winograd_block<T>(g, read + written, grid.tiles(), 36, 192);
        v_matrix = winograd_matrix<T>(block * read);
        m_matrix = winograd_matrix<T>(block * written);
        patch = matrices * read;
    }

    Index scratch() const {
        return Arena::bytes<T>(matrices * v_matrix) + Arena::bytes<T>(matrices * m_matrix) + Arena::bytes<T>(patch);
    }
    WinogradPass<T> pass(const Winograd& g, ConstView<T> from, const T* packed, View<T> to, Arena scratch) const {
        T* const v = scratch.take<T>(matrices * v_matrix);
        T* const m = scratch.take<T>(matrices * m_matrix);
        return {winograd_images(from),
                winograd_images(to),
                g.top,
                g.left,
                grid,
                packed,
                nullptr,
                false,
                nullptr,
                block,
                v,
                v_matrix,
                m,
                m_matrix,
                scratch.take<T>(patch)};
    }
};

template <class T>
struct WinogradKernelPlan {
    WinogradGrid grid;
    Index matrices, channel_block, filter_block, block, v_matrix, g_matrix, sums_matrix, patch;

    WinogradKernelPlan(const Winograd& g, Index batch)
        : grid(winograd_grid(g, batch)), matrices(g.matrices()),
          channel_block(std::min(simd::padded<T>(g.channels), 8 * simd::panel<T>)),
          filter_block(std::min(simd::padded<T>(g.filters), 8 * simd::panel<T>)),
          block(winograd_block<T>(g, channel_block + filter_block, grid.tiles(), 48, 192)),
          v_matrix(winograd_matrix<T>(block * channel_block)), g_matrix(winograd_matrix<T>(block * filter_block)),
          sums_matrix(winograd_matrix<T>(Winograd::sum_channels * simd::panel<T>)),
          patch(matrices * std::max(channel_block, filter_block)) {}

    Index sums() const {
        constexpr Index some = Winograd::sum_channels;
        return (channel_block + some - 1) / some * (filter_block / simd::panel<T>)*matrices * sums_matrix;
    }
    Index scratch() const {
        return Arena::bytes<T>(matrices * v_matrix) + Arena::bytes<T>(matrices * g_matrix) + Arena::bytes<T>(sums()) +
               Arena::bytes<T>(patch);
    }
};

/// f(target, tile as a constant)
template <class F>
void winograd_dispatch(const Winograd& g, F&& f) {
    simd::dispatch([&](auto target) {
        if (g.tile == 3)
            f(target, std::integral_constant<int, 3>{});
        else
            f(target, std::integral_constant<int, 2>{});
    });
}

/// The transformed kernel of `depth` inputs and `width` outputs. A tap of input k and output j lies at
/// kernel[k * row + j * column], of which one is 1.
template <class T>
void winograd_pack(const Winograd& g, const T* kernel, Index row, Index column, Index depth, Index width, T* packed) {
    constexpr Index rows = 16;
    constexpr Index lanes = simd::panel<T>;
    const Index step = g.channels * g.filters; // from tap to tap
    const Index next = depth * simd::padded<T>(width);
    alignas(64) T copy[9 * rows * lanes]; // where a panel is not read where it lies
    for (Index first = 0; first < width; first += lanes) {
        const Index columns = std::min(lanes, width - first);
        if (columns < lanes) std::fill(std::begin(copy), std::end(copy), T{}); // zeros behind the last column
        for (Index k = 0; k < depth; k += rows) {
            const Index count = std::min(rows, depth - k);
            WinogradTaps<T> taps{kernel + k * row + first * column, count, row, step};
            if (column != 1 || columns < lanes) {
                for (Index tap = 0; tap < 9; ++tap) {
                    const T* const from = taps.data + tap * step;
                    T* const to = copy + tap * rows * lanes;
                    if (column == 1)
                        for (Index i = 0; i < count; ++i) std::copy_n(from + i * row, columns, to + i * lanes);
                    else
                        transpose(from, column, count, columns, to, lanes);
                }
                taps = {copy, count, lanes, rows * lanes};
            }
            T* const to = packed + first * depth + k * lanes;
            winograd_dispatch(g,
                              [&](auto target, auto tile) { winograd_transform_kernel<tile>(target, taps, to, next); });
        }
    }
}

} // namespace detail

/// Bytes of scratch for winograd_forward and winograd_forward_pooled.
template <class T>
Index winograd_forward_scratch(const Winograd& g, Index batch) {
    return detail::WinogradPlan<T>(g, batch, g.channels, g.filters).scratch();
}
template <class T>
Index winograd_backward_input_scratch(const Winograd& g, Index batch) {
    return detail::WinogradPlan<T>(g, batch, g.filters, g.channels).scratch();
}
template <class T>
Index winograd_backward_kernel_scratch(const Winograd& g, Index batch) {
    return detail::WinogradKernelPlan<T>(g, batch).scratch();
}

/// packed = the transformed kernel for winograd_forward and winograd_forward_pooled, g.packed_forward<T>() elements
template <class T>
void winograd_pack_forward(const Winograd& g, ConstView<T> kernel, T* packed) {
    detail::winograd_pack(g, kernel.data(), g.filters, 1, g.channels, g.filters, packed);
}

/// packed = the transformed kernel for winograd_backward_input, g.packed_backward<T>() elements
template <class T>
void winograd_pack_backward(const Winograd& g, ConstView<T> kernel, T* packed) {
    detail::winograd_pack(g, kernel.data(), 1, g.filters, g.filters, g.channels, packed);
}

/// y = x correlated with the kernel + bias, which may be null, then rectified if `relu`
template <class T>
void winograd_forward(const Winograd& g, ConstView<T> x, const T* packed, const T* bias, bool relu, View<T> y,
                      Arena scratch) {
    const detail::WinogradPlan<T> plan(g, x.shape()[0], g.channels, g.filters);
    WinogradPass<T> pass = plan.pass(g, x, packed, y, scratch);
    pass.bias = bias;
    pass.relu = relu;
    detail::winograd_dispatch(g, [&](auto target, auto tile) { winograd_convolve<tile>(target, pass); });
}

/// y (batch, output height / 2, output width / 2, filters) = the largest of each 2 * 2 cell of what winograd_forward writes with
/// g.tile == 2; NaN if there is one. A cell cut off by the edge is left out. Where `codes` is not null it gets for each element
/// of y which pixel of its cell it is: 0 to 3, row by row, the first one of several; `dead_cell` if `relu` and y is 0.
template <class T>
void winograd_forward_pooled(const Winograd& g, ConstView<T> x, const T* packed, const T* bias, bool relu, View<T> y,
                             std::uint8_t* codes, Arena scratch) {
    Winograd whole = g; // cells only, a tile each
    whole.tile = 2;
    whole.output_height -= g.output_height % 2;
    whole.output_width -= g.output_width % 2;
    const detail::WinogradPlan<T> plan(whole, x.shape()[0], g.channels, g.filters);
    WinogradPass<T> pass = plan.pass(whole, x, packed, y, scratch);
    pass.bias = bias;
    pass.relu = relu;
    pass.codes = codes;
    simd::dispatch([&](auto target) { winograd_convolve_pooled(target, pass); });
}

/// dx = the gradient by x: sums over filters, then over the tiles that an element is in
template <class T>
void winograd_backward_input(const Winograd& g, ConstView<T> dy, const T* packed_backward, View<T> dx, Arena scratch) {
    const detail::WinogradPlan<T> plan(g, dy.shape()[0], g.filters, g.channels);
    const WinogradPass<T> pass = plan.pass(g, dy, packed_backward, dx, scratch);
    std::fill(dx.begin(), dx.end(), T{});
    detail::winograd_dispatch(g, [&](auto target, auto tile) { winograd_input_gradient<tile>(target, pass); });
}

/// dkernel += the gradient by the kernel: sums over all tiles in their order, then over the matrices
template <class T>
void winograd_backward_kernel(const Winograd& g, ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) {
    const detail::WinogradKernelPlan<T> plan(g, x.shape()[0]);
    T* const v = scratch.take<T>(plan.matrices * plan.v_matrix);
    T* const gradients = scratch.take<T>(plan.matrices * plan.g_matrix);
    T* const sums = scratch.take<T>(plan.sums());
    const WinogradKernelGradient<T> w{detail::winograd_images(x),
                                      detail::winograd_images(dy),
                                      g.top,
                                      g.left,
                                      plan.grid,
                                      dkernel.data(),
                                      plan.block,
                                      v,
                                      plan.v_matrix,
                                      gradients,
                                      plan.g_matrix,
                                      sums,
                                      plan.sums_matrix,
                                      scratch.take<T>(plan.patch)};
    detail::winograd_dispatch(g, [&](auto target, auto tile) {
        for (Index f = 0; f < g.filters; f += plan.filter_block)
            for (Index c = 0; c < g.channels; c += plan.channel_block)
                winograd_kernel_gradient<tile>(
                    target, w,
                    {c, std::min(plan.channel_block, g.channels - c), f, std::min(plan.filter_block, g.filters - f)});
    });
}

} // namespace fovea::ops
