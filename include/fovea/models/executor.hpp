#pragma once
#include <atomic>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/losses/loss.hpp>
#include <fovea/metrics/metric.hpp>
#include <fovea/models/buffers.hpp>
#include <fovea/models/profile.hpp>
#include <fovea/ops/sum_blocks.hpp>

namespace fovea {

/// Some samples of a data set: those that `which` numbers, each with its weight if there are weights.
template <class T>
struct Batch {
    const Data<T>& data;
    std::span<const Index> which;
    std::span<const T> weights = {};

    Index size() const { return static_cast<Index>(which.size()); }
};

/// What a batch is measured by.
template <class T>
struct Objective {
    AnyLoss<T> loss;
    std::vector<AnyMetric<T>> metrics;
};

/// Sums over samples.
struct Sums {
    double loss = 0;
    std::vector<double> metrics;
};

/// Takes batches through a network for training, lane by lane, on the library's threads. The flow of one batch:
///
///     each lane: read samples -> forward through all layers -> loss and metrics -> backward through all layers
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

    /// The sums of loss and metrics over a batch, and in `gradients()` the gradient of sum(weight * loss) / batch size. Weights
    /// stay as they are; layers move their states on. `step` numbers the draws of dropout. Throws NumericError if the loss or a gradient is not
    /// finite, and whatever the data throws; states are then as before.
    const Sums& run(Network<T>& network, const Objective<T>& objective, const Batch<T>& batch, std::uint32_t step) {
        prepare(network, objective, batch);
        const Context context{network, objective, batch, step};
        save_states(network);
        try {
            if (together_)
                run_together(context);
            else
                pool_->run(lanes_.count(), [&](Index lane, int worker) { run_lane(context, lane, worker); });
            add_up(objective);
            if (!std::isfinite(sums_.loss)) throw NumericError(text("the loss is ", sums_.loss, ": ", blame(context)));
            sum_gradients(network);
        } catch (...) {
            lane_gradients_.fill(T{});
            restore_states(network);
            throw;
        }
        return sums_;
    }

    /// One block, on the places of the network's values; whatever is not trained has no meaning.
    std::span<T> gradients() { return gradients_.span(); }

    Profile& profile() { return profile_; }
    const Profile& profile() const { return profile_; }
    const std::vector<Step<T>>& steps() const { return steps_; }
    std::size_t first_trained() const { return first_trained_; }

private:
    struct Context {
        Network<T>& network;
        const Objective<T>& objective;
        const Batch<T>& batch;
        std::uint32_t step;
    };

    /// Steps [first, last): run lane by lane, or a single one that runs over the whole batch.
    struct Section {
        std::size_t first;
        std::size_t last;
        bool whole_batch;
    };

    /// Samples [first, last) of the batch, which lie in the buffers from row `at` on.
    struct Part {
        Index lane;
        Index first;
        Index last;
        Index at;

        Index size() const { return last - first; }
    };

    Part part(Index lane) const {
        return {lane, lanes_.first(lane), lanes_.last(lane), together_ ? lanes_.first(lane) : 0};
    }
    Part whole() const { return {0, 0, lanes_.batch, 0}; }
    Buffers<T>& buffers(int worker) { return buffers_[together_ ? 0 : static_cast<std::size_t>(worker)]; }

    void prepare(Network<T>& network, const Objective<T>& objective, const Batch<T>& batch) {
        pool_ = detail::pool();
        values_ = network.values();
        parameters_ = values_.size();
        lanes_ = Lanes::of(batch.size(), static_cast<Index>(parameters_));
        const auto workers = static_cast<std::size_t>(pool_->threads());
        if (network.layers().size() != planned_layers_ || network.fuses() != planned_fused_ ||
            workers > scratch_.size() || !room_.fits(lanes_))
            plan(network, workers);
        prepared_.refresh(steps_, values_, *pool_);
        const auto is_trained = [&](const Step<T>& step) { return trained(network, step); };
        first_trained_ =
            static_cast<std::size_t>(std::find_if(steps_.begin(), steps_.end(), is_trained) - steps_.begin());
        paired_ = objective.loss.pairs_with(steps_.back().layer.activation());
        for (Buffers<T>& b : buffers_) b.reserve_targets(batch.data, together_ ? lanes_.batch : lanes_.size);
        const auto lanes = static_cast<std::size_t>(lanes_.count());
        lane_loss_.resize(std::max(lane_loss_.size(), lanes));
        lane_metrics_.resize(std::max(lane_metrics_.size(), lanes * objective.metrics.size()));
    }

