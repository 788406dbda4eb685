#pragma once
#include <optional>

#include <fovea/optimizers/all.hpp>

#include "reference/reference.hpp"

namespace reference {

/// The optimizer of a recorded line; what the line does not name keeps its default, as it did in Keras.
template <class T>
fovea::AnyOptimizer<T> make_optimizer(Description d) {
    const auto set = [&](const char* key, auto& member) {
        if (d.has(key)) member = d.number(key);
    };
    const auto finish = [&](auto optimizer) -> fovea::AnyOptimizer<T> {
        set("learning_rate", optimizer.learning_rate);
        set("weight_decay", optimizer.weight_decay);
        set("clipnorm", optimizer.clipnorm);
        set("clipvalue", optimizer.clipvalue);
        set("global_clipnorm", optimizer.global_clipnorm);
        if (!d.all_taken()) throw std::runtime_error(d.kind() + ": a recorded option is not looked at");
        return optimizer;
    };
    const auto moments = [&](auto optimizer) {
        set("beta_1", optimizer.beta_1);
        set("beta_2", optimizer.beta_2);
        set("epsilon", optimizer.epsilon);
        return finish(optimizer);
    };
    if (d.kind() == "SGD") {
        fovea::SGD sgd;
        set("momentum", sgd.momentum);
        if (d.has("nesterov")) sgd.nesterov = d.flag("nesterov");
        return finish(sgd);
    }
    if (d.kind() == "Adam") return moments(fovea::Adam{});
    if (d.kind() == "AdamW") return moments(fovea::AdamW{});
    throw std::runtime_error("the recorded optimizer " + d.kind() + " is unknown");
}

} // namespace reference
