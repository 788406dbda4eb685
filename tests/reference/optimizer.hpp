#pragma once
#include <optional>

#include <fovea/optimizers/all.hpp>
#include <fovea/schedules/all.hpp>

#include "reference/reference.hpp"

namespace reference {

/// The optimizer of a recorded line; what the line does not name keeps its default, as it did in Keras.
template <class T>
fovea::AnyOptimizer<T> make_optimizer(Description d) {
    const auto set = [&](const char* key, auto& member) {
        if (d.has(key)) member = d.number(key);
    };
    const auto flag = [&](const char* key, bool& member) {
        if (d.has(key)) member = d.flag(key);
    };
    const auto count = [&](const char* key, std::optional<Index>& member) {
        if (d.has(key)) member = d.integer(key);
    };
    const auto finish = [&](auto optimizer) -> fovea::AnyOptimizer<T> {
        set("learning_rate", optimizer.learning_rate);
        set("weight_decay", optimizer.weight_decay);
        set("clipnorm", optimizer.clipnorm);
        set("clipvalue", optimizer.clipvalue);
        set("global_clipnorm", optimizer.global_clipnorm);
        flag("use_ema", optimizer.use_ema);
        set("ema_momentum", optimizer.ema_momentum);
        count("ema_overwrite_frequency", optimizer.ema_overwrite_frequency);
        count("gradient_accumulation_steps", optimizer.gradient_accumulation_steps);
        if (d.has("decay_rate"))
            optimizer.learning_rate = fovea::ExponentialDecay{d.number("initial_learning_rate"),
                                                              d.integer("decay_steps"), d.number("decay_rate")};
        if (!d.all_taken()) throw std::runtime_error(d.kind() + ": a recorded option is not looked at");
        return optimizer;
    };
    const auto moments = [&](auto optimizer) {
        set("beta_1", optimizer.beta_1);
        set("beta_2", optimizer.beta_2);
        if constexpr (requires { optimizer.epsilon; }) set("epsilon", optimizer.epsilon);
        return finish(optimizer);
    };
    const auto squares = [&](auto optimizer) {
        if constexpr (requires { optimizer.rho; }) set("rho", optimizer.rho);
        set("epsilon", optimizer.epsilon);
        return finish(optimizer);
    };
    if (d.kind() == "SGD") {
        fovea::SGD sgd;
        set("momentum", sgd.momentum);
        flag("nesterov", sgd.nesterov);
        return finish(sgd);
    }
    if (d.kind() == "Adam") return moments(fovea::Adam{});
    if (d.kind() == "AdamW") return moments(fovea::AdamW{});
    if (d.kind() == "Nadam") return moments(fovea::Nadam{});
    if (d.kind() == "Lion") return moments(fovea::Lion{});
    if (d.kind() == "Adadelta") return squares(fovea::Adadelta{});
    if (d.kind() == "Adagrad") {
        fovea::Adagrad adagrad;
        set("initial_accumulator_value", adagrad.initial_accumulator_value);
        return squares(adagrad);
    }
    if (d.kind() == "RMSprop") {
        fovea::RMSprop rmsprop;
        set("momentum", rmsprop.momentum);
        flag("centered", rmsprop.centered);
        return squares(rmsprop);
    }
    if (d.kind() == "Muon") {
        fovea::Muon muon;
        set("adam_weight_decay", muon.adam_weight_decay);
        set("adam_lr_ratio", muon.adam_lr_ratio);
        set("momentum", muon.momentum);
        flag("nesterov", muon.nesterov);
        if (d.has("ns_steps")) muon.ns_steps = static_cast<int>(d.integer("ns_steps"));
        if (d.has("exclude_layers")) muon.exclude_layers = {d.text("exclude_layers")};
        flag("convolutions", muon.convolutions);
        return finish(muon);
    }
    throw std::runtime_error("the recorded optimizer " + d.kind() + " is unknown");
}

} // namespace reference
