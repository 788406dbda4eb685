#pragma once
#include <algorithm>
#include <optional>
#include <string_view>

#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/sgd.hpp>

namespace fovea {

/// "sgd", "adam" or "adamw", in upper or lower case, with its default settings, but for the learning rate where one is
/// given. Throws ValueError for an unknown name, listing those that are known, and for a learning rate that the
/// optimizer refuses.
template <class T>
AnyOptimizer<T> optimizer_from_name(std::string_view wanted, std::optional<double> learning_rate = {}) {
    const auto make = [&](auto optimizer) -> AnyOptimizer<T> {
        optimizer.learning_rate = learning_rate.value_or(optimizer.learning_rate);
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
    throw ValueError(text("Optimizer: unknown name \"", wanted, "\"; known are sgd, adam, adamw"));
}

} // namespace fovea
