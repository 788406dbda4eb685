// The activations of ops/activation.hpp, and what is done with a bias, for one instruction set.
namespace fovea::simd::FOVEA_TARGET {

namespace detail {

/// Each has `value(z)`, and `gradient(z, y, dy)`, the gradient by z. `needs_input` says whether the latter looks at z.
template <class T>
struct Linear {
    static constexpr bool needs_input = false;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) { return z; }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>&, const Vector<T>&, const Vector<T>& dy) {
        return dy;
    }
};

template <class T>
struct Relu {
    static constexpr bool needs_input = false;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) {
        return select<T>(z < Vector<T>{}, Vector<T>{}, z); // NaN is not below zero
    }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>&, const Vector<T>& y, const Vector<T>& dy) {
        return select<T>(y <= Vector<T>{}, Vector<T>{}, dy);
    }
};

template <class T>
struct Sigmoid {
    static constexpr bool needs_input = false;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) { return sigmoid<T>(z); }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>&, const Vector<T>& y, const Vector<T>& dy) {
        return dy * (y * (broadcast<T>(T{1}) - y));
    }
};

template <class T>
struct Tanh {
    static constexpr bool needs_input = false;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) { return tanh<T>(z); }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>&, const Vector<T>& y, const Vector<T>& dy) {
        const Vector<T> one = broadcast<T>(T{1});
        return dy * ((one - y) * (one + y));
    }
};

template <class T>
struct LeakyRelu {
    static constexpr bool needs_input = false;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) {
        return select<T>(z < Vector<T>{}, broadcast<T>(T(0.2)) * z, z);
    }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>&, const Vector<T>& y, const Vector<T>& dy) {
        return select<T>(y <= Vector<T>{}, broadcast<T>(T(0.2)) * dy, dy);
    }
};

template <class T>
struct Elu {
    static constexpr bool needs_input = false;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) {
        const auto below = z < Vector<T>{};
        return select<T>(below, expm1_of_negative<T>(select<T>(below, z, Vector<T>{})), z);
    }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>&, const Vector<T>& y, const Vector<T>& dy) {
        return select<T>(y < Vector<T>{}, dy * (y + broadcast<T>(T{1})), dy);
    }
};

/// z times the probability that a standard normal number is below z.
template <class T>
struct Gelu {
    static constexpr bool needs_input = true;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) { return z * normal<T>(z).below; }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>& z, const Vector<T>&, const Vector<T>& dy) {
        const Normal<T> at = normal<T>(z);
        const Vector<T> density = broadcast<T>(T(0.39894228040143267794)) * at.bell;
        return dy * fma<T>(clamp<T>(z, T{-40}, T{40}), density, at.below); // for infinite z, whose density is 0
    }
};

template <class T>
struct Silu {
    static constexpr bool needs_input = true;
    [[gnu::always_inline]] static Vector<T> value(const Vector<T>& z) { return z * sigmoid<T>(z); }
    [[gnu::always_inline]] static Vector<T> gradient(const Vector<T>& z, const Vector<T>&, const Vector<T>& dy) {
        const Vector<T> s = sigmoid<T>(z);
        return dy * fma<T>(z, s * (broadcast<T>(T{1}) - s), s);
    }
};

/// y = F(y), or F(y + bias) with a bias for each of `channels` channels, over whose end a vector goes to the first again:
/// from place `channels` on they must stand in `bias` once more, for one vector.
template <template <class> class F, class T>
void activate(T* y, Index size, const T* bias, Index channels) {
    T* const end = y + size;
    const Index step = width<T> % channels;
    Index channel = 0;
    for (; y < end; y += width<T>) {
        Vector<T> z = load_until<T>(y, end);
        if (bias != nullptr) {
            z = z + load<T>(bias + channel);
            channel += step;
            if (channel >= channels) channel -= channels;
        }
        store_until<T>(y, end, F<T>::value(z));
    }
}

template <template <class> class F, class T>
void activation_gradient(const T* z, const T* y, T* dy, Index size) {
    for (Index i = 0; i < size; i += width<T>) {
        Vector<T> in{};
        if constexpr (F<T>::needs_input) in = load_until<T>(z + i, z + size);
        const Vector<T> out = F<T>::needs_input ? Vector<T>{} : load_until<T>(y + i, y + size);
        store_until<T>(dy + i, dy + size, F<T>::gradient(in, out, load_until<T>(dy + i, dy + size)));
    }
}

#if defined(__GNUC__)

