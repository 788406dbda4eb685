#pragma once
#include <functional>

#include <fovea/callbacks/monitor.hpp>
#include <fovea/callbacks/python_number.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

/// Sets the learning rate at the beginning of each epoch:
///
///     LearningRateScheduler scheduler([](Index epoch, double rate) { return epoch < 10 ? rate : 0.9 * rate; });
template <class T = float>
class LearningRateScheduler : public Callback<T> {
public:
    /// From the number of the epoch, which counts from 0, and the learning rate so far.
    using Schedule = std::function<double(Index epoch, double learning_rate)>;

    /// `verbose` 1: says what it sets. Throws ValueError without a schedule; fit does if the schedule gives no finite number >= 0.
    explicit LearningRateScheduler(Schedule schedule, int verbose = 0)
        : schedule_(std::move(schedule)), verbose_(verbose) {
        require<ValueError>(static_cast<bool>(schedule_), "LearningRateScheduler: a schedule is missing");
    }

    void on_epoch_begin(Index epoch) override {
        const double rate = schedule_(epoch, this->model().learning_rate());
        this->model().set_learning_rate(rate);
        if (verbose_ > 0)
            detail::print_message(text("\nEpoch ", epoch + 1, ": LearningRateScheduler setting learning rate to ",
                                       detail::python_number(rate), '.'));
    }

private:
    Schedule schedule_;
    int verbose_;
};

} // namespace fovea
