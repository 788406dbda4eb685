#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/models/buffers.hpp>
#include <fovea/models/gradient_blocks.hpp>
#include <fovea/models/objective.hpp>
#include <fovea/models/profile.hpp>
#include <fovea/models/saved_states.hpp>
#include <fovea/models/training_worker.hpp>
#include <fovea/ops/add.hpp>

namespace fovea {

/// Takes batches through a network for training, lane by lane, on the library's threads. The flow of one batch:
///
///     each lane: read samples -> forward through all steps -> losses and metrics -> backward through all steps
///     gradients = those of lane 0 + those of lane 1 + ...
///
/// Where a layer looks across the batch, the lanes wait in front of it, it goes over the whole batch, and they go on behind it.
/// All memory is kept for the next batch: nothing is allocated once the largest one has been through.
template <class T>
class Executor {
public:
    Executor() = default;
    Executor(Executor&&) = default;
    Executor& operator=(Executor&&) = default;
    Executor(const Executor&) {} // all of it is scratch: a copied model makes its own
    Executor& operator=(const Executor&) { return *this = Executor(); }

    /// The sums of losses and metrics over a batch, and in `gradients()` the gradient of sum(weight * loss) / batch size. Weights
    /// stay as they are; layers move their states on. `step` numbers the draws of dropout. Throws NumericError if the loss or a gradient is not
    /// finite, and whatever the data throws; states are then as before.
    const Sums& run(Network<T>& network, const Objectives<T>& objectives, const Batch<T>& batch, std::uint32_t step) {
        forget();
        prepare(network, &objectives, batch.data, batch.size());
        const Context context{network, &objectives, &batch, step};
        undo_if_it_throws(network, [&] {
            if (plan_.together) {
                forward_together(context);
                measure_together(context);
                backward_together(context);
            } else if (takes_turns()) {
                for (Index lane = 0; lane < lanes_.count(); ++lane) {
                    run_lane(context, lane, 0);
                    gradients_.end_turn(lane);
                }
            } else {
                pool_->run(lanes_.count(), [&](Index lane, int worker) { run_lane(context, lane, worker); });
            }
            add_up(objectives);
            if (!std::isfinite(sums_.loss)) throw NumericError(text("the loss is ", sums_.loss, ": ", blame(context)));
            sum_gradients(network, true);
        });
        has_gradients_ = true;
        return sums_;
    }

    /// The first half of a step, for those who have a loss of their own: all samples forward, as in training. Then `output(i)` is there
    /// and `output_gradient(i)` waits to be written, both (batch, ...).
    void forward(Network<T>& network, const Batch<T>& batch, std::uint32_t step) {
        forget();
        prepare(network, nullptr, batch.data, batch.size());
        undo_if_it_throws(network, [&] { forward_together({network, nullptr, &batch, step}); });
        step_ = step;
        has_outputs_ = true;
    }
    ConstView<T> output(const Network<T>& network, std::size_t i) const {
        return rows(buffers_.front().output(network.wiring().outputs[i]), whole());
    }
    View<T> output_gradient(const Network<T>& network, std::size_t i) {
        return rows(buffers_.front().gradient(network.wiring().outputs[i]), whole());
    }

    /// The second half, which leaves the sum over all samples in `gradients()`. Throws NumericError if one is not finite.
    void backward(Network<T>& network) {
        forget();
        try {
            backward_together({network, nullptr, nullptr, step_});
            sum_gradients(network, false);
        } catch (...) {
            gradients_.clear();
            throw;
        }
        has_gradients_ = true;
    }

    /// Between forward and backward.
    bool has_outputs() const { return has_outputs_; }
    /// From run or backward to whatever comes next.
    bool has_gradients() const { return has_gradients_; }
    /// The network has changed: there are neither any more.
    void forget() { has_outputs_ = has_gradients_ = false; }

    /// One block, on the places of the network's values; whatever is not trained has no meaning.
    std::span<T> gradients() { return gradients_.sum(); }

