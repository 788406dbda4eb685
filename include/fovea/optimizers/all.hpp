#pragma once
#include <algorithm>
#include <optional>
#include <string_view>

#include <fovea/optimizers/adadelta.hpp>
#include <fovea/optimizers/adagrad.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/lion.hpp>
#include <fovea/optimizers/muon.hpp>
#include <fovea/optimizers/nadam.hpp>
#include <fovea/optimizers/rmsprop.hpp>
#include <fovea/optimizers/sgd.hpp>

namespace fovea {

/// "sgd", "rmsprop", "adam", "adamw", "nadam", "adagrad", "adadelta", "lion" or "muon", in upper or lower case, with its default settings, but for the learning rate where one is
/// given. Throws ValueError for an unknown name, listing those that are known, and for a learning rate that the
/// optimizer refuses.
template <class T>
[[gnu::cold]] AnyOptimizer<T> optimizer_from_name(std::string_view wanted, std::optional<double> learning_rate = {}) {
    const auto make = [&](auto optimizer) -> AnyOptimizer<T> {
        if (learning_rate) optimizer.learning_rate = *learning_rate;
        optimizer.check();
        return optimizer;
    };
    const auto is = [&](std::string_view name) {
        const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        return std::equal(wanted.begin(), wanted.end(), name.begin(), name.end(),
                          [&](char a, char b) { return lower(a) == b; });
    };
    if (is("sgd")) return make(SGD{});
    if (is("adam")) return make(Adam{});
    if (is("adamw")) return make(AdamW{});
    if (is("rmsprop")) return make(RMSprop{});
    if (is("nadam")) return make(Nadam{});
    if (is("adagrad")) return make(Adagrad{});
    if (is("adadelta")) return make(Adadelta{});
    if (is("lion")) return make(Lion{});
    if (is("muon")) return make(Muon{});
    throw ValueError(text("Optimizer: unknown name \"", wanted,
                          "\"; known are sgd, rmsprop, adam, adamw, nadam, adagrad, adadelta, lion, muon"));
}

} // namespace fovea
