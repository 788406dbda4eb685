#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include <fovea/core/simd_math.hpp>
#include <fovea/core/view.hpp>
#include <fovea/ops/window.hpp>

/// x (batch, height, width, channels), y (batch, window.height.output, window.width.output, channels). What a window reads
/// outside of x does not count: it is never the largest, and an average is over the rest. Windows may overlap.
/// Cost: one pass over memory, vectors across channels; the order of additions does not depend on their width.
namespace fovea::ops {

/// Where the windows lie (their dilation is 1), and the extents of x and y in elements.
struct Pooling {
    Window2D window;
    Index channels;
    Index input_row, sample, inputs, outputs;
    bool meet;      ///< whether windows overlap
    bool cover_all; ///< whether each element of x is in one

    Pooling(const Window2D& w, Index batch, Index channel_count)
        : window(w), channels(channel_count), input_row(w.width.input * channels), sample(w.height.input * input_row),
          inputs(batch * sample), outputs(batch * w.height.output * w.width.output * channels),
          meet(w.height.stride < w.height.kernel || w.width.stride < w.width.kernel),
          cover_all(cover(w.height) && cover(w.width)) {}

private:
    static bool cover(const WindowAxis& axis) {
        return axis.stride <= axis.kernel && axis.first(axis.output - 1) + axis.kernel >= axis.input;
    }
};

/// One place of the output and the part of its window that lies inside the input; `next` goes on to the next place.
struct PoolingPlace {
    Index output = 0;            ///< offset in the output, in elements
    Index input = 0;             ///< offset of the part's first element in the input
    Index tap = 0;               ///< number of its first tap, counted row by row over the whole window
    Index height = 0, width = 0; ///< of the part, in taps

    explicit PoolingPlace(const Pooling& p) {
        begin_row(p);
        place(p);
    }

    void next(const Pooling& p) {
        output += p.channels;
        if (++column_ == p.window.width.output) {
            column_ = 0;
            if (++row_ == p.window.height.output) {
                row_ = 0;
                first_of_sample_ += p.sample;
            }
            begin_row(p);
        }
        place(p);
    }

private:
    void begin_row(const Pooling& p) {
        const WindowAxis& axis = p.window.height;
        const Index first = axis.first(row_);
        top_ = std::max<Index>(0, -first);
        height = std::min(axis.kernel, axis.input - first) - top_;
        first_of_row_ = first_of_sample_ + (first + top_) * p.input_row;
    }

    void place(const Pooling& p) {
        const WindowAxis& axis = p.window.width;
        const Index first = axis.first(column_);
        const Index left = std::max<Index>(0, -first);
        width = std::min(axis.kernel, axis.input - first) - left;
        input = first_of_row_ + (first + left) * p.channels;
        tap = top_ * axis.kernel + left;
    }

    Index row_ = 0, column_ = 0; ///< in the output
    Index top_ = 0;              ///< taps above the input
    Index first_of_sample_ = 0, first_of_row_ = 0;
};

} // namespace fovea::ops

#define FOVEA_KERNELS <fovea/ops/kernels/pooling.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::ops {

namespace detail {

template <class T>
Pooling pooling(const Window2D& window, View<T> x) {
    return {window, x.shape()[0], x.shape().last()};
}

/// Sets dx to zero where the gradient is added to it, or does not get to.
template <class T>
void clear_for(const Pooling& p, View<T> dx) {
    if (p.meet || !p.cover_all) std::fill(dx.begin(), dx.end(), T{});
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
    const Pooling p = detail::pooling(window, x);
    simd::dispatch([&](auto target) { max_pool<T>(target, p, x.data(), y.data(), winners); });
}

/// dx = for each element the sum of dy over the windows that it won.
template <class T>
void max_pool_backward(const Window2D& window, const simd::Integer<T>* winners, std::type_identity_t<ConstView<T>> dy,
                       View<T> dx) {
    const Pooling p = detail::pooling(window, dx);
    detail::clear_for(p, dx);
    simd::dispatch([&](auto target) { max_pool_gradient<T>(target, p, winners, dy.data(), dx.data()); });
}

/// y = the mean of each window.
template <class T>
void average_pool_forward(const Window2D& window, std::type_identity_t<ConstView<T>> x, View<T> y) {
    const Pooling p = detail::pooling(window, x);
    simd::dispatch([&](auto target) { average_pool<T>(target, p, x.data(), y.data()); });
}

/// dx = for each element the sum over its windows of dy divided by the window's elements.
template <class T>
void average_pool_backward(const Window2D& window, std::type_identity_t<ConstView<T>> dy, View<T> dx) {
    const Pooling p = detail::pooling(window, dx);
    detail::clear_for(p, dx);
    simd::dispatch([&](auto target) { average_pool_gradient<T>(target, p, dy.data(), dx.data()); });
}

} // namespace fovea::ops
