#include <fovea/optimizers/newton_schulz.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "support/on_all_isas.hpp"

using namespace fovea;

namespace {

template <class T>
Tensor<T> orthogonalized(Tensor<T> x, const detail::NewtonSchulz& newton_schulz = {}) {
    const Index rows = x.shape()[0], columns = x.shape()[1];
    std::vector<std::byte, AlignedAllocator<std::byte>> memory(
        static_cast<std::size_t>(newton_schulz.scratch_bytes<T>(rows, columns)));
    newton_schulz.apply(rows, columns, x.data(), Arena(memory));
    return x;
}

/// What becomes of a singular value, of which the step is a polynomial.
double singular_value(double x, int steps) {
    for (int i = 0; i < steps; ++i) x = 3.4445 * x - 4.775 * x * x * x + 2.0315 * x * x * x * x * x;
    return x;
}

} // namespace

TEST_CASE("NewtonSchulz: singular values, one by one", "[optimizers]") {
    // Turned by an angle on each side: a diagonal (2, 0.5, 0.25, 0) of norm sqrt(4.3125).
    const double c = 0.6, s = 0.8, norm = std::sqrt(4.3125) + 1e-7;
    const double diagonal[] = {2, 0.5, 0.25};
    const auto turned = [&](const double(&d)[3]) {
        return Tensor<double>{{c * d[0], s * d[0], 0, 0}, {-s * d[1], c * d[1], 0, 0}, {0, 0, c * d[2], s * d[2]}};
    };
    for (const int steps : {1, 5}) {
        double after[3];
        for (int i = 0; i < 3; ++i) after[i] = singular_value(diagonal[i] / norm, steps);
        const Tensor<double> result = orthogonalized(turned(diagonal), {.steps = steps});
        const Tensor<double> expected = turned(after);
        // Rounding of the smallest one is enlarged 3.4445-fold a step.
        for (Index i = 0; i < 12; ++i) CHECK(result[i] == Catch::Approx(expected[i]).margin(1e-13));
    }
    CHECK(singular_value(0.25 / norm, 5) > 0.65);
}

TEST_CASE("NewtonSchulz: the transposed matrix has the transposed result, to the bit", "[optimizers]") {
    const Tensor<float> x = uniform_numbers<float>({37, 20}, 1);
    Tensor<float> transposed(Shape{20, 37});
    for (Index i = 0; i < 37; ++i)
        for (Index j = 0; j < 20; ++j) transposed(j, i) = x(i, j);
    const Tensor<float> tall = orthogonalized(x), wide = orthogonalized(transposed);
    bool same = true;
    for (Index i = 0; i < 37; ++i)
        for (Index j = 0; j < 20; ++j) same = same && tall(i, j) == wide(j, i);
    CHECK(same);
}

TEST_CASE("NewtonSchulz: columns become nearly orthogonal", "[optimizers]") {
    const Tensor<double> y = orthogonalized(uniform_numbers<double>({130, 19}, 2));
    for (Index i = 0; i < 19; ++i)
        for (Index j = 0; j <= i; ++j) {
            double product = 0;
            for (Index k = 0; k < 130; ++k) product += y(k, i) * y(k, j);
            // The squares of singular values lie in 0.68^2 ... 1.21^2 (Jordan), so what is beside the diagonal below 0.5.
            CHECK(std::abs(product - (i == j ? 0.95 : 0.0)) < 0.52);
        }
}

TEST_CASE("NewtonSchulz: nothing, a number, a row", "[optimizers]") {
    CHECK(orthogonalized(Tensor<float>(Shape{3, 2})) == Tensor<float>(Shape{3, 2}));
    const double one = singular_value(1 / (1 + 5e-8), 5); // |x| = 2, whose 1e-7 count
    CHECK(orthogonalized(Tensor<double>{{-2}})[0] == Catch::Approx(-one));
    CHECK(orthogonalized(Tensor<double>{{0, 2, 0}})[1] == Catch::Approx(one));
}

TEMPLATE_TEST_CASE("NewtonSchulz: the same bits on all instruction sets", "[optimizers]", float, double) {
    for (const Shape& shape : {Shape{5, 3}, Shape{40, 70}, Shape{33, 33}})
        on_all_isas([&] { return std::vector{orthogonalized(uniform_numbers<TestType>(shape, 3))}; });
}
