#pragma once
#include <algorithm>
#include <array>
#include <span>

#include <fovea/core/rounding.hpp>
#include <fovea/core/simd_math.hpp>

namespace fovea::detail {

/// What Adam's rule multiplies by; see optimizers/adam.hpp.
template <class T>
struct AdamFactors {
    T new_1; ///< 1 - beta_1
    T new_2; ///< 1 - beta_2
    T alpha;
    T epsilon;
};

/// What RMSprop's and Adadelta's rules multiply by.
template <class T>
struct RmsFactors {
    T rho;
    T fresh; ///< 1 - rho
    T momentum;
    T rate;
    T epsilon;
};

/// What Nadam's rule multiplies by.
template <class T>
struct NadamFactors {
    T new_1; ///< 1 - beta_1
    T new_2; ///< 1 - beta_2
    T ahead; ///< of the momentum
    T now;   ///< of the gradient
    T rate;
    T correction; ///< 1 / (1 - beta_2^t)
    T epsilon;
};

/// What Lion's rule multiplies by.
template <class T>
struct LionFactors {
    T beta_1;
    T new_1; ///< 1 - beta_1
    T beta_2;
    T new_2; ///< 1 - beta_2
    T rate;
};

/// Sums that the squares of a norm are spread over.
inline constexpr Index squares_lanes = 32;

} // namespace fovea::detail

#define FOVEA_KERNELS <fovea/optimizers/kernels/update.inl>
#include <fovea/core/simd/for_each_target.inl>

namespace fovea::detail {

/// The sum of squares, in double and one fixed order.
template <class T>
double sum_of_squares(std::span<const T> x) {
    std::array<double, squares_lanes> lanes{};
    std::array<T, squares_lanes> last{};
    const std::size_t whole = x.size() - x.size() % squares_lanes;
    std::copy(x.begin() + static_cast<std::ptrdiff_t>(whole), x.end(), last.begin());
    simd::dispatch([&](auto target) {
        add_squares(target, x.data(), static_cast<Index>(whole), lanes.data());
        add_squares(target, last.data(), squares_lanes, lanes.data());
    });
    double sum = 0;
    for (const double lane : lanes) sum += lane;
    return sum;
}

} // namespace fovea::detail
