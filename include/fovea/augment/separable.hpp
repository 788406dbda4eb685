#pragma once
#include <algorithm>
#include <span>

#include <fovea/augment/borrowed.hpp>
#include <fovea/core/rounding.hpp>
#include <fovea/core/view.hpp>

namespace fovea::detail {

/// `lines` lines of `length` places of `width` numbers each: y[i] = sum over k of weights[k] x[i + k - radius], where there is nothing
/// outside of the line. `x` and `y` must not overlap; `sums` has room for `width` numbers.
template <class T>
void filter_lines(const T* x, T* y, Index lines, Index length, Index width, std::span<const double> weights,
                  double* sums) {
    const auto radius = static_cast<Index>(weights.size() / 2);
    for (Index line = 0; line < lines; ++line, x += length * width, y += length * width) {
        for (Index i = 0; i < length; ++i) {
            std::fill_n(sums, width, 0.0);
            for (Index at = std::max<Index>(i - radius, 0); at <= std::min(i + radius, length - 1); ++at) {
                const double weight = weights[static_cast<std::size_t>(at - i + radius)];
                for (Index c = 0; c < width; ++c) sums[c] += rounded(weight * x[at * width + c]);
            }
            for (Index c = 0; c < width; ++c) y[i * width + c] = static_cast<T>(sums[c]);
        }
    }
}

/// x (height, width, channels), filtered down its columns and along its rows, with odd numbers of weights.
template <class T>
void filter_separably(View<T> x, std::span<const double> down, std::span<const double> along) {
    const Shape& shape = x.shape();
    Borrowed<std::vector<T>> between;
    Borrowed<std::vector<double>> sums;
    between->resize(x.span().size());
    sums->resize(static_cast<std::size_t>(shape[1] * shape[2]));
    filter_lines(x.data(), between->data(), 1, shape[0], shape[1] * shape[2], down, sums->data());
    filter_lines(between->data(), x.data(), shape[0], shape[1], shape[2], along, sums->data());
}

} // namespace fovea::detail
