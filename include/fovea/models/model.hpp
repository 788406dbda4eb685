#pragma once
#include <cstdint>
#include <iostream>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <fovea/core/hash.hpp>
#include <fovea/models/dot.hpp>
#include <fovea/models/executor.hpp>
#include <fovea/models/fit.hpp>
#include <fovea/models/graph.hpp>
#include <fovea/models/inference.hpp>
#include <fovea/models/log_names.hpp>
#include <fovea/models/options.hpp>
#include <fovea/models/penalties.hpp>
#include <fovea/models/tables.hpp>
#include <fovea/optimizers/apply.hpp>

namespace fovea {

/// A network that can be trained: everything that Keras calls compile, fit, evaluate and predict. Sequential adds how it is put
/// together. Results are a function of network, data, options and seed, and not of threads, instruction set or compiler.
/// A const model may predict and evaluate on any number of threads at once.
template <class T>
class Model {
public:
    /// Set by a callback: fit ends behind this batch, with the epoch's validation and hooks.
    bool stop_training = false;
    /// The same, but fit ends at once, as if it had been killed there: it writes its checkpoint, and throws Interrupted.
    bool interrupt_training = false;

    /// What lies between nodes of one graph: `Model model{{x}, {a, b}}`. It has copies of the parameters, as they are now. Throws
    /// ValueError if an output needs an input that is not named, or an input is not needed.
    Model(std::initializer_list<Node<T>> inputs, std::initializer_list<Node<T>> outputs)
        : Model(std::vector<Node<T>>(inputs), std::vector<Node<T>>(outputs)) {}
    Model(const std::vector<Node<T>>& inputs, const std::vector<Node<T>>& outputs)
        : Model("functional", network_between(inputs, outputs)) {}

    Model(std::string name, Network<T> network) : network_(std::move(network)), name_(std::move(name)) {}

    /// A graph that goes on where this model ends, or branches off any of its layers, with copies of its parameters:
    ///
    ///     const auto graph = trained.graph();
    ///     Model other{graph.inputs(), {Dense{5, Activation::softmax}(graph["flatten"])}};
    Graph<T> graph() const { return Graph<T>(network_); }

    const std::string& name() const { return name_; }
    const Network<T>& network() const { return network_; }

    /// Throws ValueError for a layer or parameter that is not there.
    NamedLayer<T>& layer(std::string_view name) { return network_.layer(name); }
    const NamedLayer<T>& layer(std::string_view name) const { return network_.layer(name); }
    /// A view that may be written to at any time. So from here on each predict and evaluate packs the weights anew, which costs some
    /// 100 us for the article's network; who only reads should do so through a const model.
    View<T> parameter(std::string_view name) { return network_.value(network_.parameter(name)); }
    ConstView<T> parameter(std::string_view name) const { return network_.value(network_.parameter(name)); }

    Index count_params() const { return static_cast<Index>(network_.values().size()); }

    /// Copies of all parameters, layer by layer, in Keras's order.
    std::vector<Tensor<T>> get_weights() const {
        std::vector<Tensor<T>> weights;
        for (const NamedParameter& p : network_.parameters()) weights.emplace_back(network_.value(p));
        return weights;
    }

    /// Throws ShapeError, and changes nothing, unless there is one tensor of the right shape for each parameter.
    void set_weights(const std::vector<Tensor<T>>& weights) {
        const auto& parameters = network_.parameters();
        require<ShapeError>(weights.size() == parameters.size(), "set_weights: the model has ", parameters.size(),
                            " parameters, got ", weights.size(), " tensors");
        for (std::size_t i = 0; i < weights.size(); ++i)
            require<ShapeError>(weights[i].shape() == parameters[i].place.shape, "set_weights: ", parameters[i].name,
                                " has the shape ", parameters[i].place.shape, ", got ", weights[i].shape());
        const std::span<T> values = network_.values();
        for (std::size_t i = 0; i < weights.size(); ++i)
            std::copy(weights[i].begin(), weights[i].end(), parameters[i].place.in(values).begin());
    }

    /// FNV-1a over the bytes of all parameters: equal for equal bits, whatever made them.
    std::uint64_t weights_hash() const { return detail::fnv1a(std::as_bytes(network_.values())); }

