#pragma once
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fovea/io/state_file.hpp>
#include <fovea/models/training_state.hpp>

namespace fovea {

/// The checkpoints in a folder: `checkpoint-00000007.safetensors`, numbered as they were written. Each is written beside those before
/// it, which are only then removed, so that whatever happens one of them is there.
class CheckpointFolder {
public:
    explicit CheckpointFolder(std::filesystem::path path, Index keep = 2) : path_(std::move(path)), keep_(keep) {
        require<ValueError>(!path_.empty(), "checkpoint: a folder is missing");
        require<ValueError>(keep >= 1, "checkpoint: keep must be at least 1, got ", keep);
    }

    const std::filesystem::path& path() const { return path_; }
    bool empty() const { return numbers().empty(); }

    /// Makes the folder, and throws DataError unless files can be written there. What was left half written is removed.
    void prepare() {
        namespace fs = std::filesystem;
        std::error_code error;
        fs::create_directories(path_, error);
        require<DataError>(fs::is_directory(path_), path_.string(),
                           ": the folder for checkpoints cannot be made: ", error.message());
        for (const fs::path& file : files())
            if (file.filename().string().starts_with(stem) && file.extension() == ".part") fs::remove(file, error);
        const AtomicFile test(file(0)); // leaves nothing
    }

    /// The newest that can be read; none if there is no file at all. For each that cannot a message goes to std::cerr. Throws DataError
    /// if none can, ValueError for one of a newer format.
    std::optional<StateDict> read() {
        const std::vector<Index> all = numbers();
        for (auto number = all.rbegin(); number != all.rend(); ++number) {
            try {
                StateDict state = read_state(file(*number));
                last_ = *number;
                return state;
            } catch (const DataError& error) {
                std::cerr << "WARNING: " << error.what() << "; taking the checkpoint before it" << std::endl;
            }
        }
        require<DataError>(all.empty(), path_.string(), ": none of the checkpoints can be read (there are ", all.size(),
                           "); training begins anew if they are removed");
        last_ = 0;
        return {};
    }

    /// Throws DataError if it cannot be written; all others are then still there.
    void write(const StateDict& state) {
        write_state(file(last_ + 1), state);
        ++last_;
        remove_others();
    }

    /// Removes all but the last `keep` up to the one that was read or written last: newer ones cannot be read.
    void remove_others() {
        std::error_code ignored; // a file that stays does no harm
        for (const Index number : numbers())
            if (number <= last_ - keep_ || number > last_) std::filesystem::remove(file(number), ignored);
    }

private:
    static constexpr std::string_view stem = "checkpoint-";
    static constexpr std::string_view extension = ".safetensors";

    std::filesystem::path file(Index number) const {
        const std::string digits = std::to_string(number);
        const std::size_t zeros = 8 - std::min<std::size_t>(8, digits.size());
        return path_ / (std::string(stem) + std::string(zeros, '0') + digits + std::string(extension));
    }

    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> result;
        std::error_code error;
        for (std::filesystem::directory_iterator i(path_, error), end; !error && i != end; i.increment(error))
            result.push_back(i->path());
        return result;
    }

    /// In ascending order.
    std::vector<Index> numbers() const {
        std::vector<Index> result;
        for (const std::filesystem::path& path : files()) {
            const std::string name = path.filename().string();
            if (!name.starts_with(stem) || !name.ends_with(extension)) continue;
            Index number = 0;
            const char* const end = name.data() + name.size() - extension.size();
            const auto [rest, error] = std::from_chars(name.data() + stem.size(), end, number);
            if (error == std::errc{} && rest == end && number > 0 && path == file(number)) result.push_back(number);
        }
        std::sort(result.begin(), result.end());
        return result;
    }

    std::filesystem::path path_;
    Index keep_;
    Index last_ = 0; ///< the number of the last one that was read or written
};

namespace detail {

/// Keeps the checkpoints of a fit in a folder.
template <class T>
class FolderKeeper final : public CheckpointKeeper<T> {
public:
    FolderKeeper(const CheckpointDirectory<T>& where)
        : folder_(where.path, where.options.keep), options_(where.options) {
        require<ValueError>(options_.save_freq >= 0, "checkpoint: save_freq must not be negative, got ",
                            options_.save_freq);
        require<ValueError>(options_.save_seconds >= 0, "checkpoint: save_seconds must not be negative, got ",
                            options_.save_seconds);
    }

    bool find(const RunningFit<T>& fit) override {
        folder_.prepare();
        identity_ = training_identity(fit);
        batches_ = 0;
        saved_ = Clock::now();
        found_ = folder_.read();
        if (!found_) return false;
        check_identity(found_->part("training"), identity_, place());
        const Index epoch = found_->get<Index>("fit/epoch");
        require<ValueError>(epoch <= fit.options.epochs, "fit: the checkpoint in ", place(), " is behind epoch ", epoch,
                            ", but training is to end behind epoch ", fit.options.epochs);
        return true;
    }

    void restore(const RunningFit<T>& fit) override {
        try {
            restore_training(*found_, fit);
        } catch (const DataError& error) {
            throw DataError(text("fit: the checkpoint in ", place(), " does not fit: ", error.what()));
        }
        found_.reset();
        folder_.remove_others(); // who wrote this one may have been killed before
        if (fit.options.verbose > 0) std::cout << place() << ": " << how_far(fit) << std::endl;
    }

    void save(const RunningFit<T>& fit, bool epoch_ends) override {
        if (!epoch_ends) ++batches_;
        if (!is_due(fit, epoch_ends)) return;
        folder_.write(training_state(fit, identity_));
        batches_ = 0;
        saved_ = Clock::now();
    }

    std::string place() const override { return folder_.path().string(); }

private:
    using Clock = std::chrono::steady_clock;

    static bool is_finished(const RunningFit<T>& fit) {
        const FitPosition& position = fit.position;
        return position.step == 0 && (position.epoch >= fit.options.epochs || fit.model.stop_training);
    }

    bool is_due(const RunningFit<T>& fit, bool epoch_ends) const {
        if (fit.model.interrupt_training || (epoch_ends && is_finished(fit))) return true;
        if (epoch_ends) return options_.save_freq == 0;
        if (options_.save_freq > 0 && batches_ >= options_.save_freq) return true;
        return options_.save_seconds > 0 &&
               std::chrono::duration<double>(Clock::now() - saved_).count() >= options_.save_seconds;
    }

    static std::string how_far(const RunningFit<T>& fit) {
        const FitPosition& position = fit.position;
        if (is_finished(fit))
            return text("this training has come to its end, behind epoch ", position.epoch, '/', fit.options.epochs);
        if (position.step == 0) return text("training goes on behind epoch ", position.epoch, '/', fit.options.epochs);
        return text("training goes on in epoch ", position.epoch + 1, '/', fit.options.epochs, ", behind batch ",
                    position.step);
    }

    CheckpointFolder folder_;
    CheckpointOptions options_;
    StateDict identity_;
    std::optional<StateDict> found_;
    Index batches_ = 0; ///< since the last checkpoint
    Clock::time_point saved_{};
};

} // namespace detail

/// Makes `.checkpoint = "run/"` work: see Checkpoint.
template <class T>
std::shared_ptr<CheckpointKeeper<T>> open_checkpoint(const CheckpointDirectory<T>& where) {
    return std::make_shared<detail::FolderKeeper<T>>(where);
}

} // namespace fovea
