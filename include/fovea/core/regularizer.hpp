#pragma once
#include <cmath>
#include <string_view>

#include <fovea/core/error.hpp>

namespace fovea {

/// l1 * sum of |w|
struct L1 {
    double l1 = 0.01;
};

/// l2 * sum of w^2, without a factor 1/2
struct L2 {
    double l2 = 0.01;
};

/// l1 * sum of |w| + l2 * sum of w^2
struct L1L2 {
    double l1 = 0;
    double l2 = 0;
};

/// What a parameter w adds to the loss, once a step and whatever the batch size: `L1{}`, `L2{}`, `L1L2{}`, or nothing.
class Regularizer {
public:
    Regularizer() = default;

    /// Throw ValueError for a factor that is not a finite number >= 0.
    Regularizer(const L1& r) : Regularizer("L1", r.l1, 0) {}
    Regularizer(const L2& r) : Regularizer("L2", 0, r.l2) {}
    Regularizer(const L1L2& r) : Regularizer("L1L2", r.l1, r.l2) {}

    explicit operator bool() const { return l1_ > 0 || l2_ > 0; }
    double l1() const { return l1_; }
    double l2() const { return l2_; }

private:
    Regularizer(std::string_view type, double l1, double l2) : l1_(l1), l2_(l2) {
        require<ValueError>(std::isfinite(l1) && l1 >= 0, type, ": l1 must be a finite number >= 0, got ", l1);
        require<ValueError>(std::isfinite(l2) && l2 >= 0, type, ": l2 must be a finite number >= 0, got ", l2);
    }

    double l1_ = 0;
    double l2_ = 0;
};

} // namespace fovea
