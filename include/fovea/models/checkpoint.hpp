#pragma once
#include <concepts>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <fovea/models/logs.hpp>
#include <fovea/models/objective.hpp>

namespace fovea {

template <class T>
class Model;
template <class T>
class Data;
template <class T>
struct FitOptions;
namespace detail {
template <class T>
struct ModelState;
}

/// When a checkpoint is written; always also at the end of training.
struct CheckpointOptions {
    Index save_freq = 0;     ///< number of batches, across epochs; 0 is Keras's "epoch"
    double save_seconds = 0; ///< behind a batch, too, once so much time has passed since the last one; 0: never
    Index keep = 2;          ///< so many stay, the newest
};

/// A folder for the checkpoints of one training.
template <class T>
struct CheckpointDirectory {
    std::filesystem::path path;
    CheckpointOptions options;
};

/// How far a fit has come.
struct FitPosition {
    Index epoch = 0; ///< the one that is under way, or the next
    Index step = 0;  ///< its batches that are done
    Index seen = 0;  ///< their samples
    Sums sums{};     ///< over these
    History history{};
};

/// A fit while it runs, for those who keep checkpoints of it.
template <class T>
struct RunningFit {
    Model<T>& model;
    const Data<T>& data;
    const FitOptions<T>& options;
    Index samples;                 ///< that are trained on: the first of the data
    const std::vector<T>& weights; ///< of these; none if all weigh 1
    FitPosition& position;
};

/// Keeps checkpoints of a fit. All throw DataError for files that cannot be read or written.
template <class T>
class CheckpointKeeper {
public:
    virtual ~CheckpointKeeper() = default;

    /// Before the first hook: whether there is a checkpoint of this training. Throws ValueError if there is one of another.
    virtual bool find(const RunningFit<T>& fit) = 0;
    /// Behind on_train_begin: puts in place what was found.
    virtual void restore(const RunningFit<T>& fit) = 0;
    /// Behind a batch or an epoch: writes a checkpoint if it is time for one, or the fit is about to end.
    virtual void save(const RunningFit<T>& fit, bool epoch_ends) = 0;
    /// Where the checkpoints are, for messages.
    virtual std::string place() const = 0;
};

/// What `fit` takes for `.checkpoint`: nothing, or a folder, with options if wanted:
///
///     model.fit(train, {.epochs = 5, .checkpoint = "run/"});
///     model.fit(train, {.epochs = 5, .checkpoint = {"run/", {.save_freq = 100, .keep = 3}}});
///
/// If the folder has a checkpoint of this training, `fit` goes on from there, and all ends as if it had never been away, to the bit. The
/// files are written by <fovea/io/checkpoint.hpp>, which the program must include.
template <class T>
class Checkpoint {
public:
    Checkpoint() = default;

    template <std::convertible_to<std::filesystem::path> P>
    Checkpoint(const P& directory, const CheckpointOptions& options = {})
        : keeper_(open(CheckpointDirectory<T>{directory, options})) {}

    /// A way to keep them of one's own.
    Checkpoint(std::shared_ptr<CheckpointKeeper<T>> keeper) : keeper_(std::move(keeper)) {}

    explicit operator bool() const { return keeper_ != nullptr; }
    CheckpointKeeper<T>* operator->() const { return keeper_.get(); }

private:
    /// Whoever includes io/checkpoint.hpp has an open_checkpoint; it is found by its argument, for models know nothing of files.
    template <class Directory>
    static std::shared_ptr<CheckpointKeeper<T>> open(const Directory& directory) {
        constexpr bool is_included = requires { open_checkpoint(directory); };
        static_assert(is_included,
                      "fit(..., {.checkpoint = ...}) needs #include <fovea/io/checkpoint.hpp>, and fovea::io");
        if constexpr (is_included) return open_checkpoint(directory);
    }

    std::shared_ptr<CheckpointKeeper<T>> keeper_;
};

} // namespace fovea
