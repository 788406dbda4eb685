#pragma once
#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/image/byte_cache.hpp>
#include <fovea/image/image_list.hpp>
#include <fovea/image/load.hpp>
#include <fovea/image/resize.hpp>
#include <fovea/image/terminal_progress.hpp>

namespace fovea {

/// What becomes of a picture that cannot be read. `refuse`: reading it throws. `skip`: all are decoded at the start, and those that
/// cannot be are left out.
enum class Unreadable { refuse, skip };

/// Named as the arguments of Keras's image_dataset_from_directory.
struct ImageFolderOptions {
    OptionalSize2D image_size{}; ///< resized to; without one, all pictures must be as large as the first
    image::ColorMode color_mode = image::ColorMode::rgb; ///< as_is: all pictures must have the channels of the first
    image::ResizeOptions resize{};                       ///< how pictures of another size are resized
    std::vector<std::string> class_names{};              ///< the subfolders to take, in this order; empty: all, sorted
    Unreadable unreadable = Unreadable::refuse;
    Index cache_bytes = 0;    ///< keep so much of decoded pictures in memory
    ImageProgress progress{}; ///< empty: a line on stderr, if that is a terminal and it takes long
};

/// Pictures in a folder with a subfolder for each class, or those of an ImageList. They are decoded when they are asked for, by the thread
/// that asks: in `fit` by all threads, each for its own part of the batch. Memory holds names and what `cache_bytes` allows. A sample is
/// x (height, width, channels) with bytes as value / 255, and its class. Cheap to copy; copies share the cache.
///
///     const ImageFolder folder("photos", {.image_size = {64, 64}});
///     const auto [train, validation] = split(folder, {.validation_split = 0.2, .seed = 1});
///     model.fit(train, {.validation_data = validation});
class ImageFolder {
public:
    /// Throws DataError as list_folder does, and for a first picture that cannot be read.
    explicit ImageFolder(const std::filesystem::path& directory, ImageFolderOptions options = {})
        : ImageFolder(list_folder(directory, options.class_names, progress_of(options)), options) {}

    ImageFolder(ImageList list, ImageFolderOptions options = {})
        : state_(std::make_shared<State>(State{std::move(list), std::move(options), {}, {}, {}})) {
        open();
    }

    Index size() const { return state_->list.size(); }
    Shape sample_shape() const { return state_->shape; }
    const std::vector<std::string>& class_names() const { return state_->list.class_names; }
    std::span<const std::int32_t> labels() const { return state_->list.labels; }
    std::filesystem::path path(Index sample) const { return state_->list.path(sample); }
    /// The file's name in the directory, with / between folders.
    const std::string& file(Index sample) const { return state_->list.files[static_cast<std::size_t>(sample)]; }

    struct Skipped {
        std::string file;
        std::string reason; ///< names the file, too
    };
    /// What Unreadable::skip has left out.
    const std::vector<Skipped>& skipped() const { return state_->skipped; }

    /// See SampleSource. Throws DataError for a picture that cannot be decoded or has not the size that all must have.
    template <class T>
    void read(std::span<const Index> which, View<T> x, View<std::int32_t> labels) const {
        const Index stride = state_->shape.size();
        for (std::size_t i = 0; i < which.size(); ++i) {
            if (!x.empty()) read_picture(which[i], x.data() + static_cast<Index>(i) * stride);
            if (!labels.empty())
                labels[static_cast<Index>(i)] = state_->list.labels[static_cast<std::size_t>(which[i])];
        }
    }

    /// The bytes of one sample, (height, width, channels).
    Tensor<std::uint8_t> picture(Index sample) const {
        require<ValueError>(0 <= sample && sample < size(), "ImageFolder: there is no sample ", sample, ", only ",
                            size());
        const auto kept = state_->cache.find(sample);
        return kept.empty() ? decode(sample) : Tensor<std::uint8_t>(state_->shape, kept);
    }

    /// The picture as large as its file has it, in the folder's colours; past the cache. Throws DataError if it cannot be decoded.
    Tensor<std::uint8_t> original(Index sample) const {
        thread_local std::vector<std::byte> bytes; // keeps its room
        const std::filesystem::path file = path(sample);
        return image::decode(image::detail::read_file(file, bytes), state_->options.color_mode, file.string());
    }