    Profile& profile() { return profile_; }
    const Profile& profile() const { return profile_; }
    const TrainingPlan<T>& plan() const { return plan_; }

private:
    struct Context {
        Network<T>& network;
        const Objectives<T>* objectives; ///< null: no loss, somebody writes the outputs' gradients
        const Batch<T>* batch;           ///< null: all samples have been read
        std::uint32_t step;
    };

    Part part(Index lane) const {
        return {lane, lanes_.first(lane), lanes_.last(lane), plan_.together ? lanes_.first(lane) : 0};
    }
    Part whole() const { return {0, 0, lanes_.batch, 0}; }
    bool takes_turns() const { return !plan_.together && pool_->threads() == 1; }
    Buffers<T>& buffers(int worker) { return buffers_[plan_.together ? 0 : static_cast<std::size_t>(worker)]; }
    static View<T> rows(const View<T>& all, const Part& p) { return all.slice(p.at, p.at + p.size()); }

    void prepare(Network<T>& network, const Objectives<T>* objectives, const Data<T>& data, Index batch) {
        pool_ = detail::pool();
        values_ = network.values();
        lanes_ = Lanes::of(batch, static_cast<Index>(values_.size()));
        const auto workers = static_cast<std::size_t>(pool_->threads());
        const bool meets = objectives == nullptr || detail::any_whole_batch(*objectives);
        if (network.layers().size() != planned_layers_ || network.fuses() != planned_fused_ ||
            meets != planned_meets_ || workers > workers_.size() || !plan_.room.fits(lanes_) || trains_others(network))
            plan(network, workers, meets);
        gradients_.start(takes_turns());
        prepared_.refresh(plan_.steps, values_, *pool_);
        if (objectives == nullptr) return;
        for (std::size_t i = 0; i < objectives->size(); ++i)
            paired_[i] = may_pair_[i] && (*objectives)[i].loss.pairs_with(last_step(network, i).layer.activation());
        for (Buffers<T>& b : buffers_) b.targets.reserve(data, plan_.together ? lanes_.batch : lanes_.size);
        for (TrainingWorker<T>& worker : workers_)
            worker.reserve_loss(network, *objectives, meets ? lanes_.batch : lanes_.size);
        const auto lanes = static_cast<std::size_t>(lanes_.count());
        lane_losses_.resize(std::max(lane_losses_.size(), lanes * objectives->size()));
        lane_metrics_.resize(std::max(lane_metrics_.size(), lanes * detail::metric_sums(*objectives)));
    }

    void plan(const Network<T>& network, std::size_t workers, bool meets) {
        planned_layers_ = 0; // no plan at all if memory runs out on the way
        planned_fused_ = network.fuses();
        planned_meets_ = meets;
        buffers_.clear();
        plan_ = TrainingPlan<T>(network, plan_.room.with(lanes_), meets);
        prepared_ = Prepared<T>(plan_.steps, true);
        for (std::size_t i = 0; i < (plan_.together ? 1 : workers); ++i) buffers_.emplace_back(network.wiring(), plan_);
        workers_.assign(workers, {});
        for (TrainingWorker<T>& worker : workers_) worker.reserve(plan_);
        profile_.reserve(workers, plan_.steps.size());
        gradients_ = GradientBlocks<T>(static_cast<Index>(values_.size()), plan_.room.lanes);
        paired_.assign(network.outputs(), false);
        may_pair_.assign(network.outputs(), true);
        for (const Step<T>& step : plan_.steps)
            for (const std::size_t wire : step.inputs)
                for (std::size_t i = 0; i < network.outputs(); ++i)
                    if (network.wiring().outputs[i] == wire)
                        may_pair_[i] = false; // its gradient has other parts as well
        planned_layers_ = network.layers().size();
    }

