// What regularizers add to the loss and its gradient, for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

/// sums = of |w| and of w^2. Each is spread over as many sums as a panel is long, which compilers make vectors of.
template <class T>
void penalty_sums(Target, const T* w, Index count, double (&sums)[2]) {
    constexpr Index lanes = panel<T>;
    double magnitudes[lanes] = {}, squares[lanes] = {};
    for (Index i = 0; i < count; i += lanes) {
        T values[lanes] = {};
        std::memcpy(values, w + i, static_cast<std::size_t>(std::min(lanes, count - i)) * sizeof(T));
        for (Index j = 0; j < lanes; ++j) {
            const auto value = static_cast<double>(values[j]);
            magnitudes[j] = magnitudes[j] + std::abs(value);
            if constexpr (std::is_same_v<T, float>)
                squares[j] = value * value + squares[j]; // fused or not, since the product is exact
            else
                squares[j] = std::fma(value, value, squares[j]);
        }
    }
    for (Index j = 0; j < lanes; ++j) {
        sums[0] = sums[0] + magnitudes[j];
        sums[1] = sums[1] + squares[j];
    }
}

/// dw += l1 * sign(w) + slope * w
template <class T>
void penalty_gradient(Target, T l1, T slope, const T* w, T* dw, Index count) {
    const Vector<T> zero{}, up = broadcast<T>(l1), down = broadcast<T>(-l1);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> value = load_until<T>(w + i, w + count);
        const Vector<T> step = select<T>(value > zero, up, select<T>(value < zero, down, zero));
        const Vector<T> pull = step + rounded<T>(broadcast<T>(slope) * value);
        store_until<T>(dw + i, dw + count, load_until<T>(dw + i, dw + count) + pull);
    }
}

} // namespace fovea::simd::FOVEA_TARGET
