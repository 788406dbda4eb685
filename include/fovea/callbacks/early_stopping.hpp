#pragma once
#include <optional>
#include <string>
#include <vector>

#include <fovea/callbacks/monitor.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

struct EarlyStoppingOptions {
    std::string monitor = "val_loss";
    double min_delta = 0; ///< a smaller change is no improvement
    Index patience = 0;   ///< epochs without improvement after which training stops
    int verbose = 0;      ///< 1: says what it does
    MonitorMode mode = MonitorMode::automatic;
    std::optional<double> baseline = {}; ///< an epoch must also be better than this to renew the patience
    bool restore_best_weights = false;   ///< at the end; of the best epoch, baseline or not
    Index start_from_epoch = 0;          ///< epochs before it are not looked at
};

/// Stops training when a number of the logs has not improved for a while: `EarlyStopping stopper({.patience = 3});`. As in Keras the
/// first epoch never stops it. Keeping the best weights costs a copy of them.
template <class T = float>
class EarlyStopping : public Callback<T> {
public:
    /// Throws ValueError for negative counts, and for a `monitor` whose direction has to be given.
    explicit EarlyStopping(EarlyStoppingOptions options = {})
        : options_(std::move(options)), monitor_("EarlyStopping", options_.monitor, options_.mode, options_.min_delta) {
        detail::check_count("EarlyStopping", "patience", options_.patience);
        detail::check_count("EarlyStopping", "start_from_epoch", options_.start_from_epoch);
    }

    /// The number of the epoch that it stopped at; 0 if it did not.
    Index stopped_epoch() const { return stopped_epoch_; }
    Index best_epoch() const { return best_epoch_; }
    std::optional<double> best() const { return monitor_.best(); }

    void on_train_begin() override {
        monitor_.reset();
        wait_ = stopped_epoch_ = best_epoch_ = 0;
        best_weights_.reset();
    }

    void on_epoch_end(Index epoch, const Logs& logs) override {
        const std::optional<double> current =
            monitor_.find(logs, text("Early stopping conditioned on metric `", monitor_.name(),
                                     "` which is not available. Available metrics are: ", detail::joined_keys(logs)));
        if (!current || epoch < options_.start_from_epoch) return;
        if (options_.restore_best_weights && !best_weights_) keep(epoch);
        ++wait_;
        if (monitor_.improve(*current)) {
            keep(epoch);
            if (!options_.baseline || monitor_.is_improvement(*current, options_.baseline)) wait_ = 0;
        } else if (wait_ >= options_.patience && epoch > 0) {
            stopped_epoch_ = epoch;
            this->model().stop_training = true;
        }
    }

    void on_train_end(const Logs& /*logs*/) override {
        if (stopped_epoch_ > 0 && options_.verbose > 0)
            detail::print_message(text("Epoch ", stopped_epoch_ + 1, ": early stopping"));
        if (!best_weights_) return;
        if (options_.verbose > 0)
            detail::print_message(
                text("Restoring model weights from the end of the best epoch: ", best_epoch_ + 1, '.'));
        this->model().set_weights(*best_weights_);
    }

    void save_state(StateDict& state) const override {
        monitor_.save_state(state);
        state.set("wait", wait_);
        state.set("stopped_epoch", stopped_epoch_);
        state.set("best_epoch", best_epoch_);
        if (!best_weights_) return;
        for (std::size_t i = 0; i < best_weights_->size(); ++i)
            state.set(text("best_weights/", i), (*best_weights_)[i]);
    }

    void load_state(const StateDict& state) override {
        monitor_.load_state(state);
        wait_ = state.get<Index>("wait");
        stopped_epoch_ = state.get<Index>("stopped_epoch");
        best_epoch_ = state.get<Index>("best_epoch");
        best_weights_.reset();
        for (std::size_t i = 0; state.contains(text("best_weights/", i)); ++i) {
            if (!best_weights_) best_weights_.emplace();
            best_weights_->push_back(state.get<Tensor<T>>(text("best_weights/", i)));
        }
    }

private:
    void keep(Index epoch) {
        best_epoch_ = epoch;
        if (options_.restore_best_weights) best_weights_ = this->model().get_weights();
    }

    EarlyStoppingOptions options_;
    Monitor monitor_;
    Index wait_ = 0;
    Index stopped_epoch_ = 0;
    Index best_epoch_ = 0;
    std::optional<std::vector<Tensor<T>>> best_weights_;
};

} // namespace fovea
