#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <fovea/callbacks/monitor.hpp>
#include <fovea/callbacks/path_template.hpp>
#include <fovea/io/model_file.hpp>
#include <fovea/models/model.hpp>
#include <fovea/models/progress.hpp>

namespace fovea {

struct ModelCheckpointOptions {
    std::string monitor = "val_loss";
    int verbose = 0;                ///< 1: says what it does
    bool save_best_only = false;    ///< only where `monitor` has improved
    bool save_weights_only = false; ///< true: a file for load_weights alone, and not also for load_model
    MonitorMode mode = MonitorMode::automatic;
    Index save_freq = 0;                                ///< number of batches, across epochs; 0 is Keras's "epoch"
    std::optional<double> initial_value_threshold = {}; ///< as if an epoch before the first had been as good as this
};

/// Saves the model (`load_model` reads it) behind each epoch, or every so many batches. The path may have fields, the epoch from 1,
/// with save_freq the batch, and whatever the logs have; missing folders are made, and a file that is there is replaced at
/// once or not at all:
///
///     ModelCheckpoint checkpoint("model-{epoch:02d}-{val_loss:.2f}.safetensors", {.save_best_only = true});
///
/// Optional: needs nlohmann/json (link fovea::io).
template <class T = float>
class ModelCheckpoint : public Callback<T> {
public:
    /// Throws ValueError for a path that does not end in .safetensors or has fields that are none, and for a `monitor` whose
    /// direction has to be given.
    explicit ModelCheckpoint(std::string filepath, ModelCheckpointOptions options = {})
        : options_(std::move(options)), path_(filepath),
          monitor_("ModelCheckpoint", options_.monitor, options_.mode, 0, options_.initial_value_threshold) {
        require<ValueError>(filepath.ends_with(".safetensors"),
                            "ModelCheckpoint: filepath must end in .safetensors, got \"", filepath, "\"");
        detail::check_count("ModelCheckpoint", "save_freq", options_.save_freq);
    }

    std::optional<double> best() const { return monitor_.best(); }

    /// Throws StateError for a model with a layer that cannot be saved, before any training.
    void on_train_begin() override {
        if (!options_.save_weights_only) model_to_json(this->model());
    }

    void on_epoch_begin(Index epoch) override { epoch_ = epoch; }

    void on_train_batch_end(Index batch, const Logs& logs) override {
        if (options_.save_freq == 0 || ++batches_ < options_.save_freq) return;
        batches_ = 0;
        save(batch + 1, logs);
    }

    void on_epoch_end(Index epoch, const Logs& logs) override {
        epoch_ = epoch;
        if (options_.save_freq == 0) save({}, logs);
    }

    void save_state(StateDict& state) const override {
        monitor_.save_state(state);
        state.set("epoch", epoch_);
        state.set("batches", batches_);
    }

    void load_state(const StateDict& state) override {
        monitor_.load_state(state);
        epoch_ = state.get<Index>("epoch");
        batches_ = state.get<Index>("batches");
    }

private:
    void save(std::optional<Index> batch, const Logs& logs) {
        const std::filesystem::path path = path_.fill(epoch_ + 1, batch, logs);
        if (!is_wanted(logs, path.string())) return;
        std::error_code error; // what goes wrong here, writing reports
        if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
        if (options_.save_weights_only)
            save_weights(this->model(), path);
        else
            save_model(this->model(), path);
        say("finished saving model to ", path.string());
    }

    bool is_wanted(const Logs& logs, const std::string& path) {
        if (!options_.save_best_only) {
            say("saving model to ", path);
            return true;
        }
        const std::optional<double> current =
            monitor_.find(logs, text("Can save best model only with ", monitor_.name(), " available."));
        if (!current) return true;
        const std::string before = monitor_.best() ? detail::fixed(*monitor_.best(), 5) : "None";
        const bool improved = monitor_.improve(*current);
        if (improved)
            say(monitor_.name(), " improved from ", before, " to ", detail::fixed(*current, 5), ", saving model to ",
                path);
        else
            say(monitor_.name(), " did not improve from ", before);
        return improved;
    }

    template <class... Parts>
    void say(const Parts&... parts) const {
        if (options_.verbose > 0) detail::print_message(text("\nEpoch ", epoch_ + 1, ": ", parts...));
    }

    ModelCheckpointOptions options_;
    detail::PathTemplate path_;
    Monitor monitor_;
    Index epoch_ = 0;
    Index batches_ = 0;
};

} // namespace fovea