    /// Chooses how to train. Starts the optimizer anew; weights stay. Throws StateError for a model without input or layers,
    /// ValueError for options that make no sense.
    void compile(CompileOptions<T> options) {
        network_.require_complete("compile");
        require<ValueError>(static_cast<bool>(options.optimizer), "compile: an optimizer is missing");
        options.optimizer.check();
        require<ValueError>(0 <= options.optimizer.slots() && options.optimizer.slots() <= 3,
                            "compile: ", options.optimizer.name(), " wants ", options.optimizer.slots(),
                            " slots, 0 to 3 are possible");
        Objectives<T> objectives = detail::objectives_of(options, network_.outputs());
        for (std::size_t i = 0; i < objectives.size(); ++i)
            for (AnyMetric<T>& metric : objectives[i].metrics) metric.bind(network_.output_shape(i));
        std::vector<std::string> outputs;
        for (std::size_t i = 0; i < network_.outputs(); ++i) outputs.push_back(network_.output_name(i));
        log_names_ = LogNames(objectives, outputs);
        objectives_ = std::move(objectives);
        optimizer_ = options.optimizer;
        learning_rate_ = optimizer_.learning_rate();
        iteration_ = 0;
        step_.reset();
        state_ = OptimizerState<T>(optimizer_, count_params());
    }

    bool is_compiled() const { return static_cast<bool>(optimizer_); }
    /// One for each output; none if there is no loss.
    const Objectives<T>& objectives() const { return objectives_; }
    /// The key in logs of the metric named first; empty if there is none.
    std::string first_metric() const { return log_names_.first_metric(); }

    /// What Keras counts as the optimizer's from the first step on: its slots, the iteration, the learning rate unless it is a schedule.
    Index optimizer_params(Index trainable) const {
        if (iteration_ == 0) return 0;
        return static_cast<Index>(state_.tensors().size()) * trainable + (optimizer_.has_schedule() ? 1 : 2);
    }

    /// Training steps since compile; with gradient_accumulation_steps, the batches.
    Index iteration() const { return iteration_; }

    /// Epochs that `fit` has been through, which number the orders that samples are shuffled into.
    Index epochs_trained() const { return epochs_trained_; }
    void set_epochs_trained(Index epochs) { epochs_trained_ = epochs; }

    /// Of the next training step.
    double learning_rate() const {
        return is_compiled() && optimizer_.has_schedule() ? optimizer_.learning_rate(iteration_) : learning_rate_;
    }
    /// Throws StateError before compile and where a schedule sets the rate, ValueError unless it is a finite number >= 0.
    void set_learning_rate(double rate) {
        require<StateError>(is_compiled(),
                            "set_learning_rate: the model has not been compiled; call compile(...) first");
        require<StateError>(!optimizer_.has_schedule(), "set_learning_rate: ", optimizer_.name(),
                            " was given a schedule, which sets the learning rate in every step");
        detail::check_learning_rate("set_learning_rate", rate);
        learning_rate_ = rate;
    }

    /// Trains on `data` and returns what happened in each epoch. Throws StateError before compile, ShapeError and ValueError for
    /// data or options that do not fit (nothing is trained then), NumericError when the loss or a gradient is no longer finite (weights are
    /// then those before the failed step).
    History fit(const Data<T>& data, const FitOptions<T>& options = {}) {
        return detail::Fit<T>(*this, data, options).run();
    }

    template <detail::InputArray X, detail::TargetArray Y>
    History fit(const X& x, const Y& y, const FitOptions<T>& options = {}) {
        return fit(Data<T>(x, y), options);
    }

    /// Mean loss and metrics over `data`. Throws as fit does.
    Evaluation evaluate(const Data<T>& data, const EvaluateOptions<T>& options = {}) const {
        return detail::evaluate(*this, data, 0, data.size(), options);
    }
    template <detail::InputArray X, detail::TargetArray Y>
    Evaluation evaluate(const X& x, const Y& y, const EvaluateOptions<T>& options = {}) const {
        return evaluate(Data<T>(x, y), options);
    }

    /// The outputs (samples, ...) for all samples. Throws ShapeError for samples that do not fit, NumericError if one is not finite,
    /// StateError for a model of several outputs.
    Tensor<T> predict(const Data<T>& data, const PredictOptions<T>& options = {}) const {
        require<StateError>(network_.outputs() <= 1, "predict: the model has ", network_.outputs(),
                            " outputs; predict_outputs returns them all");
        return std::move(detail::predict(*this, data, options).front());
    }
    /// The same for each output.
    std::vector<Tensor<T>> predict_outputs(const Data<T>& data, const PredictOptions<T>& options = {}) const {
        return detail::predict(*this, data, options);
    }

