// Nothing but multiply-adds, to see how many there can be.
namespace fovea::simd::FOVEA_TARGET {

/// Returns how many numbers were multiplied and added. `*sum` is changed, so that none of it can be left out.
template <class T>
Index multiply_add_rounds(Target, Index rounds, T* sum) {
    constexpr int chains = 12; // more than the latency times the units of any core today
    Vector<T> sums[chains];
#pragma GCC unroll unrolled
    for (int i = 0; i < chains; ++i) sums[i] = broadcast<T>(*sum + static_cast<T>(i));
    const Vector<T> factor = broadcast<T>(T(0.5));
    for (Index round = 0; round < rounds; ++round) {
#pragma GCC unroll unrolled
        for (int i = 0; i < chains; ++i) sums[i] = fma<T>(sums[i], factor, factor);
    }
    Vector<T> total = sums[0];
#pragma GCC unroll unrolled
    for (int i = 1; i < chains; ++i) total = total + sums[i];
    *sum = total[0];
    return rounds * chains * width<T>;
}

} // namespace fovea::simd::FOVEA_TARGET
