// The poolings of ops/pooling.hpp for one instruction set: vectors run across channels. Where channels are no multiple of
// a vector, the last one of a place (not `whole`) goes on into the next place, whose numbers it must leave alone or are yet to come.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

template <bool whole, class T>
[[gnu::always_inline]] inline Vector<T> load_channels(const T* from, const T* end) {
    if constexpr (whole)
        return load<T>(from);
    else
        return load_until<T>(from, end);
}

template <bool whole, class T>
[[gnu::always_inline]] inline void store_channels(T* to, const T* end, const Vector<T>& value) {
    if constexpr (whole)
        store<T>(to, value);
    else
        store_until<T>(to, end, value);
}

/// Adds `share` to the first lanes, or sets them to it if no two windows meet.
template <bool whole, class T>
[[gnu::always_inline]] inline void give(const ops::Pooling& p, T* to, const T* end, Vector<T> share,
                                        const Vector<Integer<T>>& lanes) {
    if (!whole || p.meet) {
        const Vector<T> before = load_channels<whole, T>(to, end);
        if (p.meet) share = before + share;
        if constexpr (!whole) share = select<T>(lanes, share, before);
    }
    store_channels<whole, T>(to, end, share);
}

template <bool whole, class T>
[[gnu::always_inline]] inline void max_pool_channels(const ops::Pooling& p, const ops::PoolingPlace& at, Index c,
                                                     const T* x, T* y, Integer<T>* winners) {
    using Winner = Integer<T>;
    const T* const end = x + p.inputs;
    const T* row = x + at.input + c;
    const Vector<Winner> one = broadcast<Winner>(1);
    const Vector<Winner> skipped = broadcast<Winner>(static_cast<Winner>(p.window.width.kernel - at.width));
    Vector<Winner> tap = broadcast<Winner>(static_cast<Winner>(at.tap));
    Vector<Winner> winner = tap;
    Vector<T> largest = load_channels<whole, T>(row, end);
    for (Index i = 0; i < at.height; ++i, row += p.input_row, tap = tap + skipped) {
        const T* from = row;
        for (Index j = 0; j < at.width; ++j, from += p.channels, tap = tap + one) {
            const Vector<T> value = load_channels<whole, T>(from, end);
            const auto better = (value > largest) | (value != value);
            largest = select<T>(better, value, largest);
            winner = select<Winner>(better, tap, winner);
        }
    }
    store_channels<whole, T>(y + at.output + c, y + p.outputs, largest);
    if (winners != nullptr) store_channels<whole, Winner>(winners + at.output + c, winners + p.outputs, winner);
}

template <bool whole, class T>
[[gnu::always_inline]] inline void max_pool_gradient_channels(const ops::Pooling& p, const ops::PoolingPlace& at,
                                                              Index c, const Integer<T>* winners, const T* dy, T* dx) {
    using Winner = Integer<T>;
    const auto lanes = first_lanes<T>(p.channels - c);
    const Vector<Winner> winner = load_channels<whole, Winner>(winners + at.output + c, winners + p.outputs);
    const Vector<T> gradient = load_channels<whole, T>(dy + at.output + c, dy + p.outputs);
    const Vector<Winner> one = broadcast<Winner>(1);
    const Vector<Winner> skipped = broadcast<Winner>(static_cast<Winner>(p.window.width.kernel - at.width));
    Vector<Winner> tap = broadcast<Winner>(static_cast<Winner>(at.tap));
    T* row = dx + at.input + c;
    for (Index i = 0; i < at.height; ++i, row += p.input_row, tap = tap + skipped) {
        T* to = row;
        for (Index j = 0; j < at.width; ++j, to += p.channels, tap = tap + one)
            give<whole, T>(p, to, dx + p.inputs, select<T>(winner == tap, gradient, Vector<T>{}), lanes);
    }
}

template <bool whole, class T>
[[gnu::always_inline]] inline void average_pool_channels(const ops::Pooling& p, const ops::PoolingPlace& at, Index c,
                                                         const T* x, T* y) {
    const T* row = x + at.input + c;
    Vector<T> sum{};
    for (Index i = 0; i < at.height; ++i, row += p.input_row) {
        const T* from = row;
        Vector<T> row_sum{}; // row by row: the error of a large window grows with its sides, not with its area
        for (Index j = 0; j < at.width; ++j, from += p.channels)
            row_sum = row_sum + load_channels<whole, T>(from, x + p.inputs);
        sum = sum + row_sum;
    }
    const Vector<T> count = broadcast<T>(static_cast<T>(at.height * at.width));
    store_channels<whole, T>(y + at.output + c, y + p.outputs, sum / count);
}

template <bool whole, class T>
[[gnu::always_inline]] inline void average_pool_gradient_channels(const ops::Pooling& p, const ops::PoolingPlace& at,
                                                                  Index c, const T* dy, T* dx) {
    const auto lanes = first_lanes<T>(p.channels - c);
    const Vector<T> count = broadcast<T>(static_cast<T>(at.height * at.width));
    const Vector<T> share = load_channels<whole, T>(dy + at.output + c, dy + p.outputs) / count;
    T* row = dx + at.input + c;
    for (Index i = 0; i < at.height; ++i, row += p.input_row) {
        T* to = row;
        for (Index j = 0; j < at.width; ++j, to += p.channels) give<whole, T>(p, to, dx + p.inputs, share, lanes);
    }
}

} // namespace detail

/// y = the largest element of each window; winners, unless null, = the tap where it stands.
template <class T>
void max_pool(Target, const ops::Pooling& p, const T* x, T* y, Integer<T>* winners) {
    for (ops::PoolingPlace at(p); at.output < p.outputs; at.next(p)) {
        Index c = 0;
        for (; c + width<T> <= p.channels; c += width<T>) detail::max_pool_channels<true, T>(p, at, c, x, y, winners);
        if (c < p.channels) detail::max_pool_channels<false, T>(p, at, c, x, y, winners);
    }
}

/// dx = for each element the sum of dy over the windows that it won. Where windows meet, dx is zero before.
template <class T>
void max_pool_gradient(Target, const ops::Pooling& p, const Integer<T>* winners, const T* dy, T* dx) {
    for (ops::PoolingPlace at(p); at.output < p.outputs; at.next(p)) {
        Index c = 0;
        for (; c + width<T> <= p.channels; c += width<T>)
            detail::max_pool_gradient_channels<true, T>(p, at, c, winners, dy, dx);
        if (c < p.channels) detail::max_pool_gradient_channels<false, T>(p, at, c, winners, dy, dx);
    }
}

/// y = the mean of each window.
template <class T>
void average_pool(Target, const ops::Pooling& p, const T* x, T* y) {
    for (ops::PoolingPlace at(p); at.output < p.outputs; at.next(p)) {
        Index c = 0;
        for (; c + width<T> <= p.channels; c += width<T>) detail::average_pool_channels<true, T>(p, at, c, x, y);
        if (c < p.channels) detail::average_pool_channels<false, T>(p, at, c, x, y);
    }
}

/// dx = for each element the sum over its windows of dy divided by the window's elements. dx as in max_pool_gradient.
template <class T>
void average_pool_gradient(Target, const ops::Pooling& p, const T* dy, T* dx) {
    for (ops::PoolingPlace at(p); at.output < p.outputs; at.next(p)) {
        Index c = 0;
        for (; c + width<T> <= p.channels; c += width<T>)
            detail::average_pool_gradient_channels<true, T>(p, at, c, dy, dx);
        if (c < p.channels) detail::average_pool_gradient_channels<false, T>(p, at, c, dy, dx);
    }
}

} // namespace fovea::simd::FOVEA_TARGET
