#pragma once
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <fovea/core/targets.hpp>
#include <fovea/ops/activation_kind.hpp>

namespace fovea {

/// One lane's outputs and what they should be.
template <class T>
struct LossInput {
    ConstView<T> y;             ///< (batch, ..., classes): the model's output
    Targets<T> targets;         ///< of the same samples
    std::span<const T> weights; ///< one a sample; empty: all 1
    View<T> dy;                 ///< written: scale * gradient of the returned sum; empty: not wanted
    T scale = 1;                ///< 1 / samples in the whole batch: the one place where the batch mean is taken
    /// y went through the activation that the loss pairs with: the loss is that of what went into it, and so is dy.
    bool before_activation = false;
    std::span<std::byte> scratch = {}; ///< scratch_bytes, on a 64-byte boundary; empty: it allocates them
};

/// A loss is a plain aggregate with
///
///     static constexpr std::string_view name;
///     template <class T> double evaluate(const LossInput<T>&) const; // sum over samples of weight * loss of the sample
///
/// where the loss of a sample is the mean over its positions (all axes between the first and the last). It may also have
///
///     bool pairs_with(Activation last) const;                       // can give dy by what went into that activation
///     void check(const Shape& output, bool labels, const Shape& target) const; // throws ShapeError, ValueError; shapes of one sample
///     static constexpr bool whole_batch;         // true: must see all samples of a batch at once
///     template <class T> Index scratch_bytes(const Shape& y) const; // that evaluate wants for outputs (batch, ...)
///     static constexpr bool labels_are_classes;  // false: labels may be any numbers, not only those of classes
template <class L>
concept LossSpec = requires(const L& loss, const LossInput<float>& f, const LossInput<double>& d) {
    { L::name } -> std::convertible_to<std::string_view>;
    { loss.evaluate(f) } -> std::convertible_to<double>;
    { loss.evaluate(d) } -> std::convertible_to<double>;
};

/// Any loss, behind one pointer.
template <class T>
class AnyLoss {
public:
    AnyLoss() = default;
    template <LossSpec L>
    AnyLoss(L loss) : loss_(std::make_shared<Holder<L>>(std::move(loss))) {}

    explicit operator bool() const { return loss_ != nullptr; }
    std::string name() const { return loss_->name(); }
    double evaluate(const LossInput<T>& input) const { return loss_->evaluate(input); }
    bool pairs_with(Activation last) const { return loss_->pairs_with(last); }
    void check(const Shape& output, bool labels, const Shape& target) const { loss_->check(output, labels, target); }
    bool whole_batch() const { return loss_->whole_batch(); }
    Index scratch_bytes(const Shape& y) const { return loss_->scratch_bytes(y); }
    bool labels_are_classes() const { return loss_->labels_are_classes(); }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::string name() const = 0;
        virtual double evaluate(const LossInput<T>& input) const = 0;
        virtual bool pairs_with(Activation last) const = 0;
        virtual void check(const Shape& output, bool labels, const Shape& target) const = 0;
        virtual bool whole_batch() const = 0;
        virtual Index scratch_bytes(const Shape& y) const = 0;
        virtual bool labels_are_classes() const = 0;
    };

    template <class L>
    struct Holder final : Interface {
        explicit Holder(L l) : loss(std::move(l)) {}
        std::string name() const override { return std::string(L::name); }
        double evaluate(const LossInput<T>& input) const override { return loss.evaluate(input); }
        bool pairs_with(Activation last) const override {
            if constexpr (requires { loss.pairs_with(last); })
                return loss.pairs_with(last);
            else
                return false;
        }
        void check(const Shape& output, bool labels, const Shape& target) const override {
            if constexpr (requires { loss.check(output, labels, target); }) loss.check(output, labels, target);
        }
        bool whole_batch() const override {
            if constexpr (requires { L::whole_batch; })
                return L::whole_batch;
            else
                return false;
        }
        Index scratch_bytes(const Shape& y) const override {
            if constexpr (requires { loss.template scratch_bytes<T>(y); })
                return loss.template scratch_bytes<T>(y);
            else
                return 0;
        }
        bool labels_are_classes() const override {
            if constexpr (requires { L::labels_are_classes; })
                return L::labels_are_classes;
            else
                return true;
        }
        L loss;
    };

    std::shared_ptr<const Interface> loss_;
};

} // namespace fovea
