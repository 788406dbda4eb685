#pragma once
#include <cmath>
#include <iostream>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <fovea/models/checkpoint.hpp>
#include <fovea/models/executor.hpp>
#include <fovea/models/inference.hpp>
#include <fovea/models/options.hpp>
#include <fovea/models/penalties.hpp>
#include <fovea/models/progress.hpp>

namespace fovea::detail {

inline std::vector<Index> first_numbers(Index count) {
    std::vector<Index> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), Index{0});
    return numbers;
}

/// Throws unless `data` can be sent through the model.
template <class T>
void check_samples(const Model<T>& model, const Data<T>& data, const char* caller) {
    const Network<T>& network = model.network();
    network.require_complete(caller);
    require<ShapeError>(data.inputs() == network.inputs(), caller, ": the model takes ", network.inputs(),
                        network.inputs() == 1 ? " input" : " inputs", ", got ", data.inputs());
    for (std::size_t i = 0; i < network.inputs(); ++i)
        require<ShapeError>(data.input(i).sample_shape() == network.input_shape(i), caller,
                            ": the model takes samples of shape ", network.input_shape(i),
                            network.inputs() == 1 ? "" : " for \"" + network.input_names()[i] + "\"", ", got ",
                            data.input(i).sample_shape());
}

/// Throws unless all class labels for an output are among its classes; reads them once.
template <class T>
void check_labels(const Data<T>& data, const Shape& output, const char* caller) {
    const Index classes = std::max<Index>(2, output.last());
    const Index each = data.target_shape().size();
    constexpr Index most = 1024;
    std::vector<std::int32_t> labels(static_cast<std::size_t>(most * each));
    const std::vector<Index> numbers = first_numbers(data.size());
    for (Index first = 0; first < data.size(); first += most) {
        const Index count = std::min(most, data.size() - first);
        const std::span<const Index> which(numbers.data() + first, static_cast<std::size_t>(count));
        data.read(which, {}, {labels.data(), data.target_shape().prepend(count)}, {});
        for (Index i = 0; i < count * each; ++i) {
            const std::int32_t label = labels[static_cast<std::size_t>(i)];
            require<ValueError>(0 <= label && label < classes, caller, ": the label ", label, " of sample ",
                                first + i / each, " is outside 0..", classes - 1, " (the output has the shape ", output,
                                ")");
        }
    }
}

/// Throws unless the model is compiled and `data` can be compared with its outputs: also reads all class labels once.
template <class T>
void check_targets(const Model<T>& model, const Data<T>& data, const char* caller) {
    const Network<T>& network = model.network();
    require<StateError>(model.is_compiled(), caller, ": the model has not been compiled; call compile(...) first");
    require<StateError>(!model.objectives().empty(), caller, ": the model has been compiled without a loss");
    check_samples(model, data, caller);
    require<ValueError>(data.size() > 0, caller, ": the data set is empty");
    require<ValueError>(data.targets() > 0, caller,
                        ": the data has no targets (labels or values) to compare outputs with");
    require<ShapeError>(data.targets() == network.outputs(), caller, ": the model has ", network.outputs(),
                        network.outputs() == 1 ? " output" : " outputs", ", the data has targets for ", data.targets());
    for (std::size_t i = 0; i < network.outputs(); ++i) {
        const Data<T>& target = data.target(i);
        const Shape& output = network.output_shape(i);
        const Objective<T>& objective = model.objectives()[i];
        objective.loss.check(output, target.targets_are_labels(), target.target_shape());
        for (const AnyMetric<T>& metric : objective.metrics)
            metric.check(output, target.targets_are_labels(), target.target_shape());
        if (target.targets_are_labels() && objective.loss.labels_are_classes()) check_labels(target, output, caller);
    }
}

/// Throws unless there is one finite weight >= 0 for each sample; none at all is all right too.
inline void check_sample_weights(const std::vector<double>& weights, Index samples, const char* caller) {
    if (weights.empty()) return;
    require<ValueError>(static_cast<Index>(weights.size()) == samples, caller, ": ", samples, " samples but ",
                        weights.size(), " entries in sample_weight");
    for (std::size_t i = 0; i < weights.size(); ++i)
        require<ValueError>(std::isfinite(weights[i]) && weights[i] >= 0, caller, ": sample_weight[", i,
                            "] must be a finite number >= 0, got ", weights[i]);
}

/// How many of `samples` samples go into a batch. Throws ValueError unless `batch_size` is positive.
inline Index checked_batch_size(Index batch_size, Index samples, const char* caller) {
    require<ValueError>(batch_size >= 1, caller, ": batch_size must be at least 1, got ", batch_size);
    return std::min(batch_size, std::max<Index>(1, samples));
}