    /// One step on all samples of `data` as one batch; the mean loss and metrics before it. Throws as fit does.
    Logs train_on_batch(const Data<T>& data) {
        detail::check_targets(*this, data, "train_on_batch");
        const std::vector<Index> all = detail::first_numbers(data.size());
        return mean(train_step({data, all}), data.size());
    }
    template <detail::InputArray X, detail::TargetArray Y>
    Logs train_on_batch(const X& x, const Y& y) {
        return train_on_batch(Data<T>(x, y));
    }

    /// Mean loss and metrics of `data` as one batch, without a step.
    Logs test_on_batch(const Data<T>& data) const {
        return evaluate(data, {.batch_size = data.size(), .verbose = 0}).logs;
    }

    /// The training step: forward, loss, backward, sum, penalties, step, constraints. Returns sums over the batch, in which every
    /// sample has the penalties in its loss. Data must have been checked.
    const Sums& train_step(const Batch<T>& batch) {
        const Sums& sums = run(batch);
        apply_gradients();
        return sums;
    }

    /// A step in one's own hands:
    ///
    ///     model.forward(x);
    ///     ... a loss from model.output(), and its gradient by each output written to model.output_gradient() ...
    ///     model.backward();          // model.gradients(): by all parameters
    ///     model.apply_gradients();   // the optimizer's step; compile needs no loss for it
    ///
    /// `data` is one batch, sent forward as in training. Throws as fit does.
    void forward(const Data<T>& data) {
        detail::check_samples(*this, data, "forward");
        require<ValueError>(data.size() > 0, "forward: the data set is empty");
        samples_.resize(static_cast<std::size_t>(data.size()));
        std::iota(samples_.begin(), samples_.end(), Index{0});
        executor_.forward(network_, {data, samples_}, static_cast<std::uint32_t>(iteration_));
    }
    /// (batch, ...), until backward or other training. StateError unless forward has just been through, ValueError for no such output.
    ConstView<T> output(std::size_t i = 0) const {
        check_forward("output", i);
        return executor_.output(network_, i);
    }
    /// The same, to be written before backward; what is there until then has no meaning.
    View<T> output_gradient(std::size_t i = 0) {
        check_forward("output_gradient", i);
        return executor_.output_gradient(network_, i);
    }
    /// Throws NumericError, and changes nothing, if a gradient is not finite; StateError before forward.
    void backward() {
        check_forward("backward", 0);
        executor_.backward(network_);
        update_ranges();
        penalties_.add_to(executor_.gradients(), network_.values());
    }
    /// By all parameters, with what regularizers add, on the places of `network().values()`, until the next forward; may be
    /// changed before apply_gradients. Throws StateError before backward.
    std::span<T> gradients() {
        check_gradients("gradients");
        return executor_.gradients();
    }
    /// Throws StateError before compile and before backward.
    void apply_gradients() {
        require<StateError>(is_compiled(), "apply_gradients: the model has not been compiled; call compile(...) first");
        check_gradients("apply_gradients");
        update_ranges();
        (*step_)(state_.blocks(network_.values(), executor_.gradients()), iteration_ + 1, learning_rate());
        ++iteration_;
        penalties_.constrain(network_.values());
    }

    /// If the optimizer has use_ema, puts its averages in the place of the trained weights, as `fit` does at its end. Does nothing
    /// before the first step.
    void finalize_variable_values() {
        if (iteration_ == 0 || !optimizer_.treatment().use_ema) return;
        update_ranges();
        step_->finalize(state_.blocks(network_.values(), {}));
    }

    struct Gradients {
        double loss;      ///< a mean
        Tensor<T> values; ///< on the places of `network().values()`; those of frozen parameters have no meaning
    };

    /// Loss and its gradient by every parameter for `data` as one batch, without a step. As in a step, BatchNormalization
    /// moves its averages on. Throws as fit does.
    Gradients compute_gradients(const Data<T>& data) {
        detail::check_targets(*this, data, "compute_gradients");
        const std::vector<Index> all = detail::first_numbers(data.size());
        const Sums& sums = run({data, all});
        return {sums.loss / static_cast<double>(data.size()),
                Tensor<T>(Shape{count_params()}, std::span<const T>(executor_.gradients()))};
    }

    /// Metrics and loss in Keras's (alphabetical) order.
    Logs mean(const Sums& sums, Index samples) const {
        Logs logs;
        mean(sums, samples, logs);
        return logs;
    }
    void mean(const Sums& sums, Index samples, Logs& logs) const { log_names_.write(objectives_, sums, samples, logs); }