    /// Whether layers have been frozen or thawed.
    bool trains_others(const Network<T>& network) const {
        for (std::size_t i = 0; i < plan_.steps.size(); ++i)
            if (GradientFlow::is_trained(network, plan_.steps[i]) != plan_.flow.trained[i]) return true;
        return false;
    }

    const Step<T>& last_step(const Network<T>& network, std::size_t output) const {
        const auto writes = [&](const Step<T>& step) { return step.output == network.wiring().outputs[output]; };
        return *std::find_if(plan_.steps.begin(), plan_.steps.end(), writes);
    }

    /// Puts states back, and forgets what has been summed.
    template <class F>
    void undo_if_it_throws(Network<T>& network, F&& f) {
        states_.save(network.parameters(), values_);
        try {
            f();
        } catch (...) {
            gradients_.clear();
            states_.restore(network.parameters(), values_);
            throw;
        }
    }

    void run_lane(const Context& context, Index lane, int worker) {
        start(context, part(lane), worker);
        forward(context, {0, plan_.steps.size(), false}, part(lane), worker);
        measure(context, part(lane), worker);
        backward(context, {0, plan_.steps.size(), false}, part(lane), worker);
    }

    template <class F>
    void each_lane(F&& task) {
        pool_->run(lanes_.count(), [&](Index lane, int worker) { task(part(lane), worker); });
    }

    void forward_together(const Context& context) {
        each_lane([&](const Part& lane, int worker) { start(context, lane, worker); });
        for (const Section& section : plan_.sections) {
            if (section.whole_batch)
                forward(context, section, whole(), 0);
            else
                each_lane([&](const Part& lane, int worker) { forward(context, section, lane, worker); });
        }
    }

    void measure_together(const Context& context) {
        if (planned_meets_)
            measure(context, whole(), 0);
        else
            each_lane([&](const Part& lane, int worker) { measure(context, lane, worker); });
    }

    void backward_together(const Context& context) {
        for (auto section = plan_.sections.rbegin(); section != plan_.sections.rend(); ++section) {
            if (section->whole_batch)
                backward(context, *section, whole(), 0);
            else
                each_lane([&](const Part& lane, int worker) { backward(context, *section, lane, worker); });
        }
    }

    void start(const Context& context, const Part& p, int worker) {
        Buffers<T>& b = buffers(worker);
        const auto& inputs = context.network.wiring().inputs;
        read_samples<T>(
            context.batch->data, context.batch->which.part(p.first, p.size()),
            [&](std::size_t i) { return rows(b.output(inputs[i]), p); },
            context.objectives == nullptr ? nullptr : &b.targets, p.at);
    }

    void forward(const Context& context, const Section& section, const Part& p, int worker) {
        for (std::size_t i = section.first; i < section.last; ++i) forward(context, i, p, worker);
    }

    void forward(const Context& context, std::size_t i, const Part& p, int worker) {
        Buffers<T>& b = buffers(worker);
        const Step<T>& step = plan_.steps[i];
        Pass<T> pass = make_pass(context, i, p, worker);
        Profile::Times* const times = profile_.at(static_cast<std::size_t>(worker), i);
        const Profile::Timer timer(times == nullptr ? nullptr : &times->forward);
        if (times != nullptr) times->samples += p.size();
        step.layer.forward(inputs(step, b, p, worker), rows(b.output(step.output), p), pass);
    }

    std::span<const ConstView<T>> inputs(const Step<T>& step, const Buffers<T>& b, const Part& p, int worker) {
        std::vector<ConstView<T>>& x = workers_[static_cast<std::size_t>(worker)].x;
        x.clear();
        for (const std::size_t wire : step.inputs) x.push_back(rows(b.output(wire), p));
        return x;
    }

