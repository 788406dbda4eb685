#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/models/model.hpp>
#include <fovea/models/spec_state.hpp>
#include <fovea/optimizers/fingerprint.hpp>

/// What a checkpoint holds, as a StateDict:
///
///     training/   what makes it this training and no other
///     weights/    the parameters by name; optimizer/: its slots, accumulated gradients, averages
///     model/      iteration, epochs trained, learning rate, which layers are trained
///     fit/        epoch, batches of it that are done, and the sums over these; history/; callbacks/: those that have a state
///
/// The order of samples, dropout, noise and schedules are functions of the seed and these numbers, and need no place.
namespace fovea::detail {

/// A hash as a list of one, which a message does not show.
inline std::vector<Index> hash_value(std::uint64_t hash) { return {static_cast<Index>(hash)}; }

/// The part of it that belongs to the model and its optimizer.
template <class T>
struct ModelState {
    std::vector<Tensor<T>> weights;
    std::vector<Tensor<T>> optimizer;
    Index iteration = 0;
    Index epochs_trained = 0;
    double learning_rate = 0;     ///< of the next step
    std::vector<Index> trainable; ///< layers

    [[gnu::cold]] static ModelState of(const Model<T>& model) {
        ModelState state{model.get_weights(),   model.state_.tensors(), model.iteration_,
                         model.epochs_trained_, model.learning_rate(),  {}};
        for (const NamedLayer<T>& layer : model.network().layers()) state.trainable.push_back(layer.trainable);
        return state;
    }

    /// Does not throw for what load has given.
    void apply(Model<T>& model) && {
        model.set_weights(weights);
        model.state_.tensors() = std::move(optimizer);
        model.iteration_ = iteration;
        model.epochs_trained_ = epochs_trained;
        if (!model.optimizer_.has_schedule()) model.learning_rate_ = learning_rate;
        for (std::size_t i = 0; i < trainable.size(); ++i) model.network_.layers()[i].trainable = trainable[i] != 0;
        model.executor_.forget();
    }

    void save(StateDict& state, const Model<T>& model) const {
        for (std::size_t i = 0; i < weights.size(); ++i)
            state.set("weights/" + model.network().parameters()[i].name, weights[i]);
        for (std::size_t i = 0; i < optimizer.size(); ++i) state.set(text("optimizer/", i), optimizer[i]);
        state.set("model/iteration", iteration);
        state.set("model/epochs_trained", epochs_trained);
        state.set("model/learning_rate", learning_rate);
        state.set("model/trainable", trainable);
    }

    /// Throws DataError unless everything is there, with the shapes that this model has, and its schedule has the same rate for the
    /// next step.
    [[gnu::cold]] static ModelState load(const StateDict& state, const Model<T>& model) {
        ModelState result;
        const auto get = [&](const std::string& name, const Shape& shape) {
            auto tensor = state.get<Tensor<T>>(name);
            require<DataError>(tensor.shape() == shape, name, " has the shape ", tensor.shape(), ", expected ", shape);
            return tensor;
        };
        for (const NamedParameter& p : model.network().parameters())
            result.weights.push_back(get("weights/" + p.name, p.place.shape));
        for (std::size_t i = 0; i < model.state_.tensors().size(); ++i)
            result.optimizer.push_back(get(text("optimizer/", i), Shape{model.count_params()}));
        result.iteration = state.get<Index>("model/iteration");
        result.epochs_trained = state.get<Index>("model/epochs_trained");
        result.learning_rate = state.get<double>("model/learning_rate");
        result.trainable = state.get<std::vector<Index>>("model/trainable");
        require<DataError>(result.trainable.size() == model.network().layers().size(), "model/trainable is of ",
                           result.trainable.size(), " layers, the model has ", model.network().layers().size());
        const double scheduled = model.optimizer_.learning_rate(result.iteration);
        require<DataError>(!model.optimizer_.has_schedule() || scheduled == result.learning_rate,
                           "the schedule gives a learning rate of ", scheduled, " for step ", result.iteration,
                           ", it gave ", result.learning_rate);
        return result;
    }

