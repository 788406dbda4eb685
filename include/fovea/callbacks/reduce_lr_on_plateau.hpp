#pragma once
#include <algorithm>
#include <optional>
#include <string>

#include <fovea/callbacks/monitor.hpp>
#include <fovea/callbacks/python_number.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

struct ReduceLROnPlateauOptions {
    std::string monitor = "val_loss";
    double factor = 0.1; ///< of the learning rate
    Index patience = 10; ///< epochs without improvement after which it is reduced
    int verbose = 0;     ///< 1: says so
    MonitorMode mode = MonitorMode::automatic;
    double min_delta = 1e-4; ///< a smaller change is no improvement
    Index cooldown = 0;      ///< epochs behind a reduction that do not count
    double min_lr = 0;
};

/// Reduces the learning rate when a number of the logs no longer improves.
template <class T = float>
class ReduceLROnPlateau : public Callback<T> {
public:
    /// Throws ValueError for a factor outside of [0, 1), negative numbers, and a `monitor` whose direction has to be given.
    explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {})
        : options_(std::move(options)),
          monitor_("ReduceLROnPlateau", options_.monitor, options_.mode, options_.min_delta) {
        require<ValueError>(0 <= options_.factor && options_.factor < 1,
                            "ReduceLROnPlateau: factor must be in [0, 1), got ", options_.factor);
        require<ValueError>(options_.min_lr >= 0, "ReduceLROnPlateau: min_lr must not be negative, got ",
                            options_.min_lr);
        detail::check_count("ReduceLROnPlateau", "patience", options_.patience);
        detail::check_count("ReduceLROnPlateau", "cooldown", options_.cooldown);
    }

    void on_train_begin() override {
        monitor_.reset();
        wait_ = cooldown_ = 0;
    }

    void on_epoch_end(Index epoch, const Logs& logs) override {
        const std::optional<double> current = monitor_.find(
            logs, text("Learning rate reduction is conditioned on metric `", monitor_.name(),
                       "` which is not available. Available metrics are: ", detail::joined_keys(logs), '.'));
        if (!current) return;
        if (cooldown_ > 0) {
            --cooldown_;
            wait_ = 0;
        }
        if (monitor_.improve(*current))
            wait_ = 0;
        else if (cooldown_ == 0 && ++wait_ >= options_.patience)
            reduce(epoch);
    }

    void save_state(StateDict& state) const override {
        monitor_.save_state(state);
        state.set("wait", wait_);
        state.set("cooldown", cooldown_);
    }

    void load_state(const StateDict& state) override {
        monitor_.load_state(state);
        wait_ = state.get<Index>("wait");
        cooldown_ = state.get<Index>("cooldown");
    }

private:
    void reduce(Index epoch) {
        const double before = this->model().learning_rate();
        if (before <= options_.min_lr) return;
        const double rate = std::max(before * options_.factor, options_.min_lr);
        this->model().set_learning_rate(rate);
        if (options_.verbose > 0)
            detail::print_message(text("\nEpoch ", epoch + 1, ": ReduceLROnPlateau reducing learning rate to ",
                                       detail::python_number(rate), '.'));
        cooldown_ = options_.cooldown;
        wait_ = 0;
    }

    ReduceLROnPlateauOptions options_;
    Monitor monitor_;
    Index wait_ = 0;
    Index cooldown_ = 0;
};

} // namespace fovea
