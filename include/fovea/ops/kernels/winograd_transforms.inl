// The transforms of ops/winograd.hpp for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Pixels of which the first lies at `data`.
template <class T>
struct WinogradPatch {
    const T* data;
    Index row, column;
};

/// extent * extent pixels from (i, j) on and of them whole panels of channels, of which `channels` count. Most are read
/// where they lie; what reaches over the edge of the image (zero there) or over the end of the tensor is copied.
template <int extent, class T>
[[gnu::noinline]] WinogradPatch<T> winograd_patch(const ops::WinogradImages<const T>& x, Index sample, Index i, Index j,
                                                  Index channel, Index channels, T* copy) {
    const Index lanes = padded<T>(channels);
    const Index at = ((sample * x.height + i) * x.width + j) * x.channels + channel;
    const Index last = at + (extent - 1) * (x.width + 1) * x.channels;
    if (i >= 0 && j >= 0 && i + extent <= x.height && j + extent <= x.width && last + lanes <= x.size)
        return {x.data + at, x.width * x.channels, x.channels};
    T* to = copy;
    for (Index r = i; r < i + extent; ++r) {
        for (Index c = j; c < j + extent; ++c, to += lanes) {
            const bool inside = r >= 0 && r < x.height && c >= 0 && c < x.width;
            if (inside) std::copy_n(x.data + at + ((r - i) * x.width + c - j) * x.channels, channels, to);
            std::fill(inside ? to + channels : to, to + lanes, T{});
        }
    }
    return {copy, extent * lanes, lanes};
}

/// One row of a transform times x. Terms of 1 and -1 come first; all others are fused, so that no compiler has a choice.
template <class Transform, class T, std::size_t columns>
[[gnu::always_inline]] inline Vector<T> winograd_row(std::size_t row, const Vector<T> (&x)[columns]) {
    constexpr std::size_t count = columns; // g++ takes no template parameter in the pragma's loop
    Vector<T> sum{};
    bool empty = true;
#pragma GCC unroll unrolled
    for (std::size_t i = 0; i < count; ++i) {
        if (Transform::at[row][i] != 1) continue;
        sum = empty ? x[i] : sum + x[i];
        empty = false;
    }
#pragma GCC unroll unrolled
    for (std::size_t i = 0; i < count; ++i) {
        if (Transform::at[row][i] != -1) continue;
        sum = empty ? -x[i] : sum - x[i];
        empty = false;
    }
#pragma GCC unroll unrolled
    for (std::size_t i = 0; i < count; ++i) {
        const double factor = Transform::at[row][i];
        if (factor == 0 || factor == 1 || factor == -1) continue;
        sum = fma<T>(broadcast<T>(static_cast<T>(factor)), x[i], sum);
    }
    return sum;
}

/// out(i, j, M in M^T) for the transform M: vectors of channels at (row, column) of a tile.
template <class Transform, class T, class In, class Out>
[[gnu::always_inline]] inline void winograd_transform(const In& in, const Out& out) {
    constexpr int rows = Transform::rows;
    constexpr int columns = Transform::columns;
#pragma GCC unroll unrolled
    for (int i = 0; i < rows; ++i) {
        Vector<T> row[columns];
#pragma GCC unroll unrolled
        for (int j = 0; j < columns; ++j) {
            Vector<T> column[columns];
#pragma GCC unroll unrolled
            for (int k = 0; k < columns; ++k) column[k] = in(k, j);
            row[j] = winograd_row<Transform, T>(static_cast<std::size_t>(i), column);
        }
#pragma GCC unroll unrolled
        for (int j = 0; j < rows; ++j) out(i, j, winograd_row<Transform, T>(static_cast<std::size_t>(j), row));
    }
}

/// Reads a tile's vectors from memory.
template <class T>
struct WinogradReader {
    const T* from;
    Index row, column;

    [[gnu::always_inline]] Vector<T> operator()(int i, int j) const { return load<T>(from + i * row + j * column); }
};

template <class T>
struct WinogradWriter {
    T* to;
    Index row, column;

    [[gnu::always_inline]] void operator()(int i, int j, const Vector<T>& value) const {
        store<T>(to + i * row + j * column, value);
    }
};

/// The vectors of a tile, row by row. What becomes of them is a loop over the pixels: unrolled, it would be most of the code.
template <int side, class T>
struct WinogradPixels {
    alignas(64) T at[side * side * width<T>];

    [[gnu::always_inline]] WinogradWriter<T> writer() { return {at, side * width<T>, width<T>}; }
    [[gnu::always_inline]] Vector<T> operator()(Index i, Index j) const {
        return load<T>(at + (i * side + j) * width<T>);
    }
};

/// v = the transform of a patch, one number in each of the matrices.
template <class Transform, class T>
[[gnu::noinline]] void winograd_read(const WinogradPatch<T>& d, Index panels, T* v, Index next_panel,
                                     Index next_matrix) {
    for (Index p = 0; p < panels; ++p)
        for (Index q = 0; q < panel<T>; q += width<T>) {
            const WinogradReader<T> in{d.data + p * panel<T> + q, d.row, d.column};
            winograd_transform<Transform, T>(
                in, WinogradWriter<T>{v + p * next_panel + q, Transform::rows * next_matrix, next_matrix});
        }
}

} // namespace detail

/// packed = G g G^T, whose rows are panels.
template <int tile, class T>
void winograd_transform_kernel(Target, const ops::WinogradTaps<T>& taps, T* packed, Index next_matrix) {
    using Kernel = typename ops::WinogradTransforms<tile>::Kernel;
    for (Index i = 0; i < taps.rows; ++i)
        for (Index q = 0; q < panel<T>; q += width<T>) {
            const detail::WinogradReader<T> in{taps.data + i * taps.row + q, 3 * taps.step, taps.step};
            detail::winograd_transform<Kernel, T>(
                in, detail::WinogradWriter<T>{packed + i * panel<T> + q, Kernel::rows * next_matrix, next_matrix});
        }
}

} // namespace fovea::simd::FOVEA_TARGET