    /// What has to be the same for training to go on, of network and optimizer.
    [[gnu::cold]] static void identify(StateDict& identity, const Model<T>& model, Index steps) {
        const Network<T>& network = model.network();
        identity.set("numbers", sizeof(T) == sizeof(float) ? "float" : "double");
        identity.set("seed", static_cast<std::int64_t>(network.seed()));
        identity.set("fuses", network.fuses());
        identity.set("iteration at the beginning", model.iteration_);
        std::vector<Index> wires(network.wiring().inputs.begin(), network.wiring().inputs.end());
        for (const Call<T>& call : network.wiring().calls) {
            wires.push_back(-static_cast<Index>(call.of) - 1);
            wires.insert(wires.end(), call.inputs.begin(), call.inputs.end());
        }
        wires.insert(wires.end(), network.wiring().outputs.begin(), network.wiring().outputs.end());
        identity.set("connections of layers", wires);
        for (const NamedLayer<T>& layer : network.layers()) {
            identity.set("layer " + layer.name, text(std::string(layer.layer.type()), ' ', layer.layer.output_shape(),
                                                     layer.trainable ? "" : ", frozen"));
            try {
                SpecState fields(identity, layer.name);
                layer.layer.visit_fields(fields);
            } catch (const StateError&) { // somebody's own layer, which does not say them
            }
        }
        for (const NamedParameter& p : network.parameters()) identity.set(p.name, text(p.place.shape));

        identity.set("optimizer", model.optimizer_.name());
        identity.set("options of the optimizer", hash_value(fingerprint(model.optimizer_)));
        constexpr Index samples = 16; // all of a schedule can be long
        std::vector<double> rates{model.learning_rate()};
        for (Index i = 1; i < samples && model.optimizer_.has_schedule(); ++i)
            rates.push_back(model.optimizer_.learning_rate(model.iteration_ + i * steps / samples));
        if (rates.size() == 1)
            identity.set("learning rate at the beginning", rates.front());
        else
            identity.set("schedule of the learning rate", rates);
        for (std::size_t i = 0; i < model.objectives().size(); ++i) {
            const Objective<T>& objective = model.objectives()[i];
            std::string metrics;
            for (const AnyMetric<T>& metric : objective.metrics)
                metrics += text(metrics.empty() ? "" : ", ", metric.name(), " (", metric.sums(), ')');
            const std::string of = model.objectives().size() > 1 ? " of " + network.output_name(i) : "";
            identity.set("loss" + of, objective.loss.name());
            identity.set("weight of the loss" + of, objective.weight);
            identity.set("metrics" + of, metrics);
        }
    }
};

/// Those callbacks that have something to remember.
template <class T>
std::vector<Callback<T>*> stateful(const std::vector<Callback<T>*>& callbacks) {
    std::vector<Callback<T>*> result;
    for (Callback<T>* callback : callbacks) {
        StateDict state;
        callback->save_state(state);
        if (!state.empty()) result.push_back(callback);
    }
    return result;
}

/// What makes a training this one: from another, a checkpoint is of no use.
template <class T>
StateDict training_identity(const RunningFit<T>& fit) {
    StateDict identity;
    const FitOptions<T>& options = fit.options;
    const Index batch = std::min(options.batch_size, fit.samples);
    ModelState<T>::identify(identity, fit.model, (fit.samples + batch - 1) / batch);
    identity.set("samples", fit.samples);
    identity.set("batch_size", batch);
    identity.set("shuffle", options.shuffle);
    identity.set("initial_epoch", options.initial_epoch);
    identity.set("validation samples",
                 options.validation_data ? options.validation_data->size() : fit.data.size() - fit.samples);
    identity.set("weights of samples", hash_value(fnv1a(std::as_bytes(std::span(fit.weights)))));
    identity.set("callbacks with a state", stateful(options.callbacks).size());
    return identity;
}

/// `32`, `"Adam"`; empty for what is too long to be shown.
inline std::string shown(const StateDict& dict, const std::string& name) {
    const StateDict::Entry& entry = dict.entries().find(name)->second;
    if (entry.type == StateDict::Type::text) return '"' + dict.get<std::string>(name) + '"';
    if (entry.shape.rank() > 0) return "";
    if (entry.type == StateDict::Type::int64) return std::to_string(dict.get<Index>(name));
    return text(dict.get<double>(name));
}

/// Throws ValueError, with what differs, unless a checkpoint is of the same training.
inline void check_identity(const StateDict& saved, const StateDict& now, const std::string& place) {
    std::string differences;
    Index count = 0;
    constexpr Index most = 5;
    const auto add = [&](const std::string& difference) {
        if (++count <= most) differences += (count > 1 ? "; " : "") + difference;
    };
    for (const bool layers : {true, false}) { // whole layers before their fields and parameters
        for (const auto& [name, entry] : now.entries()) {
            if (name.starts_with("layer ") != layers) continue;
            const auto found = saved.entries().find(name);
            if (found == saved.entries().end()) {
                add(name + " is not there");
            } else if (!(found->second == entry)) {
                const std::string there = shown(saved, name), here = shown(now, name);
                add(there == here ? "other " + name : text(name, " is ", there, " there, ", here, " here"));
            }
        }
        for (const auto& [name, entry] : saved.entries())
            if (name.starts_with("layer ") == layers && !now.contains(name)) add(name + " is only there");
    }
    if (count > most) differences += text("; and ", count - most, " more");
    require<ValueError>(
        count == 0, "fit: the checkpoint in ", place, " is of another training: ", differences,
        ". Each training needs a folder of its own, and goes on in a model that is as it was when it began");
}

/// All of a fit at this moment.
template <class T>
[[gnu::cold]] StateDict training_state(const RunningFit<T>& fit, const StateDict& identity) {
    StateDict state;
    state.add("training", identity);
    ModelState<T>::of(fit.model).save(state, fit.model);
    const FitPosition& position = fit.position;
    state.set("fit/epoch", position.epoch);
    state.set("fit/step", position.step);
    state.set("fit/seen", position.seen);
    state.set("fit/loss", position.sums.loss);
    state.set("fit/losses", position.sums.losses);
    state.set("fit/metrics", position.sums.metrics);
    state.set("fit/stop_training", fit.model.stop_training);
    state.set("history/epoch", position.history.epoch);
    const std::vector<std::string> keys = position.history.keys();
    state.set("history/keys", keys);
    for (std::size_t i = 0; i < keys.size(); ++i) state.set(text("history/", i), position.history[keys[i]]);
    const std::vector<Callback<T>*> callbacks = stateful(fit.options.callbacks);
    for (std::size_t i = 0; i < callbacks.size(); ++i) {
        StateDict own;
        callbacks[i]->save_state(own);
        state.add(text("callbacks/", i), std::move(own));
    }
    return state;
}

/// Puts everything back. Throws DataError if something is missing or makes no sense; model and position are then as before.
template <class T>
[[gnu::cold]] void restore_training(const StateDict& state, const RunningFit<T>& fit) {
    ModelState<T> model = ModelState<T>::load(state, fit.model);
    FitPosition position{state.get<Index>("fit/epoch"), state.get<Index>("fit/step"), state.get<Index>("fit/seen")};
    position.sums = {state.get<double>("fit/loss"), state.get<std::vector<double>>("fit/losses"),
                     state.get<std::vector<double>>("fit/metrics")};
    const bool stops = state.get<bool>("fit/stop_training");
    const auto epochs = state.get<std::vector<Index>>("history/epoch");
    const auto keys = state.get<std::vector<std::string>>("history/keys");
    std::vector<std::vector<double>> series;
    for (std::size_t i = 0; i < keys.size(); ++i) series.push_back(state.get<std::vector<double>>(text("history/", i)));
    for (std::size_t epoch = 0; epoch < epochs.size(); ++epoch) {
        Logs logs;
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (epoch < series[i].size()) logs[keys[i]] = series[i][epoch];
        position.history.add(epochs[epoch], logs);
    }
    const Sums fresh = empty_sums(fit.model.objectives());
    const Index batch = std::min(fit.options.batch_size, fit.samples);
    const Index steps = (fit.samples + batch - 1) / batch;
    require<DataError>(position.epoch >= fit.options.initial_epoch && 0 <= position.step && position.step <= steps &&
                           0 <= position.seen && position.seen <= fit.samples &&
                           position.sums.losses.size() == fresh.losses.size() &&
                           position.sums.metrics.size() == fresh.metrics.size(),
                       "epoch ", position.epoch, ", batch ", position.step, " cannot be");
    const std::vector<Callback<T>*> callbacks = stateful(fit.options.callbacks);
    for (std::size_t i = 0; i < callbacks.size(); ++i) callbacks[i]->load_state(state.part(text("callbacks/", i)));
    std::move(model).apply(fit.model);
    fit.model.stop_training = stops;
    fit.position = std::move(position);
}

} // namespace fovea::detail
