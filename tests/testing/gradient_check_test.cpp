#include <sstream>

#include <fovea/layers/all.hpp>
#include <fovea/losses/all.hpp>
#include <fovea/models/sequential.hpp>
#include <fovea/optimizers/all.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// What the layers below share: y = f(x) element by element, as a user would write it.
template <class Function>
struct Elementwise {
    std::string name = {};
    static constexpr std::string_view type = "Elementwise";

    Shape output_shape(const Shape& input) const { return input; }

    template <class T>
    struct Layer {
        Layer(const Elementwise&, const Shape&, ParameterRegistry&) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
            for (Index i = 0; i < x.size(); ++i) y[i] = Function::value(x[i], i);
        }
        void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
            for (Index i = 0; i < dx.size(); ++i) dx[i] = dy[i] * Function::slope(x[i], i);
        }
    };
};

struct Square {
    template <class T>
    static T value(T x, Index) {
        return x * x;
    }
    template <class T>
    static T slope(T x, Index) {
        return 2 * x;
    }
};

struct SquareWrong : Square {
    template <class T>
    static T slope(T x, Index) {
        return T(2.00001) * x;
    }
};

struct SquareWrongOnce : Square {
    template <class T>
    static T slope(T x, Index i) {
        return i == 7 ? 3 * x : 2 * x;
    }
};

struct SquareUnwritten : Square {
    template <class T>
    static T slope(T, Index) {
        return std::numeric_limits<T>::quiet_NaN();
    }
};

struct Constant {
    template <class T>
    static T value(T, Index) {
        return 3;
    }
    template <class T>
    static T slope(T, Index) {
        return 0;
    }
};

/// relu with its kink moved to where element 2 of every row of 40 happens to be, within a step.
struct ReluAtKink {
    static inline double kink = 0;
    template <class T>
    static T value(T x, Index) {
        return x < static_cast<T>(kink) ? T{0} : x - static_cast<T>(kink);
    }
    template <class T>
    static T slope(T x, Index) {
        return x < static_cast<T>(kink) ? T{0} : T{1};
    }
};

struct SmallKink {
    static inline double kink = 0;
    template <class T>
    static T value(T x, Index) {
        return x + T(1e-4) * std::abs(x - static_cast<T>(kink));
    }
    template <class T>
    static T slope(T x, Index) {
        return x < static_cast<T>(kink) ? T(1 - 1e-4) : T(1 + 1e-4);
    }
};

struct Staircase {
    template <class T>
    static T value(T x, Index) {
        return std::abs(std::sin(x * T(1e6))); // has a kink within every step
    }
    template <class T>
    static T slope(T, Index) {
        return 0;
    }
};

/// A scale that is a parameter; the gradient by it may be left out.
struct Scale {
    bool forgets_parameter = false;
    static constexpr std::string_view type = "Scale";

    Shape output_shape(const Shape& input) const { return input; }

    template <class T>
    struct Layer {
        Layer(const Scale& spec, const Shape& input, ParameterRegistry& parameters)
            : forgets(spec.forgets_parameter), scale(parameters.add("scale", input, Initializer::ones)) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
            for (Index i = 0; i < x.size(); ++i) y[i] = x[i] * pass.value(scale)[i % scale.size()];
        }
        void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
            for (Index i = 0; i < x.size(); ++i) {
                if (!dx.empty()) dx[i] = dy[i] * pass.value(scale)[i % scale.size()];
                if (!forgets && !pass.gradient(scale).empty()) pass.gradient(scale)[i % scale.size()] += dy[i] * x[i];
            }
        }
        bool forgets;
        Parameter scale;
    };
};

template <class Function>
GradientCheckResult check(const GradientCheckOptions& options = {}) {
    return gradient_check(Elementwise<Function>{}, {2, 40}, options);
}

} // namespace

TEST_CASE("gradient_check: right gradients pass") {
    const auto result = check<Square>();
    INFO(result);
    CHECK(result.passed(1e-6));
    CHECK(result.compared == 80);
    CHECK(result.nonzero == 80);
    CHECK(result.skipped == 0);
    CHECK(gradient_check(Scale{}, {3, 5}).passed(1e-6));
    CHECK(gradient_check(Scale{}, {3, 5}).compared == 20);
}

TEST_CASE("gradient_check: gradients that are wrong by a hundred-thousandth fail") {
    const auto result = check<SquareWrong>();
    CHECK_FALSE(result.passed(1e-6));
    CHECK(result.worst == Catch::Approx(5e-6).epsilon(0.01));
}

TEST_CASE("gradient_check: the worst entry is named") {
    const auto result = check<SquareWrongOnce>();
    CHECK_FALSE(result.passed(1e-6));
    CHECK(result.tensor == "x");
    CHECK(result.entry.index == 7);
    CHECK(result.entry.gradient == Catch::Approx(1.5 * result.entry.numeric()));
    CHECK(result.worst == Catch::Approx(1.0 / 3));
    CHECK_THAT(text(result), contains("worst relative error 0.333 at x[7]: gradient "));
    CHECK_THAT(text(result), contains("80 entries compared, 80 of them not zero, 0 kinks skipped"));
}

TEST_CASE("gradient_check: a parameter's gradient that is left out fails") {
    const auto result = gradient_check(Scale{.forgets_parameter = true}, {3, 5});
    CHECK_FALSE(result.passed(1e-6));
    CHECK(result.worst == 1);
    CHECK(result.tensor == "Scale/scale");
}

