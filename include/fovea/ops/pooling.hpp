#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fovea/core/simd.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/window.hpp>

/// x (batch, height, width, channels), y (batch, window.height.output, window.width.output, channels). What a window reads
/// outside of x does not count: it is never the largest, and an average is over the rest. Windows may overlap.
/// Cost: one pass over memory, vectors across channels; the order of additions does not depend on their width.
namespace fovea::ops {

namespace detail {

/// As many channels at a time as a vector has lanes ...
template <class T>
struct Wide {
    using Value = simd::Vector<T>;
    using Winner = simd::Vector<simd::Integer<T>>;
    static constexpr Index channels = simd::width<T>;

    template <class U>
    static simd::Vector<U> load(const U* from) {
        return simd::load<U>(from);
    }
    template <class U>
    static void store(U* to, const simd::Vector<U>& value) {
        simd::store<U>(to, value);
    }
    template <class U>
    static simd::Vector<U> broadcast(U value) {
        return simd::broadcast<U>(value);
    }
    template <class U, class Mask>
    static simd::Vector<U> select(const Mask& mask, const simd::Vector<U>& a, const simd::Vector<U>& b) {
        return simd::select<U>(mask, a, b);
    }
};

/// ... and one at a time for those left over.
template <class T>
struct Narrow {
    using Value = T;
    using Winner = simd::Integer<T>;
    static constexpr Index channels = 1;

