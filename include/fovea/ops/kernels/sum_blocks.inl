// The sum of blocks that lie one behind the other.
namespace fovea::simd::FOVEA_TARGET {

template <class T>
bool sum_blocks(Target, T* to, T* first, Index stride, Index blocks, Index count, bool onto) {
    constexpr int vectors = 4; // sums side by side, one panel or more
    Vector<T> rest{};          // stays zero as long as all sums are finite
    Index i = 0;
    for (; i + vectors * width<T> <= count; i += vectors * width<T>) {
        Vector<T> sums[vectors];
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) sums[j] = onto ? load<T>(to + i + j * width<T>) : Vector<T>{};
        for (Index block = 0; block < blocks; ++block) {
            T* const from = first + block * stride + i;
#pragma GCC unroll unrolled
            for (int j = 0; j < vectors; ++j) {
                sums[j] = sums[j] + load<T>(from + j * width<T>);
                store<T>(from + j * width<T>, Vector<T>{});
            }
        }
#pragma GCC unroll unrolled
        for (int j = 0; j < vectors; ++j) {
            store<T>(to + i + j * width<T>, sums[j]);
            rest = rest + (sums[j] - sums[j]);
        }
    }
    bool finite = true;
    for (int lane = 0; lane < static_cast<int>(width<T>); ++lane) finite = finite && rest[lane] == T{0};
    for (; i < count; ++i) {
        T sum = onto ? to[i] : T{};
        for (Index block = 0; block < blocks; ++block) sum += std::exchange(first[block * stride + i], T{});
        to[i] = sum;
        finite = finite && sum - sum == T{0};
    }
    return finite;
}

} // namespace fovea::simd::FOVEA_TARGET