TEST_CASE("gradient_check: nothing but zeros shows nothing and fails") {
    const auto result = check<Constant>();
    CHECK(result.worst == 0);
    CHECK_FALSE(result.passed(1e-6));
    CHECK_THAT(text(result), contains("gradient check failed: all compared gradients are zero"));
}

TEST_CASE("gradient_check: NaN fails") {
    const auto result = check<SquareUnwritten>();
    CHECK_FALSE(result.passed(1e-6));
    CHECK_THAT(text(result), contains("x[0] is not finite: gradient nan"));
}

TEST_CASE("gradient_check: an entry at a kink is skipped and counted") {
    // Entry 2 of the numbers that the check draws for x, and relu's kink there or a third of a step beside it.
    const random::Stream stream{0, random::Purpose::user, 0, 0};
    for (const double distance : {0.0, 0.3e-5}) {
        ReluAtKink::kink = 2 * stream.uniform(2) - 1 + distance;
        const auto result = check<ReluAtKink>();
        INFO(result);
        CHECK(result.skipped == 1);
        CHECK(result.compared == 79);
        CHECK(result.passed(1e-6));
        // Without the rules the same entry fails.
        CHECK_FALSE(check<ReluAtKink>({.kink = 10, .bend = 10}).passed(1e-6));
        CHECK(check<ReluAtKink>({.kink = 10, .bend = 10}).entry.index == 2);
    }
}

TEST_CASE("gradient_check: a small kink beside a steep slope is skipped too") {
    // Two ten-thousandths of the slope come on half a step away: the slopes to the two sides hardly differ.
    const random::Stream stream{0, random::Purpose::user, 0, 0};
    SmallKink::kink = 2 * stream.uniform(2) - 1 + 0.5e-5;
    CHECK(check<SmallKink>().skipped == 1);
    CHECK(check<SmallKink>().passed(1e-6));
    CHECK_FALSE(check<SmallKink>({.bend = 10}).passed(1e-6));
}

TEST_CASE("gradient_check: too many kinks fail") {
    const auto result = check<Staircase>();
    CHECK_FALSE(result.passed(1e-6));
    CHECK_THAT(text(result), contains("entries are kinks"));
}

TEST_CASE("gradient_check: of large tensors some entries are looked at, and others with another seed") {
    const auto result = check<Square>({.entries = 10});
    CHECK(result.compared == 10);
    CHECK(result.passed(1e-6));
    const auto other = check<Square>({.seed = 1, .entries = 10});
    CHECK(other.entry.gradient != result.entry.gradient);
}

TEST_CASE("gradient_check: options that make no sense are refused") {
    CHECK_THROWS_MATCHES(check<Square>({.step = 0}), ValueError,
                         says("step and entries must be positive, got 0 and 400"));
    CHECK_THROWS_MATCHES(check<Square>({.entries = -1}), ValueError, says("got 1e-05 and -1"));
}

namespace {

const Tensor<double> images = [] {
    Tensor<double> x(Shape{5, 6, 6, 1});
    const random::Stream stream{5, random::Purpose::user, 0, 0};
    for (Index i = 0; i < x.size(); ++i) x[i] = stream.uniform(static_cast<std::uint64_t>(i));
    return x;
}();
const Tensor<std::int32_t> labels{0, 2, 1, 1, 0};

GradientCheckResult check(Sequential<double> model) {
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
    return gradient_check(model, images, labels);
}

} // namespace

TEST_CASE("gradient_check: whole models") {
    using enum Activation;
    for (auto result : {check({Input{6, 6, 1}, Conv2D{4, {3, 3}, relu}, MaxPooling2D{}, Flatten{}, Dense{3, softmax}}),
                        check({Input{6, 6, 1}, Conv2D{4, {3, 3}}, BatchNormalization{}, ActivationLayer{gelu},
                               GlobalAveragePooling2D{}, Dropout{0.3}, Dense{3, softmax}}),
                        check({Input{6, 6, 1}, Flatten{}, Dense{8, tanh}, BatchNormalization{}, Dense{3},
                               ActivationLayer{softmax}})}) {
        INFO(result);
        CHECK(result.passed(1e-6));
        CHECK(result.nonzero > 30);
    }
}

TEST_CASE("gradient_check: of a model that has a wrong layer the parameters in front of it fail") {
    const auto result =
        check({Input{6, 6, 1}, Flatten{}, Dense{4}, Elementwise<SquareWrong>{}, Dense{3, Activation::softmax}});
    CHECK_FALSE(result.passed(1e-6));
    CHECK_THAT(result.tensor, contains("dense/"));
}

TEST_CASE("gradient_check: a model is as before, frozen layers are left out") {
    Sequential<double> model{Input{6, 6, 1}, Flatten{}, Dense{4}, BatchNormalization{}, Dense{3, Activation::softmax}};
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
    const auto weights = model.get_weights();
    const Index all = gradient_check(model, images, labels).compared;
    CHECK(all == 36 * 4 + 4 + 4 + 4 + 4 * 3 + 3);
    CHECK(model.get_weights() == weights);
    CHECK(model.iteration() == 0);
    model.layer("dense").trainable = false;
    CHECK(gradient_check(model, images, labels).compared == all - (36 * 4 + 4));
    CHECK_THROWS_MATCHES(gradient_check(model, images, labels, {.training = false}), ValueError,
                         says("only be checked in training"));
}
