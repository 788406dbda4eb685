// The loops over rows of ops/batch_norm.hpp for one instruction set: vectors run across channels. Where these are no multiple
// of a vector, lanes of the last one (not `whole`) belong to the next row, and what is made of them is dropped.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

template <bool whole, class T>
[[gnu::always_inline]] inline Vector<T> load_row(const T* from, const T* end) {
    if constexpr (whole)
        return load<T>(from);
    else
        return load_until<T>(from, end);
}

/// total += the sum, in double.
template <class T>
[[gnu::always_inline]] inline void add_in_double(double* total, const Vector<T>& sum, Index count) {
    T lanes[panel<T>];
    store<T>(lanes, sum);
    for (Index i = 0; i < std::min(count, width<T>); ++i) total[i] = total[i] + static_cast<double>(lanes[i]);
}

/// Of the rows of one part, `vectors` vectors from channel c on; T within a block of rows, double over the blocks.
template <int vectors, bool whole, class T>
inline void batch_norm_sums(const ops::BatchNormRows<T>& r, Index first, Index last, Index c, double* one,
                            double* two) {
    constexpr int count = vectors; // g++ takes no template parameter in the pragma's loop
    const T* const x_end = r.x + last * r.channels;
    const T* const dy_end = r.dy + (r.dy == nullptr ? 0 : last * r.channels);
    Vector<T> mean[vectors], inverse[vectors];
#pragma GCC unroll 16
    for (int j = 0; j < count; ++j) {
        const Index at = c + j * width<T>;
        mean[j] = r.mean == nullptr ? Vector<T>{} : load_until<T>(r.mean + at, r.mean + r.channels);
        inverse[j] = r.inverse == nullptr ? Vector<T>{} : load_until<T>(r.inverse + at, r.inverse + r.channels);
    }
    for (Index begin = first; begin < last; begin += ops::BatchNormRows<T>::block) {
        const Index end = std::min(last, begin + ops::BatchNormRows<T>::block);
        Vector<T> a[vectors] = {}, b[vectors] = {};
        for (Index row = begin; row < end; ++row) {
            const Index at = row * r.channels + c;
#pragma GCC unroll 16
            for (int j = 0; j < count; ++j) {
                const Vector<T> distance = load_row<whole, T>(r.x + at + j * width<T>, x_end) - mean[j];
                if (r.dy != nullptr) {
                    const Vector<T> dy = load_row<whole, T>(r.dy + at + j * width<T>, dy_end);
                    a[j] = a[j] + dy;
                    b[j] = fma<T>(dy, distance * inverse[j], b[j]);
                } else {
                    a[j] = a[j] + distance;
                    if (r.mean != nullptr) b[j] = fma<T>(distance, distance, b[j]);
                }
            }
        }
#pragma GCC unroll 16
        for (int j = 0; j < count; ++j) {
            const Index at = c + j * width<T>;
            add_in_double<T>(one + at, a[j], r.channels - at);
            add_in_double<T>(two + at, b[j], r.channels - at);
        }
    }
}

/// y = (x - mean) * factor + beta
template <int vectors, bool whole, class T>
inline void batch_norm_rows(const ops::BatchNormRows<T>& r, Index first, Index last, Index c, const T* factor,
                            const T* beta, T* y) {
    constexpr int count = vectors;
    Vector<T> mean[vectors], scale[vectors], shift[vectors];
#pragma GCC unroll 16
    for (int j = 0; j < count; ++j) {
        const Index at = c + j * width<T>;
        mean[j] = load_until<T>(r.mean + at, r.mean + r.channels);
        scale[j] = load_until<T>(factor + at, factor + r.channels);
        shift[j] = beta == nullptr ? Vector<T>{} : load_until<T>(beta + at, beta + r.channels);
    }
    const T* const x_end = r.x + last * r.channels;
    for (Index row = first; row < last; ++row) {
        const Index at = row * r.channels + c;
#pragma GCC unroll 16
        for (int j = 0; j < count; ++j) {
            const Vector<T> x = load_row<whole, T>(r.x + at + j * width<T>, x_end);
            const Vector<T> value = fma<T>(x - mean[j], scale[j], shift[j]);
            if constexpr (whole)
                store<T>(y + at + j * width<T>, value);
            else
                store_until<T>(y + at, y + (row + 1) * r.channels, value);
        }
    }
}

