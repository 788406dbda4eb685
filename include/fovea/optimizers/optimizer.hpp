#pragma once
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <fovea/core/view.hpp>

namespace fovea {

/// A piece of the flat block in one optimizer step; all spans are equally long.
template <class T>
struct Update {
    std::span<T> values;
    std::span<const T> gradients;
    std::span<T> slot_0; ///< the optimizer's own memory, zero at first; empty where it has fewer slots
    std::span<T> slot_1;
    Index iteration = 1; ///< 1 in the first step
    double learning_rate = 0;
};

/// What every optimizer does around its own rule, as Keras does it: at most one way of clipping, then decoupled weight decay
/// (values -= learning_rate * weight_decay * values).
struct GradientTreatment {
    std::optional<double> weight_decay;
    std::optional<double> clipnorm;        ///< largest L2 norm of each parameter's gradient
    std::optional<double> clipvalue;       ///< largest magnitude of each element
    std::optional<double> global_clipnorm; ///< largest L2 norm of all gradients together
};

/// An optimizer is a plain aggregate with
///
///     static constexpr std::string_view name;
///     double learning_rate;
///     Index slots() const;  // blocks of its own beside the parameters: 0, 1 or 2
///     void check() const;   // throws ValueError
///     template <class T> void update(const Update<T>&) const; // element by element: the block may come in any pieces
///
/// and those of GradientTreatment's members that it offers.
template <class O>
concept OptimizerSpec = requires(const O& optimizer, const Update<float>& f, const Update<double>& d) {
    { O::name } -> std::convertible_to<std::string_view>;
    { optimizer.learning_rate } -> std::convertible_to<double>;
    { optimizer.slots() } -> std::convertible_to<Index>;
    optimizer.check();
    optimizer.update(f);
    optimizer.update(d);
};

/// Any optimizer, behind one pointer.
template <class T>
class AnyOptimizer {
public:
    AnyOptimizer() = default;
    template <OptimizerSpec O>
    AnyOptimizer(O optimizer) : optimizer_(std::make_shared<Holder<O>>(std::move(optimizer))) {}

    explicit operator bool() const { return optimizer_ != nullptr; }
    std::string name() const { return optimizer_->name(); }
    double learning_rate() const { return optimizer_->learning_rate(); }
    Index slots() const { return optimizer_->slots(); }
    void check() const { optimizer_->check(); }
    GradientTreatment treatment() const { return optimizer_->treatment(); }
    void update(const Update<T>& update) const { optimizer_->update(update); }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::string name() const = 0;
        virtual double learning_rate() const = 0;
        virtual Index slots() const = 0;
        virtual void check() const = 0;
        virtual GradientTreatment treatment() const = 0;
        virtual void update(const Update<T>& update) const = 0;
    };

    template <class O>
    struct Holder final : Interface {
        explicit Holder(O o) : optimizer(std::move(o)) {}
        std::string name() const override { return std::string(O::name); }
        double learning_rate() const override { return optimizer.learning_rate; }
        Index slots() const override { return optimizer.slots(); }
        void check() const override { optimizer.check(); }
        GradientTreatment treatment() const override {
            GradientTreatment treatment;
            if constexpr (requires { optimizer.weight_decay; }) treatment.weight_decay = optimizer.weight_decay;
            if constexpr (requires { optimizer.clipnorm; }) treatment.clipnorm = optimizer.clipnorm;
            if constexpr (requires { optimizer.clipvalue; }) treatment.clipvalue = optimizer.clipvalue;
            if constexpr (requires { optimizer.global_clipnorm; })
                treatment.global_clipnorm = optimizer.global_clipnorm;
            return treatment;
        }
        void update(const Update<T>& update) const override { optimizer.update(update); }
        O optimizer;
    };

    std::shared_ptr<const Interface> optimizer_;
};

} // namespace fovea
