// What simd_math_test.cpp asks of each instruction set.
namespace fovea::simd::FOVEA_TARGET {

/// y = f(x), with vectors that end where the array does.
template <class T>
void evaluate(Target, char function, const T* x, T* y, Index count) {
    for (Index i = 0; i < count; i += width<T>) {
        const Vector<T> in = load_until<T>(x + i, x + count);
        Vector<T> out = in;
        if (function == 'e') out = exp<T>(in);
        if (function == 'm') out = expm1_of_negative<T>(in);
        if (function == 't') out = tanh<T>(in);
        if (function == 's') out = sigmoid<T>(in);
        if (function == 'r') out = sqrt<T>(in);
        if (function == 'n') out = normal<T>(in).below;
        if (function == 'b') out = normal<T>(in).bell;
        if (function == '*') out = rounded<T>(in * in) - broadcast<T>(T{1});
        if (function == 'l') out = select<T>(first_lanes<T>(count - i - 1), in, Vector<T>{}); // all but the last number
        store_until<T>(y + i, y + count, out);
    }
}

} // namespace fovea::simd::FOVEA_TARGET
