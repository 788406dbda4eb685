// The loops over the rows of ops/layer_norm.hpp for one instruction set: vectors run along a row. Element i of a row goes into sum
// i % panel, whatever the width of a vector.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Each adds what it makes of a vector, which reaches over the row's end unless it is `whole`, to sums[...][j].
template <class T>
struct SumOfValues {
    static constexpr int sums = 1;
    const T* x;

    template <bool whole>
    [[gnu::always_inline]] void add(Vector<T> (&to)[sums][panel_vectors], int j, Index i, Index count) const {
        to[0][j] = to[0][j] + load_row<whole, T>(x + i, x + count);
    }
};

template <class T>
struct SumOfSquares {
    static constexpr int sums = 1;
    const T* x;
    Vector<T> mean;

    template <bool whole>
    [[gnu::always_inline]] void add(Vector<T> (&to)[sums][panel_vectors], int j, Index i, Index count) const {
        Vector<T> distance = load_row<whole, T>(x + i, x + count) - mean;
        if constexpr (!whole) distance = select<T>(first_lanes<T>(count - i), distance, Vector<T>{});
        to[0][j] = fma<T>(distance, distance, to[0][j]);
    }
};

/// Of gamma * dy, and of that times (x - mean) * inverse.
template <class T>
struct SumsOfGradient {
    static constexpr int sums = 2;
    const T *x, *gamma, *dy;
    Vector<T> mean, inverse;

    template <bool whole>
    [[gnu::always_inline]] void add(Vector<T> (&to)[sums][panel_vectors], int j, Index i, Index count) const {
        const Vector<T> one = broadcast<T>(T{1});
        const Vector<T> g = load_row<whole, T>(dy + i, dy + count);
        const Vector<T> scale = gamma == nullptr ? one : load_row<whole, T>(gamma + i, gamma + count);
        const Vector<T> n = (load_row<whole, T>(x + i, x + count) - mean) * inverse;
        to[0][j] = fma<T>(g, scale, to[0][j]);
        to[1][j] = fma<T>(g * scale, n, to[1][j]);
    }
};

/// In T within 16 panels, in double over these.
template <class T, class F>
[[gnu::always_inline]] inline void sum_row(const F& f, Index count, double (&totals)[F::sums]) {
    constexpr Index block = 16 * panel<T>;
    constexpr int sums = F::sums;
    for (Index begin = 0; begin < count; begin += block) {
        const Index end = begin + block < count ? begin + block : count;
        Vector<T> partial[sums][panel_vectors] = {};
        Index i = begin;
        for (; i + panel<T> <= end; i += panel<T>)
#pragma GCC unroll unrolled
            for (int j = 0; j < panel_vectors; ++j) f.template add<true>(partial, j, i + j * width<T>, count);
#pragma GCC unroll unrolled
        for (int j = 0; j < panel_vectors; ++j)
            if (i + j * width<T> < end) f.template add<false>(partial, j, i + j * width<T>, count);
#pragma GCC unroll unrolled
        for (int k = 0; k < sums; ++k) totals[k] = totals[k] + static_cast<double>(sum_of_panel<T>(partial[k]));
    }
}

} // namespace detail

/// y = gamma * (x - mean) * inverse + beta for x, y (rows, count); null gamma and beta are 1 and 0. mean and inverse are written
/// unless they are null.
template <class T>
void layer_norm_rows(Target, const T* x, Index rows, Index count, const T* gamma, const T* beta, T epsilon, T* y,
                     T* mean, T* inverse) {
    const Vector<T> one = broadcast<T>(T{1});
    for (Index row = 0; row < rows; ++row, x += count, y += count) {
        double sum[1] = {}, squares[1] = {};
        detail::sum_row<T>(detail::SumOfValues<T>{x}, count, sum);
        const T middle = static_cast<T>(sum[0] / static_cast<double>(count));
        const Vector<T> means = broadcast<T>(middle);
        detail::sum_row<T>(detail::SumOfSquares<T>{x, means}, count, squares);
        const T scale = 1 / std::sqrt(static_cast<T>(squares[0] / static_cast<double>(count)) + epsilon);
        const Vector<T> scales = broadcast<T>(scale);
        for (Index i = 0; i < count; i += width<T>) {
            const Vector<T> n = (load_until<T>(x + i, x + count) - means) * scales;
            const Vector<T> factor = gamma == nullptr ? one : load_until<T>(gamma + i, gamma + count);
            const Vector<T> shift = beta == nullptr ? Vector<T>{} : load_until<T>(beta + i, beta + count);
            store_until<T>(y + i, y + count, fma<T>(n, factor, shift));
        }
        if (mean != nullptr) {
            mean[row] = middle;
            inverse[row] = scale;
        }
    }
}

/// With n = (x - mean) * inverse: dx = inverse * (gamma * dy - mean of gamma dy - n * mean of gamma dy n), dgamma += dy * n and
/// dbeta += dy, row by row; each may be null.
template <class T>
void layer_norm_gradient_rows(Target, const T* x, Index rows, Index count, const T* gamma, const T* mean,
                              const T* inverse, const T* dy, T* dx, T* dgamma, T* dbeta) {
    const Vector<T> one = broadcast<T>(T{1});
    for (Index row = 0; row < rows; ++row, x += count, dy += count) {
        const Vector<T> means = broadcast<T>(mean[row]), scales = broadcast<T>(inverse[row]);
        if (dx != nullptr) {
            double sums[2] = {};
            detail::sum_row<T>(detail::SumsOfGradient<T>{x, gamma, dy, means, scales}, count, sums);
            const Vector<T> level = broadcast<T>(static_cast<T>(sums[0] / static_cast<double>(count)));
            const Vector<T> slope = broadcast<T>(static_cast<T>(sums[1] / static_cast<double>(count)));
            for (Index i = 0; i < count; i += width<T>) {
                const Vector<T> n = (load_until<T>(x + i, x + count) - means) * scales;
                const Vector<T> factor = gamma == nullptr ? one : load_until<T>(gamma + i, gamma + count);
                const Vector<T> dn = fma<T>(load_until<T>(dy + i, dy + count), factor, -level);
                store_until<T>(dx + i, dx + count, scales * fma<T>(-n, slope, dn));
            }
            dx += count;
        }
        if (dgamma == nullptr && dbeta == nullptr) continue;
        for (Index i = 0; i < count; i += width<T>) {
            const Vector<T> g = load_until<T>(dy + i, dy + count);
            const Vector<T> n = (load_until<T>(x + i, x + count) - means) * scales;
            if (dgamma != nullptr)
                store_until<T>(dgamma + i, dgamma + count, fma<T>(g, n, load_until<T>(dgamma + i, dgamma + count)));
            if (dbeta != nullptr) store_until<T>(dbeta + i, dbeta + count, load_until<T>(dbeta + i, dbeta + count) + g);
        }
    }
}

} // namespace fovea::simd::FOVEA_TARGET