/// dx = factor * (dy - mean_dy - (x - mean) * inverse * mean_dyn)
template <int vectors, bool whole, class T>
inline void batch_norm_gradient_rows(const ops::BatchNormRows<T>& r, Index first, Index last, Index c, const T* factor,
                                     const T* mean_dy, const T* mean_dyn, T* dx) {
    constexpr int count = vectors;
    Vector<T> mean[vectors], inverse[vectors], scale[vectors], level[vectors], slope[vectors];
#pragma GCC unroll 16
    for (int j = 0; j < count; ++j) {
        const Index at = c + j * width<T>;
        mean[j] = load_until<T>(r.mean + at, r.mean + r.channels);
        inverse[j] = load_until<T>(r.inverse + at, r.inverse + r.channels);
        scale[j] = load_until<T>(factor + at, factor + r.channels);
        level[j] = load_until<T>(mean_dy + at, mean_dy + r.channels);
        slope[j] = load_until<T>(mean_dyn + at, mean_dyn + r.channels);
    }
    const T* const x_end = r.x + last * r.channels;
    const T* const dy_end = r.dy + last * r.channels;
    for (Index row = first; row < last; ++row) {
        const Index at = row * r.channels + c;
#pragma GCC unroll 16
        for (int j = 0; j < count; ++j) {
            const Index k = at + j * width<T>;
            const Vector<T> n = (load_row<whole, T>(r.x + k, x_end) - mean[j]) * inverse[j];
            const Vector<T> dy = load_row<whole, T>(r.dy + k, dy_end);
            const Vector<T> value = scale[j] * fma<T>(-n, slope[j], dy - level[j]);
            if constexpr (whole)
                store<T>(dx + k, value);
            else
                store_until<T>(dx + k, dx + (row + 1) * r.channels, value);
        }
    }
}

} // namespace detail

/// sums (2, channels) = over rows [first, last) of, if there is a dy, dy and dy * (x - mean) * inverse, else of x - mean and
/// its square. A null mean is 0, and the sum of squares then left out.
template <class T>
void batch_norm_sums(Target, const ops::BatchNormRows<T>& r, Index first, Index last, double* sums) {
    double* const two = sums + r.channels;
    std::fill(sums, two + r.channels, 0.0);
    Index c = 0;
    for (; c + 2 * width<T> <= r.channels; c += 2 * width<T>)
        detail::batch_norm_sums<2, true, T>(r, first, last, c, sums, two);
    for (; c < r.channels; c += width<T>) detail::batch_norm_sums<1, false, T>(r, first, last, c, sums, two);
}

/// y = (x - mean) * factor + beta for rows [first, last); a null beta is 0.
template <class T>
void batch_norm_rows(Target, const ops::BatchNormRows<T>& r, Index first, Index last, const T* factor, const T* beta,
                     T* y) {
    Index c = 0;
    for (; c + 2 * width<T> <= r.channels; c += 2 * width<T>)
        detail::batch_norm_rows<2, true, T>(r, first, last, c, factor, beta, y);
    for (; c < r.channels; c += width<T>) detail::batch_norm_rows<1, false, T>(r, first, last, c, factor, beta, y);
}

/// dx = factor * (dy - mean_dy - (x - mean) * inverse * mean_dyn) for rows [first, last).
template <class T>
void batch_norm_gradient_rows(Target, const ops::BatchNormRows<T>& r, Index first, Index last, const T* factor,
                              const T* mean_dy, const T* mean_dyn, T* dx) {
    Index c = 0;
    for (; c + 2 * width<T> <= r.channels; c += 2 * width<T>)
        detail::batch_norm_gradient_rows<2, true, T>(r, first, last, c, factor, mean_dy, mean_dyn, dx);
    for (; c < r.channels; c += width<T>)
        detail::batch_norm_gradient_rows<1, false, T>(r, first, last, c, factor, mean_dy, mean_dyn, dx);
}

} // namespace fovea::simd::FOVEA_TARGET
