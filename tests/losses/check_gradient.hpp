#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/losses/loss.hpp>

#include "catch.hpp"

/// Numbers spread over (low, high), the same in every run.
inline fovea::Tensor<double> spread(const fovea::Shape& shape, double low, double high) {
    const fovea::random::Stream stream{.seed = 20};
    fovea::Tensor<double> x(shape);
    for (fovea::Index i = 0; i < x.size(); ++i)
        x[i] = low + (high - low) * stream.uniform(static_cast<std::uint64_t>(i));
    return x;
}

/// Softmax over the last axis, sigmoid, or nothing: what stood between x and the loss.
inline fovea::Tensor<double> through(fovea::Activation activation, fovea::Tensor<double> x) {
    using fovea::Activation;
    if (activation == Activation::sigmoid) return x.map([](double v) { return 1 / (1 + std::exp(-v)); });
    if (activation != Activation::softmax) return x;
    const fovea::Index classes = x.shape().last();
    for (fovea::Index row = 0; row < x.size(); row += classes) {
        double sum = 0;
        for (fovea::Index j = row; j < row + classes; ++j) sum += x[j] = std::exp(x[j]);
        for (fovea::Index j = row; j < row + classes; ++j) x[j] /= sum;
    }
    return x;
}

template <class T>
fovea::Targets<T> targets(const fovea::Tensor<T>& values) {
    return {.labels = {}, .values = values};
}

/// The worst relative difference between the gradient that a loss writes and central differences. `before` is the
/// activation that the loss is paired with; x is what goes into it.
template <class L>
double worst_gradient_error(const L& loss, fovea::Tensor<double> x, const fovea::Targets<double>& targets,
                            const std::vector<double>& weights = {},
                            fovea::Activation before = fovea::Activation::linear) {
    constexpr double scale = 0.25;
    const bool paired = before != fovea::Activation::linear;
    REQUIRE((!paired || fovea::AnyLoss<double>(loss).pairs_with(before)));
    const auto value = [&] {
        const fovea::Tensor<double> y = through(before, x);
        return scale *
               loss.evaluate(fovea::LossInput<double>{.y = y, .targets = targets, .weights = weights, .dy = {}});
    };
    const fovea::Tensor<double> y = through(before, x);
    fovea::Tensor<double> dy(x.shape(), 1e300); // must be written, not added to
    loss.evaluate(fovea::LossInput<double>{
        .y = y, .targets = targets, .weights = weights, .dy = dy, .scale = scale, .before_activation = paired});
    double worst = 0;
    double largest = 0;
    for (fovea::Index i = 0; i < x.size(); ++i) {
        const double middle = x[i];
        const auto at = [&](double offset) {
            x[i] = middle + offset;
            const double result = value();
            x[i] = middle;
            return result;
        };
        // Fourth order: the truncation and the rounding error are both about 1e-11 of the largest gradient.
        constexpr double h = 1e-4;
        const double expected = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        const double size = std::max(std::abs(dy[i]), std::abs(expected));
        largest = std::max(largest, size);
        if (size > 0) worst = std::max(worst, std::abs(dy[i] - expected) / size);
    }
    REQUIRE(largest > 0.001);
    return worst;
}

/// The weighted loss of one lane.
template <class T, class L>
double loss_of(const L& loss, const fovea::Tensor<T>& y, const fovea::Targets<T>& targets,
               const std::vector<T>& weights = {}) {
    return loss.evaluate(fovea::LossInput<T>{.y = y, .targets = targets, .weights = weights, .dy = {}});
}

/// The gradient of one lane's loss.
template <class T, class L>
fovea::Tensor<T> gradient_of(const L& loss, const fovea::Tensor<T>& y, const fovea::Targets<T>& targets,
                             const std::vector<T>& weights = {}, T scale = 1, bool before_activation = false) {
    fovea::Tensor<T> dy(y.shape(), T(77));
    loss.evaluate(fovea::LossInput<T>{.y = y,
                                      .targets = targets,
                                      .weights = weights,
                                      .dy = dy,
                                      .scale = scale,
                                      .before_activation = before_activation});
    return dy;
}

/// Accurate to some units in the last place.
inline Catch::Approx near(double value) { return Catch::Approx(value).epsilon(1e-14).margin(1e-15); }