inline void check_verbose(int verbose, const char* caller) {
    require<ValueError>(0 <= verbose && verbose <= 2, caller, ": verbose must be 0, 1 or 2, got ", verbose);
}

/// Samples to a lane when nothing is trained: the order of sums within a sample does not depend on it.
inline Index inference_lane(Index batch_size) { return std::min<Index>(8, batch_size); }

template <class T>
std::vector<Tensor<T>> predict(const Model<T>& model, const Data<T>& data, const PredictOptions<T>& options) {
    check_samples(model, data, "predict");
    const Index batch_size = checked_batch_size(options.batch_size, data.size(), "predict");
    const Callbacks<T> callbacks(options.callbacks);
    std::vector<Tensor<T>> outputs;
    for (std::size_t i = 0; i < model.network().outputs(); ++i)
        outputs.emplace_back(model.network().output_shape(i).prepend(data.size()));
    const Index batch = options.callbacks.empty() ? std::max<Index>(1, data.size()) : batch_size;
    callbacks(&Callback<T>::on_predict_begin);
    for (Index first = 0, number = 0; first < data.size(); first += batch, ++number) {
        callbacks(&Callback<T>::on_predict_batch_begin, number);
        infer(model.network(), data, first, std::min(data.size(), first + batch), inference_lane(batch_size), false,
              [&](Index at, std::span<const ConstView<T>> y, TargetBuffers<T>&) {
                  for (std::size_t i = 0; i < y.size(); ++i)
                      std::copy(y[i].begin(), y[i].end(),
                                outputs[i].data() + at * model.network().output_shape(i).size());
              });
        callbacks(&Callback<T>::on_predict_batch_end, number);
    }
    callbacks(&Callback<T>::on_predict_end);
    return outputs;
}

/// Over samples [begin, end) of `data`.
template <class T>
Evaluation evaluate(const Model<T>& model, const Data<T>& data, Index begin, Index end,
                    const EvaluateOptions<T>& options) {
    check_targets(model, data, "evaluate");
    const Index batch_size = checked_batch_size(options.batch_size, end - begin, "evaluate");
    check_verbose(options.verbose, "evaluate");
    check_sample_weights(options.sample_weight, end - begin, "evaluate");
    const Callbacks<T> callbacks(options.callbacks);
    const Network<T>& network = model.network();
    const Objectives<T>& objectives = model.objectives();
    const std::vector<T> weights(options.sample_weight.begin(), options.sample_weight.end());
    const bool meets = any_whole_batch(objectives);
    const Index lane = meets ? batch_size : inference_lane(batch_size);
    const double penalty = Penalties<T>(network).add_to({}, network.values());
    // Without callbacks batches may be long, but not so long that the lanes' sums fill the memory: 8 MB of them.
    const auto sums_each = static_cast<Index>(1 + metric_sums(objectives));
    const Index longest = lane * std::max<Index>(1, (Index{1} << 20) / sums_each);
    const Index batch = options.callbacks.empty() ? std::min(end - begin, longest) : batch_size;
    Progress progress(std::cout, options.verbose, stdout_is_terminal(), (end - begin + batch_size - 1) / batch_size);
    Sums total = empty_sums(objectives);
    Logs logs;
    callbacks(&Callback<T>::on_test_begin);
    for (Index first = begin, number = 0; first < end; first += batch, ++number) {
        callbacks(&Callback<T>::on_test_batch_begin, number);
        const Index last = std::min(end, first + batch);
        std::vector<Sums> lanes(static_cast<std::size_t>((last - first + lane - 1) / lane), empty_sums(objectives));
        infer(network, data, first, last, lane, true,
              [&](Index at, std::span<const ConstView<T>> outputs, TargetBuffers<T>& targets) {
                  const Index count = outputs[0].shape()[0];
                  const std::span<const T> w = weights.empty()
                                                   ? std::span<const T>()
                                                   : std::span(weights).subspan(static_cast<std::size_t>(at - begin),
                                                                                static_cast<std::size_t>(count));
                  Sums& sums = lanes[static_cast<std::size_t>((at - first) / lane)];
                  std::span<double> metrics = sums.metrics;
                  for (std::size_t i = 0; i < outputs.size(); ++i) {
                      const Targets<T> wanted = targets(data, i, 0, count);
                      const bool paired = objectives[i].loss.pairs_with(
                          network.wiring().call_of(network.wiring().outputs[i]).layer.activation());
                      sums.losses[i] = objectives[i].loss.evaluate({outputs[i], wanted, w, {}, T{1}, paired});
                      metrics = measure(objectives[i].metrics, outputs[i], wanted, metrics);
                  }
              });
        for (const Sums& sums : lanes) add(total, sums);
        total.loss =
            rounded(penalty * static_cast<double>(last - begin)) + fovea::detail::total(objectives, total.losses);
        model.mean(total, last - begin, logs);
        callbacks(&Callback<T>::on_test_batch_end, number, logs);
    }
    progress.finish(logs);
    callbacks(&Callback<T>::on_test_end, logs);
    const std::string first_metric = model.first_metric();
    return {logs.at("loss"), first_metric.empty() ? std::numeric_limits<double>::quiet_NaN() : logs.at(first_metric),
            logs};
}

