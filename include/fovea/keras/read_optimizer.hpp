#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <fovea/keras/object_options.hpp>
#include <fovea/optimizers/all.hpp>
#include <fovea/schedules/all.hpp>

/// Keras's optimizers and schedules, as fovea's.
namespace fovea::keras {

inline LearningRate read_schedule(const Json& object, const std::string& where) {
    ObjectOptions in(object, where);
    const auto all = [&](auto schedule, auto&&... fields) {
        (in.take(fields.first, schedule.*fields.second), ...);
        in.require_no_more();
        return LearningRate(schedule);
    };
    using std::pair;
    if (in.type() == "ExponentialDecay") {
        using S = ExponentialDecay;
        return all(S{}, pair("initial_learning_rate", &S::initial_learning_rate), pair("decay_steps", &S::decay_steps),
                   pair("decay_rate", &S::decay_rate), pair("staircase", &S::staircase));
    }
    if (in.type() == "InverseTimeDecay") {
        using S = InverseTimeDecay;
        return all(S{}, pair("initial_learning_rate", &S::initial_learning_rate), pair("decay_steps", &S::decay_steps),
                   pair("decay_rate", &S::decay_rate), pair("staircase", &S::staircase));
    }
    if (in.type() == "PolynomialDecay") {
        using S = PolynomialDecay;
        return all(S{}, pair("initial_learning_rate", &S::initial_learning_rate), pair("decay_steps", &S::decay_steps),
                   pair("end_learning_rate", &S::end_learning_rate), pair("power", &S::power),
                   pair("cycle", &S::cycle));
    }
    if (in.type() == "CosineDecay") {
        using S = CosineDecay;
        return all(S{}, pair("initial_learning_rate", &S::initial_learning_rate), pair("decay_steps", &S::decay_steps),
                   pair("alpha", &S::alpha), pair("warmup_target", &S::warmup_target),
                   pair("warmup_steps", &S::warmup_steps));
    }
    if (in.type() == "CosineDecayRestarts") {
        using S = CosineDecayRestarts;
        return all(S{}, pair("initial_learning_rate", &S::initial_learning_rate),
                   pair("first_decay_steps", &S::first_decay_steps), pair("t_mul", &S::t_mul), pair("m_mul", &S::m_mul),
                   pair("alpha", &S::alpha));
    }
    if (in.type() == "PiecewiseConstantDecay") {
        using S = PiecewiseConstantDecay;
        return all(S{}, pair("boundaries", &S::boundaries), pair("values", &S::values));
    }
    throw DataError(in.where() + ": fovea has no such schedule");
}

namespace detail {

/// Whatever of these options an optimizer has.
template <class T, class O>
AnyOptimizer<T> optimizer_of(ObjectOptions& in) {
    O o{};
    const Json& rate = in.at("learning_rate");
    if (rate.is_number())
        o.learning_rate = ObjectOptions::decimal(rate.get<double>());
    else if (!rate.is_null())
        o.learning_rate = read_schedule(rate, in.where());
    in.take("weight_decay", o.weight_decay);
    in.take("clipnorm", o.clipnorm);
    in.take("clipvalue", o.clipvalue);
    in.take("global_clipnorm", o.global_clipnorm);
    in.take("use_ema", o.use_ema);
    in.take("ema_momentum", o.ema_momentum);
    in.take("ema_overwrite_frequency", o.ema_overwrite_frequency);
    in.take("gradient_accumulation_steps", o.gradient_accumulation_steps);
    if constexpr (requires { o.beta_1; }) in.take("beta_1", o.beta_1);
    if constexpr (requires { o.beta_2; }) in.take("beta_2", o.beta_2);
    if constexpr (requires { o.epsilon; }) in.take("epsilon", o.epsilon);
    if constexpr (requires { o.momentum; }) in.take("momentum", o.momentum);
    if constexpr (requires { o.nesterov; }) in.take("nesterov", o.nesterov);
    if constexpr (requires { o.rho; }) in.take("rho", o.rho);
    if constexpr (requires { o.centered; }) in.take("centered", o.centered);
    if constexpr (requires { o.initial_accumulator_value; })
        in.take("initial_accumulator_value", o.initial_accumulator_value);
    if constexpr (requires { o.ns_steps; }) {
        in.take("adam_beta_1", o.adam_beta_1);
        in.take("adam_beta_2", o.adam_beta_2);
        in.take("adam_weight_decay", o.adam_weight_decay);
        in.take("adam_lr_ratio", o.adam_lr_ratio);
        in.take("exclude_layers", o.exclude_layers);
        in.take("exclude_embeddings", o.exclude_embeddings);
        in.take("muon_a", o.muon_a);
        in.take("muon_b", o.muon_b);
        in.take("muon_c", o.muon_c);
        in.take("ns_steps", o.ns_steps);
        in.take("rms_rate", o.rms_rate);
    }
    in.require_no_more();
    o.check();
    return o;
}

} // namespace detail

/// Throws DataError, with `where` in front, for an optimizer or option that fovea does not have.
template <class T>
AnyOptimizer<T> read_optimizer(const Json& object, const std::string& where) {
    using namespace detail;
    ObjectOptions in(object, where);
    static const std::map<std::string_view, AnyOptimizer<T> (*)(ObjectOptions&)> known{
        {"Adadelta", &optimizer_of<T, Adadelta>},
        {"Adagrad", &optimizer_of<T, Adagrad>},
        {"Adam", &optimizer_of<T, Adam>},
        {"AdamW", &optimizer_of<T, AdamW>},
        {"Lion", &optimizer_of<T, Lion>},
        {"Muon", &optimizer_of<T, Muon>},
        {"Nadam", &optimizer_of<T, Nadam>},
        {"RMSprop", &optimizer_of<T, RMSprop>},
        {"SGD", &optimizer_of<T, SGD>}};
    const auto found = known.find(in.type());
    require<DataError>(found != known.end(), in.where(), ": fovea has no such optimizer");
    return found->second(in);
}

} // namespace fovea::keras