    void plan(const Network<T>& network, std::size_t workers) {
        planned_layers_ = 0; // no plan at all if memory runs out on the way
        planned_fused_ = network.fuses();
        steps_ = make_steps(network.layers(), true, planned_fused_);
        prepared_ = Prepared<T>(steps_, true);
        const Room room = room_.with(lanes_);
        sections_.clear();
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            const bool whole = steps_[i].layer.whole_batch();
            if (whole || sections_.empty() || sections_.back().whole_batch) sections_.push_back({i, i, whole});
            sections_.back().last = i + 1;
        }
        together_ = sections_.size() > 1 || sections_.front().whole_batch;
        buffers_.clear();
        for (std::size_t i = 0; i < (together_ ? 1 : workers); ++i)
            buffers_.emplace_back(network.input_shape(), steps_, room,
                                  together_ ? Use::training_all_lanes : Use::training_one_lane);
        scratch_.assign(workers, Buffers<T>::scratch(steps_, room));
        profile_.reset(workers, steps_.size());
        gradients_ = Tensor<T>(Shape{static_cast<Index>(parameters_)});
        block_ = simd::padded<T>(static_cast<Index>(parameters_));
        lane_gradients_ = Tensor<T>(Shape{room.lanes * block_});
        room_ = room;
        planned_layers_ = network.layers().size();
    }

    static bool trained(const Network<T>& network, const Step<T>& step) {
        for (std::size_t l = step.first; l < step.last; ++l) {
            const NamedLayer<T>& layer = network.layers()[l];
            for (std::size_t i = layer.first; i < layer.last; ++i)
                if (network.is_trained(layer, network.parameters()[i])) return true;
        }
        return false;
    }

    void run_lane(const Context& context, Index lane, int worker) {
        start(context, part(lane), worker);
        forward(context, 0, steps_.size(), part(lane), worker);
        measure(context, part(lane), worker);
        backward(context, 0, steps_.size(), part(lane), worker);
    }

    void run_together(const Context& context) {
        const auto each_lane = [&](auto&& task) {
            pool_->run(lanes_.count(), [&](Index lane, int worker) { task(part(lane), worker); });
        };
        const auto each_part = [&](const Section& section, auto&& task) {
            if (section.whole_batch)
                task(whole(), 0);
            else
                each_lane(task);
        };
        each_lane([&](const Part& lane, int worker) { start(context, lane, worker); });
        for (const Section& section : sections_)
            each_part(section,
                      [&](const Part& p, int worker) { forward(context, section.first, section.last, p, worker); });
        each_lane([&](const Part& lane, int worker) { measure(context, lane, worker); });
        for (auto section = sections_.rbegin(); section != sections_.rend(); ++section)
            each_part(*section,
                      [&](const Part& p, int worker) { backward(context, section->first, section->last, p, worker); });
    }

    void start(const Context& context, const Part& p, int worker) {
        const auto first = static_cast<std::size_t>(p.first);
        buffers(worker).read(context.batch.data, context.batch.which.subspan(first, static_cast<std::size_t>(p.size())),
                             p.at);
    }

    void forward(const Context& context, std::size_t first, std::size_t last, const Part& p, int worker) {
        Buffers<T>& b = buffers(worker);
        for (std::size_t i = first; i < last; ++i) {
            Pass<T> pass = make_pass(context, i, p, worker);
            Profile::Times* const times = profile_.at(static_cast<std::size_t>(worker), i);
            const Profile::Timer timer(times == nullptr ? nullptr : &times->forward);
            if (times != nullptr) times->samples += p.size();
            steps_[i].layer.forward(rows(b.outputs[i], p), rows(b.outputs[i + 1], p), pass);
        }
    }

    void measure(const Context& context, const Part& p, int worker) {
        Buffers<T>& b = buffers(worker);
        const std::size_t output = steps_.size();
        const Targets<T> targets = b.targets(context.batch.data, p.at, p.size());
        const ConstView<T> y = rows(b.outputs[output], p);
        const auto weights = context.batch.weights;
        const auto first = static_cast<std::size_t>(p.first);
        const auto lane = static_cast<std::size_t>(p.lane);
        lane_loss_[lane] = context.objective.loss.evaluate(
            {y, targets, weights.empty() ? weights : weights.subspan(first, static_cast<std::size_t>(p.size())),
             rows(b.gradients[output], p), T{1} / static_cast<T>(lanes_.batch), paired_});
        const auto& metrics = context.objective.metrics;
        for (std::size_t m = 0; m < metrics.size(); ++m)
            lane_metrics_[lane * metrics.size() + m] = metrics[m].sum(y, targets);
    }

    /// Stops at the first layer that is trained: nobody below it wants gradients.
    void backward(const Context& context, std::size_t first, std::size_t last, const Part& p, int worker) {
        Buffers<T>& b = buffers(worker);
        for (std::size_t i = last; i-- > std::max(first, first_trained_);) {
            Pass<T> pass = make_pass(context, i, p, worker);
            const View<T> dx = i > first_trained_ ? rows(b.gradients[i], p) : View<T>{};
            Profile::Times* const times = profile_.at(static_cast<std::size_t>(worker), i);
            const Profile::Timer timer(times == nullptr ? nullptr : &times->backward);
            steps_[i].layer.backward(rows(b.outputs[i], p), rows(b.outputs[i + 1], p), rows(b.gradients[i + 1], p), dx,
                                     pass);
        }
    }

    static View<T> rows(const View<T>& all, const Part& p) { return all.slice(p.at, p.at + p.size()); }

    Pass<T> make_pass(const Context& context, std::size_t i, const Part& p, int worker) {
        const Network<T>& network = context.network;
        const Step<T>& step = steps_[i];
        Pass<T> pass;
        pass.training = true;
        pass.values = values_;
        pass.prepared = prepared_[i];
        if (trained(network, step))
            pass.gradients = lane_gradients_.span().subspan(static_cast<std::size_t>(p.lane * block_), parameters_);
        if (network.layers()[step.first].trainable) pass.state = values_;
        const auto kept = static_cast<std::size_t>(Buffers<T>::kept_bytes(step.layer, room_));
        const std::size_t place = together_ && !step.layer.whole_batch() ? static_cast<std::size_t>(p.lane) : 0;
        pass.kept = Arena(std::span(buffers(worker).kept[i]).subspan(place * kept, kept));
        pass.scratch = Arena(scratch_[static_cast<std::size_t>(worker)]);
        pass.random = {network.seed(), random::Purpose::dropout, static_cast<std::uint32_t>(step.first), context.step};
        pass.first_sample = p.first;
        pass.before_activation = paired_ && i + 1 == steps_.size();
        return pass;
    }

    void add_up(const Objective<T>& objective) {
        sums_.loss = 0;
        sums_.metrics.assign(objective.metrics.size(), 0);
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes_.count()); ++lane) {
            sums_.loss += lane_loss_[lane];
            for (std::size_t m = 0; m < sums_.metrics.size(); ++m)
                sums_.metrics[m] += lane_metrics_[lane * sums_.metrics.size() + m];
        }
    }

    /// The lanes' blocks in order, which are zero again afterwards. Throws NumericError for a sum that is not finite.
    void sum_gradients(const Network<T>& network) {
        if (first_trained_ == steps_.size()) return;
        constexpr Index chunk = 4096;
        const auto size = static_cast<Index>(parameters_);
        std::atomic<bool> all_finite{true};
        pool_->run((size + chunk - 1) / chunk, [&](Index task, int) {
            const Index first = task * chunk;
            if (!ops::sum_blocks(gradients_.data() + first, lane_gradients_.data() + first, block_, lanes_.count(),
                                 std::min(chunk, size - first)))
                all_finite = false;
        });
        if (all_finite) return;
        for (const NamedParameter& p : network.parameters()) {
            const View<T> gradient(gradients_.data() + p.place.offset, p.place.shape);
            require<NumericError>(std::all_of(gradient.begin(), gradient.end(), [](T g) { return std::isfinite(g); }),
                                  "the gradient of ", p.name, " is not finite, though the loss is ", sums_.loss);
        }
    }

    void save_states(const Network<T>& network) {
        states_.clear();
        for (const NamedParameter& p : network.parameters())
            if (p.is_state) states_.insert(states_.end(), network.value(p).begin(), network.value(p).end());
    }

    void restore_states(const Network<T>& network) const {
        auto from = states_.begin();
        for (const NamedParameter& p : network.parameters()) {
            if (!p.is_state) continue;
            std::copy_n(from, p.place.size(), p.place.in(values_).begin());
            from += p.place.size();
        }
    }

    /// Which layer's output was the first that is not finite.
    std::string blame(const Context& context) {
        const auto& layers = context.network.layers();
        std::size_t first = steps_.size();
        for (Index lane = 0; lane < lanes_.count(); ++lane) {
            const Part p = part(lane);
            if (!together_) { // other lanes have been through the same memory since
                start(context, p, 0);
                forward(context, 0, steps_.size(), p, 0);
            }
            for (std::size_t i = 0; i < first; ++i) {
                const View<T> y = rows(buffers(0).outputs[i + 1], p);
                if (!std::all_of(y.begin(), y.end(), [](T value) { return std::isfinite(value); })) first = i;
            }
        }
        if (first == steps_.size()) return "all outputs are finite, so it comes from the loss function itself";
        // What is fused behind a step's first layer makes finite numbers of finite ones.
        const NamedLayer<T>& layer = layers[steps_[first].first];
        return text("the first output that is not finite is that of layer \"", layer.name, "\" (", layer.layer.type(),
                    ")");
    }

    std::shared_ptr<ThreadPool> pool_;
    Room room_;   ///< what there is memory for
    Lanes lanes_; ///< how this batch is cut
    std::vector<Step<T>> steps_;
    Prepared<T> prepared_;
    std::span<T> values_; ///< the network's
    std::size_t planned_layers_ = 0;
    bool planned_fused_ = false;
    std::size_t parameters_ = 0;
    std::size_t first_trained_ = 0;
    bool together_ = false;
    bool paired_ = false;
    std::vector<Section> sections_;
    std::vector<Buffers<T>> buffers_;   ///< one a worker, or one for all lanes together
    std::vector<AlignedBytes> scratch_; ///< one a worker
    Tensor<T> gradients_;
    Tensor<T> lane_gradients_; ///< a block a lane, zero between batches
    Index block_ = 0;          ///< from one to the next: whole panels, so that they begin on boundaries alike
    std::vector<T> states_;    ///< the layers' states before this batch
    std::vector<double> lane_loss_;
    std::vector<double> lane_metrics_;
    Sums sums_;
    Profile profile_;
};

} // namespace fovea
