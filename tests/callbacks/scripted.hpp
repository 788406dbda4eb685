#pragma once
#include <sstream>
#include <string>
#include <vector>

#include <fovea/callbacks/monitor.hpp>
#include <fovea/models/sequential.hpp>

#include "models/networks.hpp"

/// A callback, called as fit calls it, with logs that the test chooses.
namespace scripted {

/// One weight, which is the number of the epoch behind each epoch, and the learning rate 0.5.
inline fovea::Sequential<float> model() {
    using namespace fovea;
    Sequential<float> model{Input{1}, Dense{.units = 1, .use_bias = false}};
    model.compile({.optimizer = SGD{.learning_rate = 0.5}, .loss = Loss::mean_squared_error});
    model.set_weights({Tensor<float>{{-1}}});
    return model;
}

struct Run {
    std::vector<double> rates; ///< behind each epoch
    double weight = 0;         ///< at the end
    std::string output;
    std::string warnings;
};

/// Collects what goes to std::cerr until the end of the scope.
class Errors {
public:
    Errors() : before_(std::cerr.rdbuf(text_.rdbuf())) {}
    ~Errors() { std::cerr.rdbuf(before_); }
    Errors(const Errors&) = delete;
    Errors& operator=(const Errors&) = delete;

    std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::streambuf* before_;
};

inline fovea::Logs logs(std::initializer_list<std::pair<const char*, double>> entries) {
    fovea::Logs result;
    for (const auto& [name, value] : entries) result[name] = value;
    return result;
}

/// Epochs of three batches with the same logs, until training is stopped.
inline Run run(fovea::Callback<float>& callback, const std::vector<fovea::Logs>& epochs) {
    using fovea::Index;
    auto fitted = model();
    const networks::Output output;
    const Errors errors;
    Run result;
    callback.set_model(&fitted);
    callback.on_train_begin();
    for (Index epoch = 0; epoch < static_cast<Index>(epochs.size()) && !fitted.stop_training; ++epoch) {
        const fovea::Logs& log = epochs[static_cast<std::size_t>(epoch)];
        callback.on_epoch_begin(epoch);
        for (Index batch = 0; batch < 3; ++batch) callback.on_train_batch_end(batch, log);
        fitted.set_weights({fovea::Tensor<float>{{static_cast<float>(epoch)}}});
        callback.on_epoch_end(epoch, log);
        result.rates.push_back(fitted.learning_rate());
    }
    callback.on_train_end(epochs.empty() ? fovea::Logs{} : epochs.back());
    callback.set_model(nullptr);
    result.weight = static_cast<double>(fitted.get_weights()[0][0]);
    result.output = output.text();
    result.warnings = errors.text();
    return result;
}

/// Epochs with one number each.
inline std::vector<fovea::Logs> series(const std::string& name, const std::vector<double>& values) {
    std::vector<fovea::Logs> all(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) all[i][name] = values[i];
    return all;
}

} // namespace scripted
