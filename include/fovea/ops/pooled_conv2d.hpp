#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <fovea/core/arena.hpp>
#include <fovea/core/error.hpp>
#include <fovea/core/simd.hpp>
#include <fovea/ops/pooled_winner.hpp>
#include <fovea/ops/transpose.hpp>
#include <fovea/ops/window.hpp>

/// Convolution, bias, ReLU or nothing, and max pooling in one.
///
///     x (batch, height, width, channels)   images with their padding around them
///     kernel (patch, filters)              patch = kernel height * kernel width * channels
///     y (batch, pooled height, pooled width, filters)
///     codes, as y                          number of the tap that won its cell, or `dead_cell`
///
/// A cell is what one place of the pooling window covers. Backward reads codes and the gradient of y, and never a
/// gradient of the convolution's own size: at most one of a cell's taps has one, and none where ReLU gave zero.
namespace fovea::ops {

/// Those of 64 filters that one tap of a cell won: filter `first` + i if bit i is set.
struct PooledTap {
    std::uint64_t live;
    Index first;
    Index gradients; ///< where the gradient of filter `first` lies in an image of dy
    Index patch;     ///< where the tap's patch lies in an image of dx
};

/// Sizes and, worked out once, where in an image things lie. Memory: a few bytes for each pixel of the convolution.
struct PooledConv2D {
    Window2D window; ///< of the convolution
    Window2D pool;   ///< over its output
    Index channels = 0;
    Index filters = 0;
    Index height = 0;                  ///< of the image with its padding
    Index width = 0;                   ///< of the image with its padding
    Index run = 0;                     ///< this many elements of a patch lie side by side
    std::vector<std::int32_t> runs;    ///< where these begin, from the beginning of the patch
    std::vector<std::int32_t> columns; ///< where the elements of a patch lie, from its beginning
    std::vector<std::int32_t> cells;   ///< where the patch of a cell's first tap begins
    std::vector<std::int32_t> taps;    ///< where that of another tap begins from there; 256, so that any code will do

    PooledConv2D() = default;

    /// Throws ValueError for a pooling window that overlaps the next one, has padding or more than 254 taps, and
    /// ShapeError for an image of more than 2^31 - 1 elements.
    PooledConv2D(const Window2D& convolution, const Window2D& pooling, Index input_channels, Index output_filters)
        : window(convolution), pool(pooling), channels(input_channels), filters(output_filters),
          height(window.height.framed()), width(window.width.framed()), run(channels), taps(256) {
        const WindowAxis &h = window.height, &w = window.width, &ph = pool.height, &pw = pool.width;
        for (const WindowAxis& axis : {ph, pw})
            require<ValueError>(axis.stride >= axis.kernel && axis.dilation == 1 && axis.before == 0 &&
                                    (axis.output - 1) * axis.stride + axis.kernel <= axis.input,
                                "PooledConv2D: the pooling windows must not overlap or have padding, got size ",
                                axis.kernel, " and stride ", axis.stride, " on ", axis.input, " elements");
        require<ValueError>(pool.taps() < dead_cell, "PooledConv2D: a pooling window has at most 254 elements, got ",
                            pool.taps());
        require<ShapeError>(image() <= std::numeric_limits<std::int32_t>::max(), "PooledConv2D: an image has at most ",
                            std::numeric_limits<std::int32_t>::max(), " elements, got ", image());
        if (w.dilation == 1) run *= w.kernel;
        for (Index i = 0; i < h.kernel; ++i)
            for (Index j = 0; j < w.kernel; j += run / channels) runs.push_back(offset(i * h.dilation, j * w.dilation));
        for (const std::int32_t first : runs)
            for (Index i = 0; i < run; ++i) columns.push_back(first + static_cast<std::int32_t>(i));
        for (Index i = 0; i < ph.output; ++i)
            for (Index j = 0; j < pw.output; ++j)
                cells.push_back(offset(i * ph.stride * h.stride, j * pw.stride * w.stride));
        for (Index i = 0; i < ph.kernel; ++i)
            for (Index j = 0; j < pw.kernel; ++j)
                taps[static_cast<std::size_t>(i * pw.kernel + j)] = offset(i * h.stride, j * w.stride);
    }

    Index patch() const { return static_cast<Index>(columns.size()); }
    Index image() const { return height * width * channels; }
    Index cell_count() const { return static_cast<Index>(cells.size()); }
    Index pooled_image() const { return cell_count() * filters; }
    /// A filter has a mask for so many cells, and so many masks for an image.
    static constexpr Index live_word = 32;
    Index live_words() const { return (cell_count() + live_word - 1) / live_word; }
    /// PooledTaps of an image at most.
    Index most_taps() const { return cell_count() * pool.taps() * ((filters + 63) / 64); }