    /// Keras's table of layers, output shapes and parameters.
    void summary(std::ostream& out = std::cout) const { detail::print_summary(*this, out); }

    /// How a batch of `batch_size` will run: which layers are fused, by which kernels each is computed, and what memory it takes.
    void plan(Index batch_size = 32, std::ostream& out = std::cout) const {
        detail::print_plan(network_, batch_size, training_memory(batch_size), out);
    }

    /// Bytes that training on batches of `batch_size` takes with the present threads; the optimizer's part is known from compile on.
    MemoryUse training_memory(Index batch_size) const {
        network_.require_complete("plan");
        detail::checked_batch_size(batch_size, batch_size, "plan");
        return fovea::training_memory(network_, batch_size, static_cast<Index>(state_.tensors().size()),
                                      detail::any_whole_batch(objectives_));
    }

    /// Writes the whole model to a file that `load_model` reads. Include <fovea/io/model_file.hpp> for it.
    template <class Path>
    void save(const Path& path) const {
        save_model(*this, path);
    }

    /// The model as a graph in the language of Graphviz: `dot -Tsvg`.
    std::string to_dot() const { return detail::to_dot(network_, name_); }

    /// Whether neighbouring layers run as one where they can (they do, unless this is set to false). Results agree within rounding, about 1e-6.
    bool fuses() const { return network_.fuses(); }
    void set_fuses(bool fuses) { network_.set_fuses(fuses); }

    /// Whether training steps are timed layer by layer, from here on. FOVEA_PROFILE=1 turns it on for all, and every fit prints it.
    void set_profiling(bool on) { executor_.profile().set_on(on); }

    /// Time and speed of each step of the training so far, forward and backward.
    void profile(std::ostream& out = std::cout) const {
        detail::print_profile(network_, executor_.profile(), executor_.plan(), out);
    }

protected:
    explicit Model(std::string name) : name_(std::move(name)) {}

    /// Takes back compile: the network has changed.
    void reset() {
        optimizer_ = {};
        objectives_.clear();
        executor_.forget();
        state_ = {};
        iteration_ = 0;
    }

    Network<T> network_;

private:
    friend struct detail::ModelState<T>; // what a checkpoint keeps of a model

    void check_forward(const char* caller, std::size_t output) const {
        require<StateError>(executor_.has_outputs(), caller, ": call forward(...) first");
        require<ValueError>(output < network_.outputs(), caller, ": there is no output ", output, ", only ",
                            network_.outputs());
    }

    void check_gradients(const char* caller) const {
        require<StateError>(executor_.has_gradients(), caller, ": call backward() first");
    }

    /// A step up to its gradients.
    const Sums& run(const Batch<T>& batch) {
        sums_ = executor_.run(network_, objectives_, batch, static_cast<std::uint32_t>(iteration_));
        update_ranges();
        sums_.loss +=
            rounded(penalties_.add_to(executor_.gradients(), network_.values()) * static_cast<double>(batch.size()));
        return sums_;
    }

    /// Layers may have been frozen or thawed since the last step.
    void update_ranges() {
        bool changed = !step_.has_value();
        if (changed) {
            ranges_.clear();
            for (const NamedParameter& p : network_.parameters())
                ranges_.push_back({p.place.offset, p.place.size(), true, p.place.shape, p.name});
        }
        for (const NamedLayer<T>& layer : network_.layers())
            for (std::size_t i = layer.first; i < layer.last; ++i) {
                const bool trainable = network_.is_trained(layer, network_.parameters()[i]);
                changed = changed || ranges_[i].trainable != trainable;
                ranges_[i].trainable = trainable;
            }
        if (!changed) return;
        if (is_compiled()) step_.emplace(optimizer_, std::span<const ParameterRange>(ranges_));
        penalties_ = Penalties<T>(network_);
    }

    std::string name_;
    AnyOptimizer<T> optimizer_;
    Objectives<T> objectives_;
    LogNames log_names_;
    OptimizerState<T> state_;
    std::vector<ParameterRange> ranges_;
    std::optional<OptimizerStep<T>> step_;
    Executor<T> executor_;
    std::vector<Index> samples_; ///< numbers of those that go forward
    Penalties<T> penalties_;
    Sums sums_; ///< of the last batch
    double learning_rate_ = 0;
    Index iteration_ = 0;
    Index epochs_trained_ = 0;
};

} // namespace fovea
