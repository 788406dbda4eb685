#pragma once
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fovea/data/dataset.hpp>
#include <fovea/data/idx.hpp>

/// MNIST, and every data set in its four files of 28 x 28 images and labels from 0 to 9: Fashion-MNIST, KMNIST ...
namespace fovea::mnist {

namespace detail {

/// A file of the set under the names it goes by: as published, and as some tools unpack it, each raw or gzip.
inline std::array<std::string, 4> file_names(const std::string& stem, const std::string& kind) {
    const std::string published = stem + "-" + kind + "-ubyte";
    const std::string unpacked = stem + "." + kind + "-ubyte";
    return {published, published + ".gz", unpacked, unpacked + ".gz"};
}

inline bool is_directory(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_directory(path, error);
}

inline std::optional<std::filesystem::path> find_file(const std::filesystem::path& directory, const std::string& stem,
                                                      const std::string& kind) {
    for (const std::string& name : file_names(stem, kind)) {
        std::error_code error;
        if (std::filesystem::exists(directory / name, error)) return directory / name;
    }
    return {};
}

inline constexpr std::array<std::pair<const char*, const char*>, 4> files{
    {{"train-images", "idx3"}, {"train-labels", "idx1"}, {"t10k-images", "idx3"}, {"t10k-labels", "idx1"}}};

inline bool has_all_files(const std::filesystem::path& directory) {
    return std::all_of(files.begin(), files.end(),
                       [&](const auto& file) { return find_file(directory, file.first, file.second); });
}

[[gnu::cold]] inline Dataset load_split(const std::filesystem::path& directory, const std::string& split) {
    const auto path_of = [&](const std::string& stem, const std::string& kind) {
        const auto path = find_file(directory, stem, kind);
        const auto names = file_names(stem, kind);
        require<DataError>(path.has_value(), "mnist: expected ", names[0], ", ", names[1], ", ", names[2], " or ",
                           names[3], " in ", directory.string(), ", found none of them");
        return *path;
    };
    const std::filesystem::path images_path = path_of(split + "-images", "idx3");
    const std::filesystem::path labels_path = path_of(split + "-labels", "idx1");
    Tensor<std::uint8_t> images = idx::read_images(images_path);
    const Tensor<std::uint8_t> labels = idx::read_labels(labels_path);

    const Index count = images.shape()[0];
    require<DataError>(images.shape() == Shape{count, 28, 28}, images_path.string(),
                       ": expected images of (28, 28), got ", images.shape().tail());
    require<DataError>(labels.size() == count, images_path.string(), " has ", count, " images but ",
                       labels_path.string(), " has ", labels.size(), " labels");
    for (Index i = 0; i < count; ++i)
        require<DataError>(labels[i] <= 9, labels_path.string(), ": expected labels from 0 to 9, label ", i, " is ",
                           +labels[i]);
    return {std::move(images).reshaped({count, 28, 28, 1}), labels.cast<std::int32_t>(), images_path.string()};
}

} // namespace detail

/// The training and test images of the four files in `directory` or in `directory`/mnist, raw or (with <fovea/data/gzip.hpp>) gzip.
/// Throws DataError that names the file, what was expected and what came.
inline Splits load(const std::filesystem::path& directory) {
    require<DataError>(detail::is_directory(directory), "mnist: there is no directory ", directory.string());
    const bool deeper =
        !detail::find_file(directory, "train-images", "idx3") && detail::is_directory(directory / "mnist");
    const std::filesystem::path place = deeper ? directory / "mnist" : directory;
    return {detail::load_split(place, "train"), detail::load_split(place, "t10k")};
}

} // namespace fovea::mnist
