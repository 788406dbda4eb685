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

/// v = v * rho + g^2 * fresh; if there is a, a = a * rho + g * fresh, and a^2 counts off v;
/// move = g * rate / sqrt(v + epsilon); if there is m, move = m = m * momentum + move; w -= move
template <class T>
void rmsprop_step(Target, const fovea::detail::RmsFactors<T>& f, T* w, const T* g, T* v, T* m, T* a, Index count) {
    const Vector<T> rho = broadcast<T>(f.rho), fresh = broadcast<T>(f.fresh), momentum = broadcast<T>(f.momentum);
    const Vector<T> rate = broadcast<T>(f.rate), epsilon = broadcast<T>(f.epsilon);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> gradient = load_until<T>(g + i, g + count);
        const Vector<T> square =
            rounded<T>(load_until<T>(v + i, v + count) * rho) + rounded<T>(rounded<T>(gradient * gradient) * fresh);
        store_until<T>(v + i, v + count, square);
        Vector<T> spread = square;
        if (a != nullptr) {
            const Vector<T> mean = rounded<T>(load_until<T>(a + i, a + count) * rho) + rounded<T>(gradient * fresh);
            store_until<T>(a + i, a + count, mean);
            spread = max<T>(square - rounded<T>(mean * mean), Vector<T>{}); // which rounding may put below 0
        }
        Vector<T> move = gradient * rate / sqrt<T>(spread + epsilon);
        if (m != nullptr) {
            move = rounded<T>(load_until<T>(m + i, m + count) * momentum) + move;
            store_until<T>(m + i, m + count, move);
        }
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) - move);
    }
}

/// a += g^2; w -= g * rate / sqrt(a + epsilon)
template <class T>
void adagrad_step(Target, T rate, T epsilon, T* w, const T* g, T* a, Index count) {
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> gradient = load_until<T>(g + i, g + count);
        const Vector<T> sum = load_until<T>(a + i, a + count) + rounded<T>(gradient * gradient);
        store_until<T>(a + i, a + count, sum);
        const Vector<T> move = gradient * broadcast<T>(rate) / sqrt<T>(sum + broadcast<T>(epsilon));
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) - move);
    }
}

/// a = a * rho + g^2 * fresh; move = g * sqrt(d + epsilon) / sqrt(a + epsilon); d = d * rho + move^2 * fresh; w -= move * rate
template <class T>
void adadelta_step(Target, const fovea::detail::RmsFactors<T>& f, T* w, const T* g, T* a, T* d, Index count) {
    const Vector<T> rho = broadcast<T>(f.rho), fresh = broadcast<T>(f.fresh), epsilon = broadcast<T>(f.epsilon);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> gradient = load_until<T>(g + i, g + count);
        const Vector<T> squares =
            rounded<T>(load_until<T>(a + i, a + count) * rho) + rounded<T>(rounded<T>(gradient * gradient) * fresh);
        const Vector<T> moves = load_until<T>(d + i, d + count);
        const Vector<T> move = sqrt<T>(moves + epsilon) * gradient / sqrt<T>(squares + epsilon);
        store_until<T>(a + i, a + count, squares);
        store_until<T>(d + i, d + count, rounded<T>(moves * rho) + rounded<T>(rounded<T>(move * move) * fresh));
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) - rounded<T>(move * broadcast<T>(f.rate)));
    }
}

/// m += (g - m) * new_1; v += (g^2 - v) * new_2; w -= (m * ahead + g * now) * rate / (sqrt(v * correction) + epsilon)
template <class T>
void nadam_step(Target, const fovea::detail::NadamFactors<T>& f, T* w, const T* g, T* m, T* v, Index count) {
    const Vector<T> new_1 = broadcast<T>(f.new_1), new_2 = broadcast<T>(f.new_2);
    const Vector<T> ahead = broadcast<T>(f.ahead), now = broadcast<T>(f.now), rate = broadcast<T>(f.rate);
    const Vector<T> correction = broadcast<T>(f.correction), epsilon = broadcast<T>(f.epsilon);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> gradient = load_until<T>(g + i, g + count);
        const Vector<T> m_before = load_until<T>(m + i, m + count), v_before = load_until<T>(v + i, v + count);
        const Vector<T> first = m_before + rounded<T>((gradient - m_before) * new_1);
        const Vector<T> second = v_before + rounded<T>((rounded<T>(gradient * gradient) - v_before) * new_2);
        const Vector<T> direction = rounded<T>(first * ahead) + rounded<T>(gradient * now);
        const Vector<T> move = direction * rate / (sqrt<T>(second * correction) + epsilon);
        store_until<T>(m + i, m + count, first);
        store_until<T>(v + i, v + count, second);
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) - move);
    }
}

/// w -= sign(m * beta_1 + g * new_1) * rate; m = m * beta_2 + g * new_2
template <class T>
void lion_step(Target, const fovea::detail::LionFactors<T>& f, T* w, const T* g, T* m, Index count) {
    const Vector<T> beta_1 = broadcast<T>(f.beta_1), new_1 = broadcast<T>(f.new_1);
    const Vector<T> beta_2 = broadcast<T>(f.beta_2), new_2 = broadcast<T>(f.new_2);
    const Vector<T> zero{}, up = broadcast<T>(f.rate), down = broadcast<T>(-f.rate);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> gradient = load_until<T>(g + i, g + count), before = load_until<T>(m + i, m + count);
        const Vector<T> direction = rounded<T>(before * beta_1) + rounded<T>(gradient * new_1);
        const Vector<T> move =
            select<T>(direction > zero, up, select<T>(direction < zero, down, direction)); // 0, NaN stay
        store_until<T>(m + i, m + count, rounded<T>(before * beta_2) + rounded<T>(gradient * new_2));
        store_until<T>(w + i, w + count, load_until<T>(w + i, w + count) - move);
    }
}

/// m += g - m * (1 - momentum); direction = m or, with nesterov, g + m * momentum
template <class T>
void muon_momentum(Target, T momentum, bool nesterov, const T* g, T* m, T* direction, Index count) {
    const Vector<T> keep = broadcast<T>(momentum), lose = broadcast<T>(momentum - 1);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> gradient = load_until<T>(g + i, g + count), before = load_until<T>(m + i, m + count);
        const Vector<T> velocity = before + (gradient + rounded<T>(before * lose));
        store_until<T>(m + i, m + count, velocity);
        store_until<T>(direction + i, direction + count, nesterov ? gradient + rounded<T>(velocity * keep) : velocity);
    }
}

/// average = average * keep + w * (1 - keep)
template <class T>
void average_weights(Target, T keep, T* average, const T* w, Index count) {
    const Vector<T> old = broadcast<T>(keep), fresh = broadcast<T>(1 - keep);
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> before = load_until<T>(average + i, average + count), value = load_until<T>(w + i, w + count);
        store_until<T>(average + i, average + count, rounded<T>(before * old) + rounded<T>(value * fresh));
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