    /// Whether pooled_conv2d_forward_shallow is meant for it: its weights are read again for each cell and should stay
    /// in the first-level cache.
    bool is_shallow() const { return patch() <= 64; }

    /// Whether the gradient by the kernel is taken from live cells only, along the runs of a patch, which must fill
    /// a vector; else cell by cell, along the filters, as much work as if all were live.
    bool skips_dead_cells() const { return run >= 16; }

    /// Where the patches of an image begin in the order that pooled_conv2d_pool_cells expects: those of a cell
    /// together. Pixels in no cell are left out.
    std::vector<Index> pixels() const {
        std::vector<Index> result;
        for (const std::int32_t cell : cells)
            for (Index tap = 0; tap < pool.taps(); ++tap)
                result.push_back(Index{cell} + taps[static_cast<std::size_t>(tap)]);
        return result;
    }

    /// Elements of the weights that pooled_conv2d_backward_input reads.
    template <class T>
    Index transposed_size() const {
        return static_cast<Index>(runs.size()) * filters * simd::padded<T>(run);
    }

    template <class T>
    Index backward_kernel_scratch() const;
    template <class T>
    Index backward_input_scratch() const {
        return Arena::bytes<std::uint64_t>(most_taps()) + Arena::bytes<PooledTap>(most_taps());
    }

    /// Whether the last vector of a run reaches over its end.
    template <class T>
    bool reads_behind_runs() const {
        return run % simd::panel<T> != 0;
    }

    /// Panels of a run that are added up at once, where `left` are left.
    static constexpr Index block_panels(Index left) { return left >= 6 ? 6 : left >= 3 ? left == 4 ? 2 : 3 : left; }

private:
    std::int32_t offset(Index row, Index column) const {
        return static_cast<std::int32_t>((row * width + column) * channels);
    }
};

/// A forward pass over images. `codes` and `bias` may be null.
template <class T>
struct PooledForward {
    const PooledConv2D* geometry;
    const T* x;
    const T* weights;
    const T* bias;
    bool relu;
    T* y;
    std::uint8_t* codes;
};

/// The gradient by kernel and bias of a batch; `dbias` may be null. From live cells only: `block` (filters, runs,
/// padded run), the sums of the batch, and `masks` of the live cells of one image.
template <class T>
struct PooledBackward {
    const PooledConv2D* geometry;
    const T* x;
    const T* dy;
    const std::uint8_t* codes;
    T* dkernel;
    T* dbias;
    T* block = nullptr;
    simd::Integer<T>* masks = nullptr;
};

template <class T>
Index PooledConv2D::backward_kernel_scratch() const {
    if (!skips_dead_cells()) return 0;
    return Arena::bytes<T>(transposed_size<T>()) +
           Arena::bytes<simd::Integer<T>>(live_words() * simd::padded<T>(filters)) +
           (reads_behind_runs<T>() ? Arena::bytes<T>(image() + simd::panel<T>) : 0);
}

namespace detail {

/// Bit i of the result: bytes[i] == byte, for the first `count` <= 64 of them. Without vectors of bytes, 8 at a time.
inline std::uint64_t equal_bytes(const std::uint8_t* bytes, Index count, std::uint8_t byte) {
    std::uint64_t result = 0;
    Index i = 0;
    if constexpr (std::endian::native == std::endian::little) {
        constexpr std::uint64_t ones = 0x0101010101010101;
        for (; i + 8 <= count; i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes + i, 8);
            word ^= ones * byte;
            // The top bit of each byte that is zero, then these eight gathered into the top byte.
            word = ~(((word & ones * 0x7F) + ones * 0x7F) | word) & ones * 0x80;
            result |= ((word >> 7) * 0x0102040810204080 >> 56) << i;
        }
    }
    for (; i < count; ++i) result |= std::uint64_t{bytes[i] == byte} << i;
    return result;
}

} // namespace detail

} // namespace fovea::ops

#define FOVEA_KERNELS <fovea/ops/kernels/pooled_forward.inl>
#include <fovea/core/simd/for_each_target.inl>
#define FOVEA_KERNELS <fovea/ops/kernels/pooled_backward.inl>
#include <fovea/core/simd/for_each_target.inl>
#define FOVEA_KERNELS <fovea/ops/kernels/pooled_by_code.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

