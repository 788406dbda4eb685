#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

#include <fovea/core/arena.hpp>
#include <fovea/core/rounding.hpp>
#include <fovea/ops/product.hpp>
#include <fovea/optimizers/arithmetic.hpp>

namespace fovea::detail {

/// Brings all singular values of a matrix x near 1, without finding them: x / (|x| + 1e-7), then `steps` times
///
///     x = a x + (b s + c s^2) x   with s = x x^T
///
/// Keller Jordan's coefficients (kellerjordan.github.io/posts/muon) leave them between about 0.7 and 1.2.
struct NewtonSchulz {
    double a = 3.4445;
    double b = -4.775;
    double c = 2.0315;
    int steps = 5;

    template <class T>
    static Index scratch_bytes(Index rows, Index columns) {
        const Sizes<T> s(rows, columns);
        return 2 * Arena::bytes<T>(s.narrow * s.wide) + 3 * Arena::bytes<T>(s.narrow * s.narrow) +
               Arena::bytes<T>(s.packed) + 2 * Arena::bytes<Index>(s.narrow) + Arena::bytes<std::int32_t>(s.wide);
    }

    /// x (rows, columns), in place. Cost: 2 n^2 m + n^3 multiply-adds a step, where n is the smaller of the two extents.
    template <class T>
    void apply(Index rows, Index columns, T* matrix, Arena scratch) const {
        const auto [n, m, packed_size] = Sizes<T>(rows, columns);
        T* x = scratch.take<T>(n * m);
        T* next = scratch.take<T>(n * m);
        T* const s = scratch.take<T>(n * n);
        T* const scaled = scratch.take<T>(n * n);
        T* const sum = scratch.take<T>(n * n);
        T* const packed = scratch.take<T>(packed_size);
        const Index* const by_m = ops::detail::even_rows(n, m, scratch);
        const Index* const by_n = ops::detail::even_rows(n, n, scratch);
        auto* const columns_of = scratch.take<std::int32_t>(m);
        std::iota(columns_of, columns_of + m, 0);

        const double squares = sum_of_squares<T>({matrix, static_cast<std::size_t>(n * m)});
        const T norm = static_cast<T>(std::sqrt(squares) + 1e-7);
        transpose_if(rows > columns, rows, columns, matrix, x);
        for (Index i = 0; i < n * m; ++i) x[i] /= norm;
        for (int step = 0; step < steps; ++step) {
            ops::pack_panels(x, 1, m, m, n, packed);
            ops::multiply<T>({x, by_m, n, columns_of, m, packed, s, by_n, n});
            scale(c, s, scaled, n * n);
            scale(b, s, sum, n * n);
            ops::pack_panels(s, n, 1, n, n, packed);
            ops::multiply<T>({scaled, by_n, n, columns_of, n, packed, sum, by_n, n, nullptr, true});
            scale(a, x, next, n * m);
            ops::pack_panels(x, m, 1, n, m, packed);
            ops::multiply<T>({sum, by_n, n, columns_of, n, packed, next, by_m, m, nullptr, true});
            std::swap(x, next);
        }
        transpose_if(rows > columns, n, m, x, matrix);
    }

private:
    template <class T>
    struct Sizes {
        Index narrow, wide, packed;

        Sizes(Index rows, Index columns)
            : narrow(std::min(rows, columns)), wide(std::max(rows, columns)),
              packed(std::max(ops::packed_size<T>(wide, narrow), ops::packed_size<T>(narrow, wide))) {}
    };

    template <class T>
    static void scale(double factor, const T* from, T* to, Index count) {
        for (Index i = 0; i < count; ++i) to[i] = rounded(static_cast<T>(factor) * from[i]);
    }

    /// `to` = the matrix `from` (rows, columns), transposed or not.
    template <class T>
    static void transpose_if(bool transposed, Index rows, Index columns, const T* from, T* to) {
        if (!transposed) {
            std::copy_n(from, rows * columns, to);
            return;
        }
        for (Index i = 0; i < rows; ++i)
            for (Index j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
    }
};

} // namespace fovea::detail