/// Half a vector is added to the other half, and so on, in registers.
template <class T, std::size_t bytes>
[[gnu::always_inline]] inline T sum_of_lanes(const typename VectorOf<T, bytes>::type& lanes) {
    if constexpr (bytes == sizeof(T)) {
        return lanes[0];
    } else {
        typename VectorOf<T, bytes / 2>::type low, high;
        std::memcpy(&low, &lanes, bytes / 2);
        std::memcpy(&high, reinterpret_cast<const std::byte*>(&lanes) + bytes / 2, bytes / 2);
        return sum_of_lanes<T, bytes / 2>(low + high);
    }
}

#endif

/// The sum of a panel's numbers, always in the same order: those of its second half are added to the first, and so on.
template <class T>
[[gnu::always_inline]] inline T sum_of_panel(const Vector<T> (&vectors)[panel_vectors]) {
#if defined(__GNUC__)
    if constexpr (panel_vectors == 4)
        return sum_of_lanes<T, FOVEA_TARGET_BYTES>((vectors[0] + vectors[2]) + (vectors[1] + vectors[3]));
    else if constexpr (panel_vectors == 2)
        return sum_of_lanes<T, FOVEA_TARGET_BYTES>(vectors[0] + vectors[1]);
    else
        return sum_of_lanes<T, FOVEA_TARGET_BYTES>(vectors[0]);
#else
    T lanes[panel<T>];
    for (int j = 0; j < panel_vectors; ++j) store<T>(lanes + j * width<T>, vectors[j]);
    for (Index half = panel<T> / 2; half > 0; half /= 2)
        for (Index i = 0; i < half; ++i) lanes[i] = lanes[i] + lanes[i + half];
    return lanes[0];
#endif
}

template <class T>
[[gnu::always_inline]] inline T largest_lane(const Vector<T>& vector) {
    constexpr Index count = width<T>;
    T lanes[static_cast<std::size_t>(count)];
    store<T>(lanes, vector);
#pragma GCC unroll 16
    for (Index half = count / 2; half > 0; half /= 2)
#pragma GCC unroll 16
        for (Index i = 0; i < half; ++i) lanes[i] = lanes[i] > lanes[i + half] ? lanes[i] : lanes[i + half];
    return lanes[0];
}

/// In place. The maximum is taken off first, so that exp cannot overflow. NaN is not the maximum, but in the sum.
template <class T>
void softmax_row(T* row, Index count) {
    T* const end = row + count;
    Vector<T> most = broadcast<T>(-std::numeric_limits<T>::infinity());
    for (Index i = 0; i < count; i += width<T>)
        most = select<T>(first_lanes<T>(count - i), max<T>(load_until<T>(row + i, end), most), most);
    const Vector<T> largest = broadcast<T>(largest_lane<T>(most));
    Vector<T> sums[panel_vectors] = {};
    for (Index i = 0; i < count; i += panel<T>)
        for (int j = 0; j < panel_vectors && i + j * width<T> < count; ++j) {
            T* const at = row + i + j * width<T>;
            const auto lanes = first_lanes<T>(end - at);
            // Lanes behind the end get a number, since an exponential that is too small for one takes very long.
            const Vector<T> e = exp<T>(select<T>(lanes, load_until<T>(at, end), largest) - largest);
            store_until<T>(at, end, e);
            sums[j] = sums[j] + select<T>(lanes, e, Vector<T>{});
        }
    const Vector<T> sum = broadcast<T>(sum_of_panel<T>(sums));
    for (Index i = 0; i < count; i += width<T>) store_until<T>(row + i, end, load_until<T>(row + i, end) / sum);
}

/// dz = y * (dy - sum of y * dy), written over dy.
template <class T>
void softmax_row_gradient(const T* y, T* dy, Index count) {
    Vector<T> sums[panel_vectors] = {};
    const T* const y_end = y + count;
    T* const dy_end = dy + count;
    for (Index i = 0; i < count; i += panel<T>)
        for (int j = 0; j < panel_vectors && i + j * width<T> < count; ++j) {
            const Index at = i + j * width<T>;
            sums[j] = fma<T>(load_until<T>(y + at, y_end), load_until<T>(dy + at, dy_end), sums[j]);
        }
    const Vector<T> sum = broadcast<T>(sum_of_panel<T>(sums));
    for (Index i = 0; i < count; i += width<T>)
        store_until<T>(dy + i, dy_end, load_until<T>(y + i, y_end) * (load_until<T>(dy + i, dy_end) - sum));
}

