#pragma once
#include <map>
#include <optional>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/losses/all.hpp>
#include <fovea/metrics/all.hpp>
#include <fovea/models/callback.hpp>
#include <fovea/models/objective.hpp>
#include <fovea/optimizers/all.hpp>

namespace fovea {

/// `model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = {Metric::accuracy}})`, or
/// for several outputs `.outputs = {{.loss = ...}, {.loss = ..., .weight = 0.5}}`, one each in their order.
template <class T>
struct CompileOptions {
    AnyOptimizer<T> optimizer;
    AnyLoss<T> loss = {};
    std::vector<AnyMetric<T>> metrics = {};
    Objectives<T> outputs = {};
};

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
