// The last loop of ops/group_norm.hpp for one instruction set: vectors run across channels, as in batch_norm.inl.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

template <int vectors, bool whole, class T>
inline void group_norm_gradient_rows(const ops::BatchNormRows<T>& r, Index c, const T* scale, const T* slope,
                                     const T* level, T* dx) {
    constexpr int count = vectors; // g++ takes no template parameter in the pragma's loop
    Vector<T> mean[vectors], scales[vectors], slopes[vectors], levels[vectors];
#pragma GCC unroll 16
    for (int j = 0; j < count; ++j) {
        const Index at = c + j * width<T>;
        mean[j] = load_until<T>(r.mean + at, r.mean + r.channels);
        scales[j] = load_until<T>(scale + at, scale + r.channels);
        slopes[j] = load_until<T>(slope + at, slope + r.channels);
        levels[j] = load_until<T>(level + at, level + r.channels);
    }
    const T* const x_end = r.x + r.rows * r.channels;
    const T* const dy_end = r.dy + r.rows * r.channels;
    for (Index row = 0; row < r.rows; ++row) {
#pragma GCC unroll 16
        for (int j = 0; j < count; ++j) {
            const Index k = row * r.channels + c + j * width<T>;
            const Vector<T> distance = load_row<whole, T>(r.x + k, x_end) - mean[j];
            const Vector<T> dy = load_row<whole, T>(r.dy + k, dy_end);
            const Vector<T> value = fma<T>(dy, scales[j], fma<T>(distance, slopes[j], levels[j]));
            if constexpr (whole)
                store<T>(dx + k, value);
            else
                store_until<T>(dx + k, dx + (row + 1) * r.channels, value);
        }
    }
}

} // namespace detail

/// dx = dy * scale + (x - mean) * slope + level for all rows.
template <class T>
void group_norm_gradient_rows(Target, const ops::BatchNormRows<T>& r, const T* scale, const T* slope, const T* level,
                              T* dx) {
    Index c = 0;
    for (; c + 2 * width<T> <= r.channels; c += 2 * width<T>)
        detail::group_norm_gradient_rows<2, true, T>(r, c, scale, slope, level, dx);
    for (; c < r.channels; c += width<T>) detail::group_norm_gradient_rows<1, false, T>(r, c, scale, slope, level, dx);
}

} // namespace fovea::simd::FOVEA_TARGET
