// What simd_test.cpp asks of each instruction set.
namespace fovea::simd::FOVEA_TARGET {

template <class T>
Index bytes_of_vector(Target) {
    return sizeof(Vector<T>) == Target::bytes ? width<T> * static_cast<Index>(sizeof(T)) : 0;
}

template <class T>
void copy_vector(Target, const T* from, T* to) {
    store<T>(to, load<T>(from));
}

/// `lanes` (a panel) gets what was loaded.
template <class T>
void copy_part(Target, const T* from, T* to, Index count, T* lanes) {
    const Vector<T> part = load_part<T>(from, count);
    store<T>(lanes, part);
    store_part<T>(to, part, count);
}

/// Of a panel each: a + b, a * b, fma(a, b, c), max(a, b), a where a < b else c, and the first number of a in all lanes.
template <class T>
void calculate(Target, const T* a, const T* b, const T* c, T* results) {
    for (Index i = 0; i < panel<T>; i += width<T>) {
        const Vector<T> x = load<T>(a + i), y = load<T>(b + i), z = load<T>(c + i);
        store<T>(results + i, x + y);
        store<T>(results + panel<T> + i, x * y);
        store<T>(results + 2 * panel<T> + i, fma<T>(x, y, z));
        store<T>(results + 3 * panel<T> + i, max<T>(x, y));
        store<T>(results + 4 * panel<T> + i, select<T>(x < y, x, z));
        store<T>(results + 5 * panel<T> + i, broadcast<T>(a[0]));
    }
}

} // namespace fovea::simd::FOVEA_TARGET
