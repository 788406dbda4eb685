#include <cmath>
#include <sstream>

#include <fovea/core/initializer.hpp>
#include <fovea/core/tensor.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

const random::Stream stream{5, random::Purpose::initialize, 2, 0};
constexpr Index count = 40000;
constexpr Fans fans{200, 50};

template <class T = double>
Tensor<T> drawn(const Initializer& initializer, Fans f = fans, const random::Stream& from = stream) {
    Tensor<T> values(Shape{count});
    initializer.fill(values.view(), f, from);
    return values;
}

struct Moments {
    double mean = 0, deviation = 0, largest = 0;
};

Moments moments(const Tensor<double>& values) {
    Moments m;
    for (const double v : values) m.mean += v / count;
    double squares = 0;
    for (const double v : values) {
        squares += (v - m.mean) * (v - m.mean) / count;
        m.largest = std::max(m.largest, std::abs(v));
    }
    m.deviation = std::sqrt(squares);
    return m;
}

// Of 40,000 draws the mean and the deviation stray from the true ones by about 1/200 of the deviation; 1/40 is five times that.
void check_uniform(const Initializer& initializer, double limit) {
    INFO(initializer);
    const Moments m = moments(drawn(initializer));
    CHECK(m.largest <= limit);
    CHECK(m.largest > 0.999 * limit);
    CHECK(std::abs(m.mean) < limit / 40);
    CHECK(m.deviation == Catch::Approx(limit / std::sqrt(3.0)).epsilon(0.025));
}

void check_truncated_normal(const Initializer& initializer, double deviation) {
    INFO(initializer);
    const Moments m = moments(drawn(initializer));
    CHECK(std::abs(m.mean) < deviation / 40);
    CHECK(m.deviation == Catch::Approx(deviation).epsilon(0.025));
    // Cut at two standard deviations of the normal before the cut, which Keras makes 1 / 0.8796... times as wide.
    const double cut = 2 * deviation / 0.87962566103423978;
    CHECK(m.largest <= cut);
    CHECK(m.largest > 0.99 * cut);
}

} // namespace

TEST_CASE("Initializer: constants") {
    CHECK(drawn(Initializer::zeros) == Tensor<double>(Shape{count}));
    CHECK(drawn(Initializer::ones) == Tensor<double>(Shape{count}, 1));
    CHECK(drawn<float>(Initializer::constant(0.1)) == Tensor<float>(Shape{count}, 0.1F));
}

TEST_CASE("Initializer: uniform limits are Keras's, sqrt(3 scale / n)") {
    check_uniform(Initializer::glorot_uniform, std::sqrt(6.0 / (200 + 50)));
    check_uniform(Initializer::he_uniform, std::sqrt(6.0 / 200));
    check_uniform(Initializer::lecun_uniform, std::sqrt(3.0 / 200));
}

TEST_CASE("Initializer: normal deviations are Keras's, sqrt(scale / n) after the cut") {
    check_truncated_normal(Initializer::glorot_normal, std::sqrt(2.0 / (200 + 50)));
    check_truncated_normal(Initializer::he_normal, std::sqrt(2.0 / 200));
    check_truncated_normal(Initializer::lecun_normal, std::sqrt(1.0 / 200));
}

TEST_CASE("Initializer: a value depends on the stream and its place alone") {
    const Tensor<double> all = drawn(Initializer::glorot_uniform);
    Tensor<double> few(Shape{7});
    Initializer::glorot_uniform.fill(few.view(), fans, stream);
    CHECK(few == Tensor<double>(all.slice(0, 7)));
    CHECK(all == drawn(Initializer::glorot_uniform));

    random::Stream other = stream;
    other.number = 3;
    CHECK_FALSE(all == drawn(Initializer::glorot_uniform, fans, other));
    other = stream;
    other.seed = 6;
    CHECK_FALSE(all == drawn(Initializer::glorot_uniform, fans, other));
}

TEST_CASE("Initializer: a fan of nothing counts as one") {
    CHECK(moments(drawn(Initializer::he_uniform, {0, 0})).largest <= std::sqrt(6.0));
}

TEST_CASE("Initializer: names") {
    for (const char* name : {"zeros", "ones", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
                             "lecun_uniform", "lecun_normal"}) {
        CHECK(Initializer::from_name(name).name() == name);
        std::ostringstream out;
        out << Initializer::from_name(name);
        CHECK(out.str() == name);
    }
    CHECK(drawn(Initializer::from_name("he_normal")) == drawn(Initializer::he_normal));
    CHECK(Initializer::constant(2).name() == "constant");
    CHECK_THROWS_MATCHES(Initializer::from_name("glorot"), ValueError, says("unknown name \"glorot\""));
    CHECK_THROWS_MATCHES(Initializer::from_name("glorot"), ValueError, says("zeros, ones, glorot_uniform"));
}
