#pragma once
#include <vector>

#include <fovea/optimizers/optimizer.hpp>

#include "catch.hpp"

/// One weight that starts at 1, and what an optimizer makes of it.
template <class T>
struct OneWeight {
    std::vector<T> w{1}, m{0}, v{0}, a{0};
    fovea::Index iteration = 0;

    template <class O>
    T step(const O& optimizer, T gradient) {
        const std::vector<T> g{gradient};
        optimizer.update(fovea::Update<T>{.values = w,
                                          .gradients = g,
                                          .slot_0 = m,
                                          .slot_1 = v,
                                          .slot_2 = a,
                                          .iteration = ++iteration,
                                          .learning_rate = optimizer.learning_rate.at(0)});
        return w[0];
    }
};

/// Accurate to some units in the last place of double.
inline Catch::Approx near_double(double value) { return Catch::Approx(value).epsilon(1e-14); }
/// Accurate to some units in the last place of float.
inline Catch::Approx near_float(double value) { return Catch::Approx(value).epsilon(1e-6); }

/// The message with which an optimizer refuses its options; empty if it does not.
template <class O>
std::string refusal(const O& optimizer) {
    try {
        optimizer.check();
        return "";
    } catch (const fovea::ValueError& error) {
        return error.what();
    }
}
