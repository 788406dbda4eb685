// The bilinear interpolation of ops/up_sampling.hpp for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

// What is left behind the last vector goes number by number: with few channels that is all there is, and faster than parts of vectors.

/// y = a + (b - a) * weight
template <class T>
[[gnu::always_inline]] inline void mix(const T* a, const T* b, T weight, T* y, Index count) {
    const Vector<T> weights = broadcast<T>(weight);
    Index i = 0;
    for (; i + width<T> <= count; i += width<T>) {
        const Vector<T> from = load<T>(a + i);
        store<T>(y + i, fma<T>(load<T>(b + i) - from, weights, from));
    }
    for (; i < count; ++i) y[i] = std::fma(b[i] - a[i], weight, a[i]);
}

/// to += from * weight
template <class T>
[[gnu::always_inline]] inline void add_weighted(const T* from, T weight, T* to, Index count) {
    const Vector<T> weights = broadcast<T>(weight);
    Index i = 0;
    for (; i + width<T> <= count; i += width<T>) store<T>(to + i, fma<T>(load<T>(from + i), weights, load<T>(to + i)));
    for (; i < count; ++i) to[i] = std::fma(from[i], weight, to[i]);
}

/// The gradient of `mix`: gives each its share.
template <class T>
[[gnu::always_inline]] inline void unmix(const T* from, const ops::Between& at, Index size, T* to, Index stride,
                                         Index count) {
    const T whole = static_cast<T>(2 * size);
    add_weighted<T>(from, static_cast<T>(2 * size - at.part) / whole, to + at.lower * stride, count);
    if (at.part > 0) add_weighted<T>(from, static_cast<T>(at.part) / whole, to + at.upper * stride, count);
}

} // namespace detail

template <class T>
void up_sample(Target, const ops::UpSampling<T>& u, const T* x, T* y) {
    const Index row = u.width * u.channels;
    for (Index n = 0; n < u.batch; ++n, x += u.height * row)
        for (Index i = 0; i < u.height * u.size.height; ++i) {
            const ops::Between down(i, u.size.height, u.height);
            const T weight = static_cast<T>(down.part) / static_cast<T>(2 * u.size.height);
            detail::mix<T>(x + down.lower * row, x + down.upper * row, weight, u.line, row);
            for (Index j = 0; j < u.width * u.size.width; ++j, y += u.channels) {
                const ops::Between across(j, u.size.width, u.width);
                detail::mix<T>(u.line + across.lower * u.channels, u.line + across.upper * u.channels,
                               static_cast<T>(across.part) / static_cast<T>(2 * u.size.width), y, u.channels);
            }
        }
}

/// dx += the gradient by x
template <class T>
void up_sample_gradient(Target, const ops::UpSampling<T>& u, const T* dy, T* dx) {
    const Index row = u.width * u.channels;
    for (Index n = 0; n < u.batch; ++n, dx += u.height * row)
        for (Index i = 0; i < u.height * u.size.height; ++i) {
            for (Index k = 0; k < row; ++k) u.line[k] = T{};
            for (Index j = 0; j < u.width * u.size.width; ++j, dy += u.channels)
                detail::unmix<T>(dy, ops::Between(j, u.size.width, u.width), u.size.width, u.line, u.channels,
                                 u.channels);
            detail::unmix<T>(u.line, ops::Between(i, u.size.height, u.height), u.size.height, dx, row, row);
        }
}

} // namespace fovea::simd::FOVEA_TARGET