/// One call of Model::fit.
template <class T>
class Fit {
public:
    Fit(Model<T>& model, const Data<T>& data, const FitOptions<T>& options)
        : model_(model), data_(data), options_(options), callbacks_(options.callbacks) {
        check();
        samples_ = data.size();
        if (!options.validation_data && options.validation_split > 0)
            samples_ =
                static_cast<Index>(std::floor(static_cast<double>(data.size()) * (1 - options.validation_split)));
        require<ValueError>(samples_ > 0, "fit: validation_split=", options.validation_split, " leaves none of ",
                            data.size(), " samples to train on");
        set_weights();
    }

    History run() {
        for (Callback<T>* callback : options_.callbacks) callback->set_model(&model_);
        try {
            train();
        } catch (...) {
            release();
            throw;
        }
        release();
        if (Profile::is_asked_for()) model_.profile();
        return std::move(position_.history);
    }

private:
    void check() const {
        check_targets(model_, data_, "fit");
        checked_batch_size(options_.batch_size, data_.size(), "fit");
        require<ValueError>(options_.epochs >= 0, "fit: epochs must not be negative, got ", options_.epochs);
        require<ValueError>(options_.initial_epoch >= 0, "fit: initial_epoch must not be negative, got ",
                            options_.initial_epoch);
        require<ValueError>(options_.validation_split >= 0 && options_.validation_split < 1,
                            "fit: validation_split must be in [0, 1), got ", options_.validation_split);
        check_verbose(options_.verbose, "fit");
        check_sample_weights(options_.sample_weight, data_.size(), "fit");
        if (options_.validation_data) check_targets(model_, *options_.validation_data, "fit: validation_data");
    }

    /// Weight of a sample = sample_weight * class_weight of its label.
    void set_weights() {
        const auto& by_class = options_.class_weight;
        if (by_class.empty() && options_.sample_weight.empty()) return;
        weights_.assign(options_.sample_weight.begin(), options_.sample_weight.end());
        weights_.resize(static_cast<std::size_t>(data_.size()), T{1});
        if (by_class.empty()) return;
        const Data<T>& target = data_.target(0);
        require<ValueError>(data_.targets() == 1 && target.targets_are_labels() && target.target_shape().size() == 1,
                            "fit: class_weight needs one class label a sample, and one output");
        const Index classes = model_.network().output_shape().last();
        for (const auto& [label, weight] : by_class) {
            require<ValueError>(0 <= label && label < std::max<Index>(2, classes), "fit: class_weight names class ",
                                label, ", the output has ", classes);
            require<ValueError>(std::isfinite(weight) && weight >= 0, "fit: class_weight of class ", label,
                                " must be a finite number >= 0, got ", weight);
        }
        std::int32_t label = 0;
        for (Index i = 0; i < data_.size(); ++i) {
            target.read({&i, 1}, {}, {&label, target.target_shape().prepend(1)}, {});
            if (const auto found = by_class.find(label); found != by_class.end())
                weights_[static_cast<std::size_t>(i)] *= static_cast<T>(found->second);
        }
    }

    void train() {
        order_ = first_numbers(samples_);
        position_.epoch = options_.initial_epoch;
        position_.sums = empty_sums(model_.objectives());
        const bool resumes = options_.checkpoint && options_.checkpoint->find(running());
        model_.stop_training = model_.interrupt_training = false;
        model_.set_epochs_trained(std::max(model_.epochs_trained(), options_.initial_epoch));
        for (Callback<T>* callback : options_.callbacks) callback->set_resuming(resumes);
        callbacks_(&Callback<T>::on_train_begin);
        if (resumes) options_.checkpoint->restore(running());
        History& history = position_.history;
        Logs logs = history.last();
        // An epoch that was under way goes on, even if it is the last.
        while (position_.epoch < options_.epochs && (position_.step > 0 || !model_.stop_training)) {
            const Index epoch = position_.epoch;
            if (options_.verbose > 0 && options_.epochs > 1)
                std::cout << "Epoch " << epoch + 1 << '/' << options_.epochs << std::endl;
            if (position_.step == 0) callbacks_(&Callback<T>::on_epoch_begin, epoch);
            logs = run_epoch();
            model_.set_epochs_trained(model_.epochs_trained() + 1);
            history.add(epoch, logs);
            callbacks_(&Callback<T>::on_epoch_end, epoch, logs);
            position_ = {epoch + 1, 0, 0, empty_sums(model_.objectives()), std::move(history)};
            save(true);
        }
        if (!history.epoch.empty()) model_.finalize_variable_values();
        callbacks_(&Callback<T>::on_train_end, logs);
    }

