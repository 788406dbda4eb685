// The passes of ops/depthwise.hpp for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Where a vector of channels lies that begins at `slot`: one that would reach beyond the last channel is moved up.
template <class T>
[[gnu::always_inline]] inline Index depthwise_channel(Index slot, Index channels) {
    return std::min(slot, channels - width<T>);
}

template <int outputs, class T>
[[gnu::always_inline]] inline void depthwise_store(Vector<T> (&sums)[outputs], bool relu, T* to, Index step) {
    constexpr int count = outputs; // g++ takes no template parameter in the pragma's loop
    const Vector<T> zero{};
    if (relu) {
#pragma GCC unroll unrolled
        for (int j = 0; j < count; ++j) sums[j] = select<T>(sums[j] < zero, zero, sums[j]);
    }
#pragma GCC unroll unrolled
    for (int j = 0; j < count; ++j, to += step) store<T>(to, sums[j]);
}

/// The outputs from `first` on by the taps [begin, end) of each row, all of them inside of the image.
/// Cost: outputs fused multiply-adds a tap for outputs + 1 loads.
template <int outputs, class T>
void depthwise_tile(const ops::DepthwiseLine<T> p, const ops::DepthwiseOutput<T> out, Index first, Index begin,
                    Index end) {
    constexpr int count = outputs;
    const Index step = p.stride * p.channels;
    const Index tap_step = p.dilation * p.channels;
    const Index column = (p.first + first * p.stride + begin * p.dilation) * p.channels;
    for (Index slot = p.channel_begin; slot < p.channel_end; slot += width<T>) {
        const Index channel = depthwise_channel<T>(slot, p.channels);
        const Vector<T> start = out.bias == nullptr ? Vector<T>{} : load<T>(out.bias + channel);
        Vector<T> sums[outputs];
#pragma GCC unroll unrolled
        for (int j = 0; j < count; ++j) sums[j] = start;
        for (Index a = 0; a < p.rows; ++a) {
            const T* weights = out.kernel + a * out.kernel_row_step + begin * out.kernel_step + channel;
            const T* from = p.x + a * p.row_step + column + channel;
            for (Index b = begin; b < end; ++b, weights += out.kernel_step, from += tap_step) {
                const Vector<T> weight = load<T>(weights);
#pragma GCC unroll unrolled
                for (int j = 0; j < count; ++j) sums[j] = fma<T>(load<T>(from + j * step), weight, sums[j]);
            }
        }
        depthwise_store<outputs, T>(sums, out.relu, out.y + first * out.y_step + channel, out.y_step);
    }
}

/// The same for `taps` taps side by side and all of them: the common kernels, without a loop over a row's taps.
template <int outputs, int taps, int stride, class T>
void depthwise_sliding_tile(const ops::DepthwiseLine<T> p, const ops::DepthwiseOutput<T> out, Index first) {
    constexpr int count = outputs;
    constexpr int columns = (outputs - 1) * stride + taps;
    const T* const left = p.x + (p.first + first * stride) * p.channels;
    for (Index slot = p.channel_begin; slot < p.channel_end; slot += width<T>) {
        const Index channel = depthwise_channel<T>(slot, p.channels);
        const Vector<T> start = out.bias == nullptr ? Vector<T>{} : load<T>(out.bias + channel);
        Vector<T> sums[outputs];
#pragma GCC unroll unrolled
        for (int j = 0; j < count; ++j) sums[j] = start;
        const T* row = left + channel;
        const T* weights = out.kernel + channel;
        for (Index a = 0; a < p.rows; ++a, row += p.row_step, weights += out.kernel_row_step) {
            Vector<T> weight[taps];
#pragma GCC unroll unrolled
            for (int b = 0; b < taps; ++b) weight[b] = load<T>(weights + b * out.kernel_step);
            const T* from = row;
#pragma GCC unroll 32
            for (int q = 0; q < columns; ++q, from += p.channels) {
                const Vector<T> value = load<T>(from);
#pragma GCC unroll unrolled
                for (int b = 0; b < taps; ++b)
                    if (q >= b && (q - b) % stride == 0 && (q - b) / stride < count)
                        sums[(q - b) / stride] = fma<T>(value, weight[b], sums[(q - b) / stride]);
            }
        }
        depthwise_store<outputs, T>(sums, out.relu, out.y + first * out.y_step + channel, out.y_step);
    }
}

template <int outputs, class T>
inline void depthwise_outputs(const ops::DepthwiseLine<T>& p, const ops::DepthwiseOutput<T>& out, Index first) {
    if constexpr (unrolled > 1) {
        const bool side_by_side = p.dilation == 1;
        if (side_by_side && p.taps == 3 && p.stride == 1)
            return depthwise_sliding_tile<outputs, 3, 1, T>(p, out, first);
        if (side_by_side && p.taps == 3 && p.stride == 2)
            return depthwise_sliding_tile<outputs, 3, 2, T>(p, out, first);
        if (side_by_side && p.taps == 5 && p.stride == 1)
            return depthwise_sliding_tile<outputs, 5, 1, T>(p, out, first);
    }
    depthwise_tile<outputs, T>(p, out, first, 0, p.taps);
}