    void measure(const Context& context, const Part& p, int worker) {
        Buffers<T>& b = buffers(worker);
        const Objectives<T>& objectives = *context.objectives;
        const auto lane = static_cast<std::size_t>(p.lane);
        const std::span<const T> all = context.batch->weights;
        const std::span<const T> weights =
            all.empty() ? all : all.subspan(static_cast<std::size_t>(p.first), static_cast<std::size_t>(p.size()));
        std::span<double> metrics = std::span(lane_metrics_).subspan(lane * detail::metric_sums(objectives));
        for (std::size_t i = 0; i < objectives.size(); ++i) {
            const std::size_t wire = context.network.wiring().outputs[i];
            const Targets<T> targets = b.targets(context.batch->data, i, p.at, p.size());
            const ConstView<T> y = rows(b.output(wire), p);
            lane_losses_[lane * objectives.size() + i] =
                objectives[i].loss.evaluate({y, targets, weights, rows(b.gradient(wire), p),
                                             static_cast<T>(objectives[i].weight / static_cast<double>(lanes_.batch)),
                                             paired_[i], workers_[static_cast<std::size_t>(worker)].loss_scratch});
            metrics = detail::measure(objectives[i].metrics, y, targets, metrics);
        }
    }

    void backward(const Context& context, const Section& section, const Part& p, int worker) {
        for (std::size_t i = section.last; i-- > section.first;)
            if (plan_.flow.backward[i]) backward(context, i, p, worker);
    }

    void backward(const Context& context, std::size_t i, const Part& p, int worker) {
        Buffers<T>& b = buffers(worker);
        const Step<T>& step = plan_.steps[i];
        Pass<T> pass = make_pass(context, i, p, worker);
        std::vector<View<T>>& dx = workers_[static_cast<std::size_t>(worker)].dx;
        const std::vector<std::size_t>& adds_to = plan_.flow.adds_to[i];
        dx.clear();
        for (std::size_t k = 0; k < step.inputs.size(); ++k) {
            const std::size_t wire = step.inputs[k];
            if (!plan_.flow.wanted[wire])
                dx.emplace_back();
            else
                dx.push_back(rows(adds_to[k] > 0 ? b.extra(adds_to[k]) : b.gradient(wire), p));
        }
        Profile::Times* const times = profile_.at(static_cast<std::size_t>(worker), i);
        const Profile::Timer timer(times == nullptr ? nullptr : &times->backward);
        step.layer.backward(inputs(step, b, p, worker), rows(b.output(step.output), p),
                            rows(b.gradient(step.output), p), dx, pass);
        for (std::size_t k = 0; k < step.inputs.size(); ++k)
            if (adds_to[k] > 0) ops::add<T>(rows(b.gradient(step.inputs[k]), p), dx[k]);
    }

    Pass<T> make_pass(const Context& context, std::size_t i, const Part& p, int worker) {
        const Network<T>& network = context.network;
        const Step<T>& step = plan_.steps[i];
        Pass<T> pass;
        pass.training = true;
        pass.values = values_;
        pass.prepared = prepared_[i];
        if (plan_.flow.trained[i]) pass.gradients = gradients_.lane(p.lane);
        if (network.layers()[network.wiring().calls[step.calls.front()].of].trainable) pass.state = values_;
        const auto kept = static_cast<std::size_t>(plan_.kept_bytes(i));
        const std::size_t place = plan_.kept_parts(i) > 1 ? static_cast<std::size_t>(p.lane) : 0;
        pass.kept = Arena(buffers(worker).kept(i).subspan(place * kept, kept));
        pass.scratch = Arena(workers_[static_cast<std::size_t>(worker)].scratch);
        pass.random = {network.seed(), random::Purpose::dropout, static_cast<std::uint32_t>(step.calls.front()),
                       context.step};
        pass.first_sample = p.first;
        if (context.objectives != nullptr)
            for (std::size_t output = 0; output < paired_.size(); ++output)
                pass.before_activation |= paired_[output] && network.wiring().outputs[output] == step.output;
        return pass;
    }