    Logs run_epoch() {
        if (options_.shuffle) {
            std::iota(order_.begin(), order_.end(), Index{0});
            random::shuffle(order_, {model_.network().seed(), random::Purpose::shuffle, 0,
                                     static_cast<std::uint32_t>(model_.epochs_trained())});
        }
        const Index batch = checked_batch_size(options_.batch_size, samples_, "fit");
        const Index steps = (samples_ + batch - 1) / batch;
        Progress progress(std::cout, options_.verbose, stdout_is_terminal(), steps, position_.step);
        Logs logs;
        while (position_.step < steps && (position_.step == 0 || !model_.stop_training)) {
            const Index step = position_.step;
            callbacks_(&Callback<T>::on_train_batch_begin, step);
            const Index last = std::min(samples_, (step + 1) * batch);
            if (train_step(step, batch_of(step * batch, last), position_.sums)) position_.seen = last;
            if (options_.verbose > 0 || !options_.callbacks.empty()) model_.mean(position_.sums, position_.seen, logs);
            progress.update(step + 1, logs);
            callbacks_(&Callback<T>::on_train_batch_end, step, logs);
            ++position_.step;
            save(false);
        }
        model_.mean(position_.sums, position_.seen, logs);
        validate(logs);
        progress.finish(logs);
        return logs;
    }

    RunningFit<T> running() { return {model_, data_, options_, samples_, weights_, position_}; }

    /// A checkpoint, if it is time for one; and the end, if it was asked for.
    void save(bool epoch_ends) {
        if (options_.checkpoint) options_.checkpoint->save(running(), epoch_ends);
        if (!model_.interrupt_training) return;
        const Index epoch = position_.epoch + (epoch_ends ? 0 : 1);
        throw Interrupted(
            text("fit: interrupted ", epoch_ends ? "behind" : "in", " epoch ", epoch, '/', options_.epochs,
                 epoch_ends ? "" : text(", behind batch ", position_.step),
                 options_.checkpoint ? text("; ", options_.checkpoint->place(), " has a checkpoint of it") : ""));
    }

    /// Adds the sums of one step to `total`. False, with a loss of NaN, if the step failed and a callback took the error.
    bool train_step(Index number, const Batch<T>& batch, Sums& total) {
        try {
            const Sums& sums = model_.train_step(batch);
            total.loss += sums.loss;
            add(total, sums);
            return true;
        } catch (const NumericError& error) {
            if (!callbacks_.take(number, error)) throw;
            total.loss = std::numeric_limits<double>::quiet_NaN();
            model_.stop_training = true;
            return false;
        }
    }

    Batch<T> batch_of(Index first, Index last) {
        const std::span<const Index> which =
            std::span(order_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
        const Samples samples(which, model_.epochs_trained());
        if (weights_.empty()) return {data_, samples};
        batch_weights_.clear();
        for (const Index sample : which) batch_weights_.push_back(weights_[static_cast<std::size_t>(sample)]);
        return {data_, samples, batch_weights_};
    }

    void validate(Logs& logs) const {
        const bool split = !options_.validation_data && samples_ < data_.size();
        if (!split && !options_.validation_data) return;
        const Data<T>& data = split ? data_ : *options_.validation_data;
        EvaluateOptions<T> options{.batch_size = options_.batch_size, .verbose = 0, .callbacks = options_.callbacks};
        if (split && !options_.sample_weight.empty())
            options.sample_weight.assign(options_.sample_weight.begin() + samples_, options_.sample_weight.end());
        for (const auto& [name, value] : evaluate(model_, data, split ? samples_ : 0, data.size(), options).logs)
            logs["val_" + name] = value;
    }

    void release() const {
        for (Callback<T>* callback : options_.callbacks) callback->set_model(nullptr);
    }

    Model<T>& model_;
    const Data<T>& data_;
    const FitOptions<T>& options_;
    Callbacks<T> callbacks_;
    Index samples_ = 0; ///< to train on: the first of the data
    std::vector<Index> order_;
    std::vector<T> weights_;
    std::vector<T> batch_weights_;
    FitPosition position_;
};

} // namespace fovea::detail