    template <class U>
    static U load(const U* from) {
        return *from;
    }
    template <class U>
    static void store(U* to, U value) {
        *to = value;
    }
    template <class U>
    static U broadcast(U value) {
        return value;
    }
    template <class U>
    static U select(bool mask, U a, U b) {
        return mask ? a : b;
    }
};

/// The part of one window that lies inside the input.
struct Patch {
    Index input;              ///< offset of its first element from that of the sample, in elements
    Index tap;                ///< number of its first tap, counted row by row over the whole window
    Index height, width;      ///< taps
    Index input_row, tap_row; ///< from one row of taps to the next
};

/// Calls `f(lanes, patch, sample, output, channel)` for every output and every group of channels, where `sample` and `output` are
/// offsets in elements, the latter with the channel.
template <class T, class F>
void for_each_window(const Window2D& window, Index batch, Index channels, F&& f) {
    const WindowAxis& h = window.height;
    const WindowAxis& w = window.width;
    const auto clip = [](const WindowAxis& axis, Index out) {
        return std::pair(axis.first_tap(out), axis.last_tap(out));
    };
    Index output = 0;
    for (Index n = 0; n < batch; ++n) {
        const Index sample = n * h.input * w.input * channels;
        for (Index i = 0; i < h.output; ++i) {
            const auto [top, bottom] = clip(h, i);
            for (Index j = 0; j < w.output; ++j, output += channels) {
                const auto [left, right] = clip(w, j);
                const Patch patch{((h.first(i) + top) * w.input + w.first(j) + left) * channels,
                                  top * w.kernel + left,
                                  bottom - top,
                                  right - left,
                                  w.input * channels,
                                  w.kernel};
                Index c = 0;
                for (; c + Wide<T>::channels <= channels; c += Wide<T>::channels)
                    f(Wide<T>{}, patch, sample + c, output + c);
                for (; c < channels; ++c) f(Narrow<T>{}, patch, sample + c, output + c);
            }
        }
    }
}

} // namespace detail

/// Throws ValueError if a window has more taps than an integer as wide as a float can number.
inline void check_winners(std::string_view type, const Window2D& window) {
    require<ValueError>(window.taps() <= std::numeric_limits<std::int32_t>::max(), type, ": a window of ",
                        window.taps(), " elements is too large, at most ", std::numeric_limits<std::int32_t>::max(),
                        " are possible");
}

/// y = the largest element of each window; NaN if there is one. Where `winners` is not null, it gets the tap of the largest (of the
/// first one, row by row, if there are several) for each element of y.
template <class T>
void max_pool_forward(const Window2D& window, std::type_identity_t<ConstView<T>> x, View<T> y,
                      simd::Integer<T>* winners) {
    const Index channels = x.shape().last();
    detail::for_each_window<T>(
        window, x.shape()[0], channels, [=](auto lanes, const detail::Patch& patch, Index sample, Index output) {
            using Winner = simd::Integer<T>;
            const T* const from = x.data() + sample + patch.input;
            auto largest = lanes.load(from);
            auto winner = lanes.broadcast(static_cast<Winner>(patch.tap));
            for (Index i = 0; i < patch.height; ++i) {
                for (Index j = 0; j < patch.width; ++j) {
                    const auto value = lanes.load(from + i * patch.input_row + j * channels);
                    const auto better = (value > largest) | (value != value);
                    largest = lanes.template select<T>(better, value, largest);
                    winner = lanes.template select<Winner>(
                        better, lanes.broadcast(static_cast<Winner>(patch.tap + i * patch.tap_row + j)), winner);
                }
            }
            lanes.template store<T>(y.data() + output, largest);
            if (winners != nullptr) lanes.template store<Winner>(winners + output, winner);
        });
}

/// dx = for each element the sum of dy over the windows that it won.
template <class T>
void max_pool_backward(const Window2D& window, const simd::Integer<T>* winners, std::type_identity_t<ConstView<T>> dy,
                       View<T> dx) {
    const Index channels = dx.shape().last();
    std::fill(dx.begin(), dx.end(), T{});
    detail::for_each_window<T>(
        window, dx.shape()[0], channels, [=](auto lanes, const detail::Patch& patch, Index sample, Index output) {
            using Winner = simd::Integer<T>;
            T* const to = dx.data() + sample + patch.input;
            const auto winner = lanes.load(winners + output);
            const auto gradient = lanes.load(dy.data() + output);
            for (Index i = 0; i < patch.height; ++i) {
                for (Index j = 0; j < patch.width; ++j) {
                    T* const at = to + i * patch.input_row + j * channels;
                    const auto won = winner == lanes.broadcast(static_cast<Winner>(patch.tap + i * patch.tap_row + j));
                    lanes.template store<T>(at, lanes.load(at) +
                                                    lanes.template select<T>(won, gradient, lanes.broadcast(T{})));
                }
            }
        });
}

/// y = the mean of each window.
template <class T>
void average_pool_forward(const Window2D& window, std::type_identity_t<ConstView<T>> x, View<T> y) {
    const Index channels = x.shape().last();
    detail::for_each_window<T>(
        window, x.shape()[0], channels, [=](auto lanes, const detail::Patch& patch, Index sample, Index output) {
            const T* const from = x.data() + sample + patch.input;
            auto sum = lanes.broadcast(T{});
            for (Index i = 0; i < patch.height; ++i) {
                auto row = lanes.broadcast(
                    T{}); // row by row: the error of a large window grows with its sides, not with its area
                for (Index j = 0; j < patch.width; ++j)
                    row = row + lanes.load(from + i * patch.input_row + j * channels);
                sum = sum + row;
            }
            lanes.template store<T>(y.data() + output,
                                    sum / lanes.broadcast(static_cast<T>(patch.height * patch.width)));
        });
}

/// dx = for each element the sum over its windows of dy divided by the window's elements.
template <class T>
void average_pool_backward(const Window2D& window, std::type_identity_t<ConstView<T>> dy, View<T> dx) {
    const Index channels = dx.shape().last();
    std::fill(dx.begin(), dx.end(), T{});
    detail::for_each_window<T>(window, dx.shape()[0], channels,
                               [=](auto lanes, const detail::Patch& patch, Index sample, Index output) {
                                   T* const to = dx.data() + sample + patch.input;
                                   const auto share = lanes.load(dy.data() + output) /
                                                      lanes.broadcast(static_cast<T>(patch.height * patch.width));
                                   for (Index i = 0; i < patch.height; ++i) {
                                       for (Index j = 0; j < patch.width; ++j) {
                                           T* const at = to + i * patch.input_row + j * channels;
                                           lanes.template store<T>(at, lanes.load(at) + share);
                                       }
                                   }
                               });
}

} // namespace fovea::ops