    /// Throws DataError if a picture file of this shape has not the size and channels that a sample must have.
    void require_fits(Index sample, const Shape& picture) const {
        const bool resized = state_->options.image_size.has_value();
        const Shape& shape = state_->shape;
        require<DataError>(picture == shape || (resized && picture[2] == shape[2]), path(sample).string(),
                           ": the picture is ", picture, ", the first one ", shape,
                           resized ? "; color_mode makes them alike" : "; image_size makes them alike");
    }

private:
    struct State {
        ImageList list;
        ImageFolderOptions options;
        Shape shape;
        std::vector<Skipped> skipped;
        image::detail::ByteCache cache;
    };

    static ImageProgress progress_of(const ImageFolderOptions& options) {
        return options.progress ? options.progress : image::detail::terminal_progress("ImageFolder");
    }

    void open() {
        State& state = *state_;
        require<DataError>(state.list.size() > 0, "ImageFolder: there are no pictures");
        const bool skips = state.options.unreadable == Unreadable::skip;
        find_shape(skips);
        make_cache();
        if (skips) leave_out_unreadable();
    }

    void make_cache() { state_->cache = {size(), state_->shape.size(), state_->options.cache_bytes}; }

    /// Of the first picture that can be read.
    void find_shape(bool skips) {
        State& state = *state_;
        const auto& size = state.options.image_size;
        const Index channels = channels_of(state.options.color_mode);
        if (size && channels > 0) {
            state.shape = {size->height, size->width, channels};
            return;
        }
        for (Index i = 0;; ++i) {
            try {
                const Shape first = image::load(state.list.path(i), state.options.color_mode).shape();
                state.shape = size ? Shape{size->height, size->width, first[2]} : first;
                return;
            } catch (const DataError&) {
                if (!skips || i + 1 == state.list.size()) throw;
            }
        }
    }

    void leave_out_unreadable() {
        State& state = *state_;
        const ImageProgress progress = progress_of(state.options);
        std::vector<std::string> reasons(static_cast<std::size_t>(size()));
        std::atomic<Index> done{0};
        parallel_for(size(), [&](Index i, int worker) {
            try {
                state.cache.keep(i, decode(i).span());
            } catch (const DataError& error) {
                reasons[static_cast<std::size_t>(i)] = error.what();
            }
            const Index count = done.fetch_add(1) + 1;
            if (worker == 0 && progress) progress(count, size());
        });
        if (progress) progress(size(), size());

        if (std::all_of(reasons.begin(), reasons.end(), [](const std::string& reason) { return reason.empty(); }))
            return;
        ImageList kept{state.list.directory, {}, {}, state.list.class_names};
        for (std::size_t i = 0; i < reasons.size(); ++i) {
            if (!reasons[i].empty()) {
                state.skipped.push_back({state.list.files[i], reasons[i]});
                continue;
            }
            kept.files.push_back(std::move(state.list.files[i]));
            kept.labels.push_back(state.list.labels[i]);
        }
        state.list = std::move(kept);
        make_cache(); // the places have changed
        for (std::size_t label = 0; label < state.list.class_names.size(); ++label)
            require<DataError>(
                std::count(state.list.labels.begin(), state.list.labels.end(), label) > 0, "ImageFolder: the class ",
                state.list.class_names[label],
                " is empty: none of its pictures can be read; the first: ", state.skipped.front().reason);
    }

    Tensor<std::uint8_t> decode(Index sample) const {
        Tensor<std::uint8_t> picture = original(sample);
        require_fits(sample, picture.shape());
        if (picture.shape() == state_->shape) return picture;
        return image::resize(picture, *state_->options.image_size, state_->options.resize);
    }

    template <class T>
    void read_picture(Index sample, T* x) const {
        const auto write = [x](std::span<const std::uint8_t> bytes) {
            for (std::size_t i = 0; i < bytes.size(); ++i) x[i] = detail::byte_fractions<T>[bytes[i]];
        };
        const auto kept = state_->cache.find(sample);
        if (!kept.empty()) return write(kept);
        const Tensor<std::uint8_t> picture = decode(sample);
        state_->cache.keep(sample, picture.span());
        write(picture.span());
    }

    std::shared_ptr<State> state_;
};

static_assert(SampleSource<ImageFolder, float> && SampleSource<ImageFolder, double>);

} // namespace fovea