    void add_up(const Objectives<T>& objectives) {
        sums_.losses.assign(objectives.size(), 0);
        sums_.metrics.assign(detail::metric_sums(objectives), 0);
        const auto lanes = static_cast<std::size_t>(planned_meets_ ? 1 : lanes_.count());
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            for (std::size_t i = 0; i < sums_.losses.size(); ++i)
                sums_.losses[i] += lane_losses_[lane * sums_.losses.size() + i];
            for (std::size_t m = 0; m < sums_.metrics.size(); ++m)
                sums_.metrics[m] += lane_metrics_[lane * sums_.metrics.size() + m];
        }
        sums_.loss = detail::total(objectives, sums_.losses);
    }

    /// Throws NumericError for a sum that is not finite.
    void sum_gradients(const Network<T>& network, bool has_loss) {
        const auto& trained = plan_.flow.trained;
        if (std::find(trained.begin(), trained.end(), true) == trained.end()) return;
        if (gradients_.add_up(lanes_.count(), *pool_)) return;
        const std::string loss = has_loss ? text(", though the loss is ", sums_.loss) : "";
        for (const NamedParameter& p : network.parameters()) {
            const View<T> gradient = p.place.in(gradients());
            require<NumericError>(std::all_of(gradient.begin(), gradient.end(), [](T g) { return std::isfinite(g); }),
                                  "the gradient of ", p.name, " is not finite", loss);
        }
    }

    /// Which layer's output was the first that is not finite: goes forward once more, for memory has been used again since.
    [[gnu::cold]] std::string blame(const Context& context) {
        std::size_t first = plan_.steps.size();
        const auto look_at = [&](std::size_t i, const Part& p) {
            forward(context, i, p, 0);
            const View<T> y = rows(buffers(0).output(plan_.steps[i].output), p);
            if (i < first && !std::all_of(y.begin(), y.end(), [](T value) { return std::isfinite(value); })) first = i;
        };
        states_.restore(context.network.parameters(), values_);
        if (plan_.together) {
            for (Index lane = 0; lane < lanes_.count(); ++lane) start(context, part(lane), 0);
            for (const auto& section : plan_.sections)
                for (Index lane = 0; lane < (section.whole_batch ? 1 : lanes_.count()); ++lane)
                    for (std::size_t i = section.first; i < section.last; ++i)
                        look_at(i, section.whole_batch ? whole() : part(lane));
        } else {
            for (Index lane = 0; lane < lanes_.count(); ++lane) {
                start(context, part(lane), 0);
                for (std::size_t i = 0; i < plan_.steps.size(); ++i) look_at(i, part(lane));
            }
        }
        if (first == plan_.steps.size()) return "all outputs are finite, so it comes from the loss function itself";
        // What is fused behind a step's first layer makes finite numbers of finite ones.
        const Network<T>& network = context.network;
        const NamedLayer<T>& layer = network.layers()[network.wiring().calls[plan_.steps[first].calls.front()].of];
        return text("the first output that is not finite is that of layer \"", layer.name, "\" (", layer.layer.type(),
                    ")");
    }

    std::shared_ptr<ThreadPool> pool_;
    Lanes lanes_; ///< how this batch is cut
    TrainingPlan<T> plan_;
    Prepared<T> prepared_;
    std::span<T> values_; ///< the network's
    std::size_t planned_layers_ = 0;
    bool planned_fused_ = false;
    bool planned_meets_ = false;      ///< the loss wants all samples at once
    std::vector<bool> paired_;        ///< output: its loss takes the activation's gradient along
    std::vector<bool> may_pair_;      ///< nobody else reads that output
    std::vector<Buffers<T>> buffers_; ///< one a worker, or one for all lanes together
    std::vector<TrainingWorker<T>> workers_;
    GradientBlocks<T> gradients_;
    SavedStates<T> states_; ///< before this batch
    std::vector<double> lane_losses_;
    std::vector<double> lane_metrics_;
    Sums sums_;
    Profile profile_;
    std::uint32_t step_ = 0;
    bool has_outputs_ = false;
    bool has_gradients_ = false;
};

} // namespace fovea
