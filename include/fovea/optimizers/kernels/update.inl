// The optimizers' loops over the flat block for one instruction set. Every product is rounded on its own: where there is no
// instruction for fused ones, they would cost ten times the division and the root.
namespace fovea::simd::FOVEA_TARGET {

/// m += (g - m) * new_1; v += (g^2 - v) * new_2; w -= m * alpha / (sqrt(v) + epsilon)
template <class T>
void adam_step(Target, const fovea::detail::AdamFactors<T>& f, T* w, const T* g, T* m, T* v, Index count) {
    const Vector<T> new_1 = broadcast<T>(f.new_1), new_2 = broadcast<T>(f.new_2);
    const Vector<T> alpha = broadcast<T>(f.alpha), epsilon = broadcast<T>(f.epsilon);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> gradient = load_until<T>(g + i, g + count);
        const Vector<T> m_before = load_until<T>(m + i, m + count), v_before = load_until<T>(v + i, v + count);
        const Vector<T> first = m_before + rounded<T>((gradient - m_before) * new_1);
        const Vector<T> second = v_before + rounded<T>((rounded<T>(gradient * gradient) - v_before) * new_2);
        const Vector<T> move = first * alpha / (sqrt<T>(second) + epsilon);
        store_until<T>(m + i, m + count, first);
        store_until<T>(v + i, v + count, second);
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) - move);
    }
}

/// w -= g * rate
template <class T>
void sgd_step(Target, T rate, T* w, const T* g, Index count) {
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> move = rounded<T>(load_until<T>(g + i, g + count) * broadcast<T>(rate));
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) - move);
    }
}

/// m = m * momentum - g * rate; w += m or, with nesterov, m * momentum - g * rate
template <class T>
void momentum_step(Target, T rate, T momentum, bool nesterov, T* w, const T* g, T* m, Index count) {
    const Vector<T> keep = broadcast<T>(momentum);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> move = rounded<T>(load_until<T>(g + i, g + count) * broadcast<T>(rate));
        const Vector<T> velocity = rounded<T>(load_until<T>(m + i, m + count) * keep) - move;
        const Vector<T> change = nesterov ? rounded<T>(velocity * keep) - move : velocity;
        store_until<T>(m + i, m + count, velocity);
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) + change);
    }
}

/// w -= w * amount * rate
template <class T>
void decay_weights(Target, T amount, T rate, T* w, Index count) {
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> before = load_until<T>(w + i, w + count);
        store_until<T>(w + i, w + count, before - rounded<T>(before * broadcast<T>(amount) * broadcast<T>(rate)));
    }
}

/// lanes[i % squares_lanes] += x[i]^2, in double, for a count that is a multiple of squares_lanes. Compilers make vectors of this.
template <class T>
void add_squares(Target, const T* x, Index count, double* lanes) {
    using fovea::detail::squares_lanes;
    double sums[squares_lanes] = {};
    for (Index i = 0; i < count; i += squares_lanes)
        for (Index j = 0; j < squares_lanes; ++j) {
            const auto value = static_cast<double>(x[i + j]);
            if constexpr (std::is_same_v<T, float>)
                sums[j] = value * value + sums[j]; // fused or not, since the product is exact
            else
                sums[j] = std::fma(value, value, sums[j]);
        }
    for (Index j = 0; j < squares_lanes; ++j) lanes[j] = lanes[j] + sums[j];
}

} // namespace fovea::simd::FOVEA_TARGET
