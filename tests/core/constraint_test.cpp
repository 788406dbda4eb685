#include <cmath>
#include <limits>

#include <fovea/core/constraint.hpp>
#include <fovea/core/tensor.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

Tensor<double> constrained(const Constraint& constraint, Tensor<double> w) {
    constraint.check("w", w.shape());
    constraint.apply(w.view(), 0, constraint.groups(w.shape()));
    return w;
}

} // namespace

TEST_CASE("Constraint: none by default") {
    CHECK_FALSE(Constraint{});
    const Tensor<double> w{{-3, 4}, {5, -6}};
    CHECK(constrained({}, w) == w);
}

TEST_CASE("MaxNorm: by hand, with the 1e-7 that Keras has in the denominator") {
    const Tensor<double> w{{3, 0.6}, {4, 0.8}};
    // The columns' norms are 5 and 1.
    const double first = 2 / (5 + 1e-7), second = 1 / (1 + 1e-7);
    CHECK(allclose(constrained(MaxNorm{}, w), Tensor<double>{{3 * first, 0.6 * second}, {4 * first, 0.8 * second}},
                   1e-15, 0));
    // Those of the rows are sqrt(9.36) and sqrt(16.64).
    const Tensor<double> rows = constrained(MaxNorm{.max_value = 1, .axis = {-1}}, w);
    CHECK(rows(0, 0) == Catch::Approx(3 / std::sqrt(9.36)).epsilon(1e-6));
    CHECK(rows(1, 1) == Catch::Approx(0.8 / std::sqrt(16.64)).epsilon(1e-6));
}

TEST_CASE("UnitNorm: by hand; zeros stay zeros") {
    const Tensor<double> found = constrained(UnitNorm{}, {{3, 0}, {-4, 0}});
    CHECK(allclose(found, Tensor<double>{{0.6, 0}, {-0.8, 0}}, 1e-7, 0));
}

TEST_CASE("NonNeg: by hand") {
    CHECK(constrained(NonNeg{}, {{-3, 4}, {0, -1e-300}}) == Tensor<double>{{0, 4}, {0, 0}});
}

TEST_CASE("Constraint: norms over the first, the middle and the last axes") {
    Tensor<double> w(Shape{2, 3, 4, 70});
    for (Index i = 0; i < w.size(); ++i) w[i] = static_cast<double>(i * 7 % 11) - 5;
    const auto norm = [](const Tensor<double>& t, auto&& same) {
        double squares = 0;
        for (Index i = 0; i < t.size(); ++i)
            if (same(i / 70 / 4 / 3, i / 70 / 4 % 3, i / 70 % 4, i % 70)) squares += t[i] * t[i];
        return std::sqrt(squares);
    };
    const Tensor<double> first = constrained(UnitNorm{{0, 1, 2}}, w);
    const Tensor<double> middle = constrained(UnitNorm{{2, 1}}, w);
    const Tensor<double> last = constrained(UnitNorm{{-1, -2}}, w);
    const Tensor<double> all = constrained(UnitNorm{{0, 1, 2, 3}}, w);
    using I = Index;
    for (const Index k : {0, 1, 63, 64, 69})
        CHECK(norm(first, [&](I, I, I, I c) { return c == k; }) == Catch::Approx(1).epsilon(1e-6));
    CHECK(norm(middle, [](I a, I, I, I c) { return a == 1 && c == 66; }) == Catch::Approx(1).epsilon(1e-6));
    CHECK(norm(last, [](I a, I b, I, I) { return a == 1 && b == 2; }) == Catch::Approx(1).epsilon(1e-6));
    CHECK(norm(all, [](I, I, I, I) { return true; }) == Catch::Approx(1).epsilon(1e-6));
}

TEST_CASE("Constraint: only the groups that are asked for, and the same bits whatever they come with") {
    Tensor<float> w(Shape{5, 3, 100});
    for (Index i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i * 7 % 11) - 5;
    const Constraint constraint = MaxNorm{.max_value = 1, .axis = {1}};
    CHECK(constraint.groups(w.shape()) == 500);
    Tensor<float> whole = w, parts = w;
    constraint.apply(whole.view(), 0, 500);
    for (Index first = 0; first < 500; first += 47)
        constraint.apply(parts.view(), first, std::min<Index>(500, first + 47));
    CHECK(parts == whole);
    constraint.apply(w.view(), 130, 131);
    Index changed = 0;
    for (Index i = 0; i < w.size(); ++i) changed += w[i] == static_cast<float>(i * 7 % 11) - 5 ? 0 : 1;
    CHECK(changed == 3);
    CHECK(w(1, 2, 30) == whole(1, 2, 30));
}

TEST_CASE("Constraint: what makes no sense is refused") {
    CHECK_THROWS_MATCHES(Constraint(MaxNorm{-1}), ValueError,
                         says("MaxNorm: max_value must be a finite number >= 0, got -1"));
    const Shape shape{3, 4, 5};
    CHECK_THROWS_MATCHES(Constraint(MaxNorm{1, {3}}).check("kernel", shape), ValueError,
                         says("MaxNorm: kernel of shape (3, 4, 5) has no axis 3"));
    CHECK_THROWS_MATCHES(Constraint(UnitNorm{{-4}}).check("kernel", shape), ValueError, says("has no axis -4"));
    CHECK_THROWS_MATCHES(Constraint(UnitNorm{{1, -2}}).check("kernel", shape), ValueError, says("axis has -2 twice"));
    CHECK_THROWS_MATCHES(Constraint(UnitNorm{{}}).check("kernel", shape), ValueError, says("axis is empty"));
    CHECK_THROWS_MATCHES(Constraint(UnitNorm{{0, 2}}).check("kernel", shape), ValueError,
                         says("must stand side by side"));
    CHECK_NOTHROW(Constraint(NonNeg{}).check("kernel", shape));
}
