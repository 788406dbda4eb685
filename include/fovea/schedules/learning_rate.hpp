#pragma once
#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

#include <fovea/schedules/checks.hpp>

namespace fovea {

/// A learning rate that changes from step to step is a plain aggregate with
///
///     double at(Index step) const; // for the training step after `step` others: 0 in the first
///     void check() const;          // throws ValueError
///
/// Training can be taken up again at any step, and has the same bits everywhere: so `at` should depend on its argument alone,
/// and take exp, log and powers from core/math.hpp.
template <class S>
concept Schedule = requires(const S& schedule, Index step) {
    { schedule.at(step) } -> std::convertible_to<double>;
    schedule.check();
};

/// What an optimizer's `learning_rate` may be: a number, or any schedule. Cheap to copy.
class LearningRate {
public:
    LearningRate(double rate) : rate_(rate) {}
    template <Schedule S>
    LearningRate(S schedule) : schedule_(std::make_shared<Holder<S>>(std::move(schedule))) {}

    bool is_schedule() const { return schedule_ != nullptr; }

    /// For the training step after `step` others.
    double at(Index step) const { return schedule_ ? schedule_->at(step) : rate_; }

    /// Throws ValueError for a schedule that refuses its options, or a number that is not finite or below 0.
    void check(std::string_view optimizer) const {
        if (schedule_)
            schedule_->check();
        else
            detail::check_learning_rate(optimizer, rate_);
    }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual double at(Index step) const = 0;
        virtual void check() const = 0;
    };

    template <class S>
    struct Holder final : Interface {
        explicit Holder(S s) : schedule(std::move(s)) {}
        double at(Index step) const override { return schedule.at(step); }
        void check() const override { schedule.check(); }
        S schedule;
    };

    double rate_ = 0;
    std::shared_ptr<const Interface> schedule_;
};

} // namespace fovea