/// Sums over rows [0, rows) of `vectors` vectors from column `first` on, added to `sums`. Sums of at most 128 rows are
/// added in order.
template <int vectors, class T>
inline void add_rows(const T* data, const T* end, Index rows, Index channels, Index first, T* sums) {
    constexpr int count = vectors; // g++ takes no template parameter in the pragma's loop
    constexpr Index block = 128;
    Vector<T> total[vectors] = {};
    for (Index begin = 0; begin < rows; begin += block) {
        Vector<T> partial[vectors] = {};
        const Index last = std::min(rows, begin + block);
        for (Index i = begin; i < last; ++i) {
            const T* const row = data + i * channels + first;
#pragma GCC unroll 16
            for (int j = 0; j < count; ++j) {
                if constexpr (vectors == 1)
                    partial[j] = partial[j] + load_until<T>(row, end);
                else
                    partial[j] = partial[j] + load<T>(row + j * width<T>);
            }
        }
#pragma GCC unroll 16
        for (int j = 0; j < count; ++j) total[j] = total[j] + partial[j];
    }
#pragma GCC unroll 16
    for (int j = 0; j < count; ++j) {
        T* const to = sums + first + j * width<T>;
        store_until<T>(to, sums + channels, load_until<T>(to, sums + channels) + total[j]);
    }
}

} // namespace detail

/// y = activation(y + bias), element by element. A null bias is none; otherwise it has one vector more than `channels`, in which
/// it starts again.
template <class T>
void activate(Target, Activation activation, T* y, Index size, const T* bias, Index channels) {
    switch (activation) {
    case Activation::linear:
        return detail::activate<detail::Linear, T>(y, size, bias, channels);
    case Activation::relu:
        return detail::activate<detail::Relu, T>(y, size, bias, channels);
    case Activation::sigmoid:
        return detail::activate<detail::Sigmoid, T>(y, size, bias, channels);
    case Activation::tanh:
        return detail::activate<detail::Tanh, T>(y, size, bias, channels);
    case Activation::leaky_relu:
        return detail::activate<detail::LeakyRelu, T>(y, size, bias, channels);
    case Activation::elu:
        return detail::activate<detail::Elu, T>(y, size, bias, channels);
    case Activation::gelu:
        return detail::activate<detail::Gelu, T>(y, size, bias, channels);
    case Activation::silu:
        return detail::activate<detail::Silu, T>(y, size, bias, channels);
    case Activation::softmax:
        break;
    }
}

/// dy = the gradient by z, element by element.
template <class T>
void activation_gradient(Target, Activation activation, const T* z, const T* y, T* dy, Index size) {
    switch (activation) {
    case Activation::relu:
        return detail::activation_gradient<detail::Relu, T>(z, y, dy, size);
    case Activation::sigmoid:
        return detail::activation_gradient<detail::Sigmoid, T>(z, y, dy, size);
    case Activation::tanh:
        return detail::activation_gradient<detail::Tanh, T>(z, y, dy, size);
    case Activation::leaky_relu:
        return detail::activation_gradient<detail::LeakyRelu, T>(z, y, dy, size);
    case Activation::elu:
        return detail::activation_gradient<detail::Elu, T>(z, y, dy, size);
    case Activation::gelu:
        return detail::activation_gradient<detail::Gelu, T>(z, y, dy, size);
    case Activation::silu:
        return detail::activation_gradient<detail::Silu, T>(z, y, dy, size);
    case Activation::linear:
    case Activation::softmax:
        break;
    }
}

template <class T>
void softmax(Target, T* z, Index size, Index channels) {
    for (Index i = 0; i < size; i += channels) detail::softmax_row<T>(z + i, channels);
}

template <class T>
void softmax_gradient(Target, const T* y, T* dy, Index size, Index channels) {
    for (Index i = 0; i < size; i += channels) detail::softmax_row_gradient<T>(y + i, dy + i, channels);
}

/// sums += the sum of (rows, channels) over rows.
template <class T>
void add_rows(Target, const T* data, Index rows, Index channels, T* sums) {
    constexpr int strip = 4;
    Index first = 0;
    for (; first + strip * width<T> <= channels; first += strip * width<T>)
        detail::add_rows<strip, T>(data, data + rows * channels, rows, channels, first, sums);
    for (; first < channels; first += width<T>)
        detail::add_rows<1, T>(data, data + rows * channels, rows, channels, first, sums);
}

} // namespace fovea::simd::FOVEA_TARGET