/// sums[tap] += x * dy over the outputs from `first` on, by the taps [begin, end) of each row. What a vector that is moved up sums up
/// comes to lie where the vector would have been.
/// Cost: outputs fused multiply-adds a tap for outputs + 1 loads and a store.
template <int outputs, class T>
void depthwise_gradient_tile(const ops::DepthwiseLine<T> p, const T* dy, T* sums, Index first, Index begin, Index end) {
    constexpr int count = outputs;
    const Index step = p.stride * p.channels;
    const Index tap_step = p.dilation * p.channels;
    const Index stride = padded<T>(p.channels);
    const Index column = (p.first + first * p.stride + begin * p.dilation) * p.channels;
    for (Index slot = p.channel_begin; slot < p.channel_end; slot += width<T>) {
        const Index channel = depthwise_channel<T>(slot, p.channels);
        Vector<T> upstream[outputs];
        const T* gradient = dy + first * p.channels + channel;
#pragma GCC unroll unrolled
        for (int j = 0; j < count; ++j, gradient += p.channels) upstream[j] = load<T>(gradient);
        for (Index a = 0; a < p.rows; ++a) {
            const T* from = p.x + a * p.row_step + column + channel;
            T* to = sums + (a * p.taps + begin) * stride + slot;
            for (Index b = begin; b < end; ++b, to += stride, from += tap_step) {
                Vector<T> sum{};
#pragma GCC unroll unrolled
                for (int j = 0; j < count; ++j) sum = fma<T>(load<T>(from + j * step), upstream[j], sum);
                store<T>(to, load<T>(to) + sum);
            }
        }
    }
}

} // namespace detail

/// The outputs [begin, end) of a line, those at the edges one by one. The last tile is moved up over outputs that are done, which it
/// computes once more.
template <class T>
void depthwise_line(Target, const ops::DepthwiseLine<T>& p, const ops::DepthwiseOutput<T>& out) {
    const ops::DepthwiseInterior inner = p.interior();
    const Index end = std::min(p.end, inner.end);
    const Index begin = std::max(p.begin, std::min(p.end, inner.begin));
    for (Index j = p.begin; j < begin; ++j) detail::depthwise_tile<1, T>(p, out, j, p.first_tap(j), p.last_tap(j));
    Index j = begin;
    for (; j + 8 <= end || (j + 4 < end && inner.begin + 8 <= end); j += 8)
        detail::depthwise_outputs<8, T>(p, out, std::min(j, end - 8));
    for (; j < end && inner.begin + 4 <= end; j += 4) detail::depthwise_outputs<4, T>(p, out, std::min(j, end - 4));
    for (j = std::max(begin, std::min(j, end)); j < p.end; ++j)
        detail::depthwise_tile<1, T>(p, out, j, p.first_tap(j), p.last_tap(j));
}

/// sums (taps, padded channels) += the gradient by the weights, from the outputs [begin, end) of a line.
template <class T>
void depthwise_gradient_line(Target, const ops::DepthwiseLine<T>& p, const T* dy, T* sums) {
    const ops::DepthwiseInterior inner = p.interior();
    const Index end = std::min(p.end, inner.end);
    Index j = p.begin;
    for (; j < std::min(p.end, inner.begin); ++j)
        detail::depthwise_gradient_tile<1, T>(p, dy, sums, j, p.first_tap(j), p.last_tap(j));
    for (; j + 8 <= end; j += 8) detail::depthwise_gradient_tile<8, T>(p, dy, sums, j, 0, p.taps);
    for (; j + 4 <= end; j += 4) detail::depthwise_gradient_tile<4, T>(p, dy, sums, j, 0, p.taps);
    for (; j < p.end; ++j) detail::depthwise_gradient_tile<1, T>(p, dy, sums, j, p.first_tap(j), p.last_tap(j));
}

/// dkernel (taps, channels) += sums, of which the last vector may have been moved up.
template <class T>
void depthwise_add(Target, const T* sums, Index taps, Index channels, Index lanes, T* dkernel) {
    for (Index tap = 0; tap < taps; ++tap, sums += padded<T>(lanes), dkernel += channels)
        for (Index slot = 0; slot < channels; slot += width<T>) {
            const Index moved = slot - detail::depthwise_channel<T>(slot, lanes);
            for (Index c = slot; c < std::min(slot + width<T>, channels); ++c) dkernel[c] += sums[c + moved];
        }
}

} // namespace fovea::simd::FOVEA_TARGET
