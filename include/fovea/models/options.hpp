#pragma once
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/losses/all.hpp>
#include <fovea/metrics/all.hpp>
#include <fovea/models/callback.hpp>
#include <fovea/models/checkpoint.hpp>
#include <fovea/models/objective.hpp>
#include <fovea/optimizers/all.hpp>

namespace fovea {

/// `model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = {Metric::accuracy}})`. For
/// several outputs `.losses = {a, b}`, and if wanted `.loss_weights = {1, 0.5}` and `.output_metrics = {{Metric::accuracy}, {}}`, in
/// the order of the outputs.
template <class T>
struct CompileOptions {
    AnyOptimizer<T> optimizer;
    AnyLoss<T> loss = {};
    std::vector<AnyMetric<T>> metrics = {};
    std::vector<AnyLoss<T>> losses = {};
    std::vector<double> loss_weights = {};
    std::vector<std::vector<AnyMetric<T>>> output_metrics = {};
};

namespace detail {

/// One for each output, or none. Throws ValueError if they are not as many.
template <class T>
[[gnu::cold]] Objectives<T> objectives_of(const CompileOptions<T>& options, std::size_t outputs) {
    const auto check_count = [&](const char* of, std::size_t count) {
        require<ValueError>(count == 0 || count == outputs, "compile: the model has ", outputs,
                            outputs == 1 ? " output" : " outputs", ", got ", of, " for ", count);
    };
    require<ValueError>(!options.loss || options.losses.empty(), "compile: got both loss and losses");
    require<ValueError>(options.metrics.empty() || options.output_metrics.empty(),
                        "compile: got both metrics and output_metrics");
    std::vector<AnyLoss<T>> losses = options.losses;
    if (options.loss) losses.push_back(options.loss);
    std::vector<std::vector<AnyMetric<T>>> metrics = options.output_metrics;
    if (!options.metrics.empty()) metrics.push_back(options.metrics);
    check_count("losses", losses.size());
    check_count("metrics", metrics.size());
    check_count("loss_weights", options.loss_weights.size());
    require<ValueError>(metrics.empty() || !losses.empty(), "compile: metrics without a loss");
    Objectives<T> objectives;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const double weight = options.loss_weights.empty() ? 1 : options.loss_weights[i];
        require<ValueError>(static_cast<bool>(losses[i]), "compile: a loss is missing");
        require<ValueError>(std::isfinite(weight), "compile: the weight of a loss must be finite, got ", weight);
        objectives.emplace_back(losses[i], metrics.empty() ? std::vector<AnyMetric<T>>() : metrics[i], weight);
    }
    return objectives;
}

} // namespace detail

/// How to fit; names and defaults are Keras's.
template <class T>
struct FitOptions {
    Index epochs = 1; ///< number of the epoch to end at, from the first on
    Index batch_size = 32;
    std::optional<Data<T>> validation_data = std::nullopt; ///< wins over validation_split
    double validation_split = 0;                           ///< the last fraction of the samples is kept for validation
    bool shuffle = true;                                   ///< anew every epoch
    int verbose = 1;                                       ///< 0: silent, 1: progress line, 2: one line an epoch
    Index initial_epoch = 0;                               ///< number of the epoch to begin with, when training goes on
    std::vector<Callback<T>*> callbacks = {};
    std::map<Index, double> class_weight = {}; ///< of the loss; classes left out weigh 1
    std::vector<double> sample_weight = {};    ///< one a sample
    Checkpoint<T> checkpoint = {};             ///< a folder that a training which was ended goes on from
};

template <class T>
struct EvaluateOptions {
    Index batch_size = 32;
    int verbose = 1;
    std::vector<double> sample_weight = {};
    std::vector<Callback<T>*> callbacks = {};
};

template <class T>
struct PredictOptions {
    Index batch_size = 32;
    std::vector<Callback<T>*> callbacks = {};
};

} // namespace fovea