/// y = and codes = for patches of few elements. `weights` are packed in panels, (ceil(filters / panel), patch, panel),
/// with zeros at the end; `bias` and `codes` may be null. With `relu` y is 0 and the code dead where the largest value
/// of a cell is not above 0; NaN stays NaN, and alive.
template <class T>
void pooled_conv2d_forward_shallow(const PooledConv2D& g, Index batch, const T* x, const T* weights, const T* bias,
                                   bool relu, T* y, std::uint8_t* codes) {
    const PooledForward<T> pass{&g, x, weights, bias, relu, y, codes};
    simd::dispatch([&](auto target) { pooled_forward(target, pass, batch); });
}

/// y = and codes = of `cells` cells from what the convolution made of the pixels that g.pixels() lists, bias included:
/// conv (cells, taps, filters).
template <class T>
void pooled_conv2d_pool_cells(const PooledConv2D& g, Index cells, const T* conv, bool relu, T* y, std::uint8_t* codes) {
    const PooledForward<T> pass{&g, conv, nullptr, nullptr, relu, y, codes};
    simd::dispatch([&](auto target) { pool_cells(target, pass, cells); });
}

/// dkernel += and dbias += from x, the gradient of y and the codes. `dbias` may be null.
template <class T>
void pooled_conv2d_backward_kernel(const PooledConv2D& g, Index batch, const T* x, const T* dy,
                                   const std::uint8_t* codes, T* dkernel, T* dbias, Arena scratch) {
    PooledBackward<T> pass{&g, x, dy, codes, dkernel, dbias};
    if (!g.skips_dead_cells()) {
        simd::dispatch([&](auto target) { pooled_backward_by_code(target, pass, batch); });
        return;
    }
    const Index stride = simd::padded<T>(g.run);
    const auto runs = static_cast<Index>(g.runs.size());
    pass.block = scratch.take<T>(g.transposed_size<T>());
    pass.masks = scratch.take<simd::Integer<T>>(g.live_words() * simd::padded<T>(g.filters));
    std::fill_n(pass.block, g.transposed_size<T>(), T{});
    for (Index n = 0; n < batch; ++n) {
        const T* image = x + n * g.image();
        if (n == batch - 1 && g.reads_behind_runs<T>()) { // whole vectors are read: behind the last image, too
            T* const copy = scratch.take<T>(g.image() + simd::panel<T>);
            std::fill_n(std::copy_n(image, g.image(), copy), simd::panel<T>, T{});
            image = copy;
        }
        const T* const upstream = dy + n * g.pooled_image();
        const std::uint8_t* const winners = codes + n * g.pooled_image();
        simd::dispatch([&](auto target) { pooled_backward_live(target, pass, image, upstream, winners); });
    }
    for (Index r = 0; r < runs; ++r)
        add_transposed(pass.block + r * stride, runs * stride, g.run, g.filters, dkernel + r * g.run * g.filters,
                       g.filters);
}

/// The weights as pooled_conv2d_backward_input reads them, (runs, filters, padded run), from the kernel; once a step.
template <class T>
void pooled_conv2d_pack_transposed(const PooledConv2D& g, const T* kernel, T* transposed) {
    const Index stride = simd::padded<T>(g.run);
    std::fill_n(transposed, g.transposed_size<T>(), T{});
    for (Index r = 0; r < static_cast<Index>(g.runs.size()); ++r)
        transpose(kernel + r * g.run * g.filters, g.filters, g.filters, g.run, transposed + r * g.filters * stride,
                  stride);
}

/// dx = the gradient by x, with its padding, from the transposed weights, the gradient of y and the codes.
template <class T>
void pooled_conv2d_backward_input(const PooledConv2D& g, Index batch, const T* transposed, const T* dy,
                                  const std::uint8_t* codes, T* dx, Arena scratch) {
    const T* const end = dx + batch * g.image();
    auto* const masks = scratch.take<std::uint64_t>(g.most_taps());
    auto* const live = scratch.take<PooledTap>(g.most_taps());
    for (Index n = 0; n < batch; ++n) {
        const Index at = n * g.pooled_image();
        T* const image = dx + n * g.image();
        std::fill_n(image, g.image(), T{});
        simd::dispatch([&](auto target) {
            const Index count = list_live_taps(target, g, codes + at, masks, live);
            const std::span<const PooledTap> taps(live, static_cast<std::size_t>(count));
            pooled_backward_input(target, g, transposed, dy + at, taps, image, end);
        });
    }
}

} // namespace fovea::ops
