#pragma once
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/core/arena.hpp>
#include <fovea/schedules/learning_rate.hpp>

namespace fovea {

/// Where a parameter lies in the flat block, and whether the optimizer may touch it.
struct ParameterRange {
    Index offset = 0;
    Index size = 0;
    bool trainable = true;
    Shape shape{0}; ///< this and the name are for optimizers with whole_parameter
    std::string name{};
};

/// A piece of the flat block in one optimizer step; all spans are equally long.
template <class T>
struct Update {
    std::span<T> values;
    std::span<const T> gradients;
    std::span<T> slot_0{}; ///< the optimizer's own memory, zero at first; empty where it has fewer slots
    std::span<T> slot_1{};
    std::span<T> slot_2{};
    Index iteration = 1; ///< 1 in the first step
    double learning_rate = 0;
    const ParameterRange* parameter = nullptr; ///< the one that this is, or is a piece of
    Arena scratch{};                           ///< only with whole_parameter
};

/// What every optimizer does around its own rule, as Keras does it: the mean of several batches' gradients, at most one way of
/// clipping, then decoupled weight decay (values -= learning_rate * weight_decay * values), and behind the step an average of
/// the values.
struct Treatment {
    std::optional<double> weight_decay;
    std::optional<double> clipnorm;        ///< largest L2 norm of each parameter's gradient
    std::optional<double> clipvalue;       ///< largest magnitude of each element
    std::optional<double> global_clipnorm; ///< largest L2 norm of all gradients together
    /// Whether an average of the values is kept, average = ema_momentum * average + (1 - ema_momentum) * values.
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency;     ///< every so many steps the values become the average
    std::optional<Index> gradient_accumulation_steps; ///< batches to a step, at least 2
};

/// An optimizer is a plain aggregate with
///
///     static constexpr std::string_view name;
///     LearningRate learning_rate; // or a double
///     Index slots() const;        // blocks of its own beside the parameters: 0 to 3
///     void check() const;         // throws ValueError
///     template <class T> void update(const Update<T>&) const; // element by element: the block may come in any pieces
///
/// and those of Treatment's members that it offers. A step depends on nothing but Update: so training can be taken up again from
/// the slots and the iteration. As needed
///
///     double initial(Index slot) const; // what the slot is filled with at first, instead of 0
///     static constexpr bool whole_parameter = true; // update gets one parameter at a time, whole
///     template <class T> Index scratch_bytes(const ParameterRange&) const; // what it needs of Update::scratch then
///     std::optional<double> weight_decay_of(const ParameterRange&) const; // if it is not the same for all parameters
template <class O>
concept OptimizerSpec = requires(const O& optimizer, const Update<float>& f, const Update<double>& d) {
    { O::name } -> std::convertible_to<std::string_view>;
    { optimizer.learning_rate } -> std::convertible_to<LearningRate>;
    { optimizer.slots() } -> std::convertible_to<Index>;
    optimizer.check();
    optimizer.update(f);
    optimizer.update(d);
};

namespace detail {

/// Those of Treatment's members that an optimizer has.
template <class O>
Treatment treatment_of(const O& optimizer) {
    Treatment t;
    if constexpr (requires { optimizer.weight_decay; }) t.weight_decay = optimizer.weight_decay;
    if constexpr (requires { optimizer.clipnorm; }) t.clipnorm = optimizer.clipnorm;
    if constexpr (requires { optimizer.clipvalue; }) t.clipvalue = optimizer.clipvalue;
    if constexpr (requires { optimizer.global_clipnorm; }) t.global_clipnorm = optimizer.global_clipnorm;
    if constexpr (requires { optimizer.use_ema; }) t.use_ema = optimizer.use_ema;
    if constexpr (requires { optimizer.ema_momentum; }) t.ema_momentum = optimizer.ema_momentum;
    if constexpr (requires { optimizer.ema_overwrite_frequency; })
        t.ema_overwrite_frequency = optimizer.ema_overwrite_frequency;
    if constexpr (requires { optimizer.gradient_accumulation_steps; })
        t.gradient_accumulation_steps = optimizer.gradient_accumulation_steps;
    return t;
}

} // namespace detail

/// Any optimizer, behind one pointer.
template <class T>
class AnyOptimizer {
public:
    AnyOptimizer() = default;
    template <OptimizerSpec O>
    AnyOptimizer(O optimizer) : optimizer_(std::make_shared<Holder<O>>(std::move(optimizer))) {}

    explicit operator bool() const { return optimizer_ != nullptr; }
    std::string name() const { return optimizer_->name(); }
    /// For the training step after `step` others.
    double learning_rate(Index step = 0) const { return optimizer_->learning_rate().at(step); }
    bool has_schedule() const { return optimizer_->learning_rate().is_schedule(); }
    Index slots() const { return optimizer_->slots(); }
    double initial(Index slot) const { return optimizer_->initial(slot); }
    void check() const { optimizer_->check(); }
    Treatment treatment() const { return optimizer_->treatment(); }
    std::optional<double> weight_decay_of(const ParameterRange& parameter) const {
        return optimizer_->weight_decay_of(parameter);
    }
    bool whole_parameter() const { return optimizer_->whole_parameter(); }
    Index scratch_bytes(const ParameterRange& parameter) const { return optimizer_->scratch_bytes(parameter); }
    void update(const Update<T>& update) const { optimizer_->update(update); }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::string name() const = 0;
        virtual LearningRate learning_rate() const = 0;
        virtual Index slots() const = 0;
        virtual double initial(Index slot) const = 0;
        virtual void check() const = 0;
        virtual Treatment treatment() const = 0;
        virtual std::optional<double> weight_decay_of(const ParameterRange& parameter) const = 0;
        virtual bool whole_parameter() const = 0;
        virtual Index scratch_bytes(const ParameterRange& parameter) const = 0;
        virtual void update(const Update<T>& update) const = 0;
    };

    template <class O>
    struct Holder final : Interface {
        explicit Holder(O o) : optimizer(std::move(o)) {}
        std::string name() const override { return std::string(O::name); }
        LearningRate learning_rate() const override { return optimizer.learning_rate; }
        Index slots() const override { return optimizer.slots(); }
        double initial([[maybe_unused]] Index slot) const override {
            if constexpr (requires { optimizer.initial(slot); })
                return optimizer.initial(slot);
            else
                return 0;
        }
        void check() const override { optimizer.check(); }
        Treatment treatment() const override { return detail::treatment_of(optimizer); }
        std::optional<double> weight_decay_of([[maybe_unused]] const ParameterRange& parameter) const override {
            if constexpr (requires { optimizer.weight_decay_of(parameter); })
                return optimizer.weight_decay_of(parameter);
            else
                return treatment().weight_decay;
        }
        bool whole_parameter() const override {
            if constexpr (requires { O::whole_parameter; })
                return O::whole_parameter;
            else
                return false;
        }
        Index scratch_bytes([[maybe_unused]] const ParameterRange& parameter) const override {
            if constexpr (requires { optimizer.template scratch_bytes<T>(parameter); })
                return optimizer.template scratch_bytes<T>(parameter);
            else
                return 0;
        }
        void update(const Update<T>& update) const override { optimizer.update(update); }
        O optimizer;
    };

    std::shared_ptr<const Interface> optimizer_;
};

} // namespace fovea
