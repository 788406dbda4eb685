#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fovea/core/shape.hpp>
#include <fovea/image/format.hpp>

namespace fovea {

/// Called now and then while a folder is looked through; `total` is 0 as long as it is not known.
using ImageProgress = std::function<void(Index done, Index total)>;

/// Picture files with a class each, by their names.
struct ImageList {
    std::filesystem::path directory;
    std::vector<std::string> files; ///< in the directory, with / between folders
    std::vector<std::int32_t> labels;
    std::vector<std::string> class_names;

    Index size() const { return static_cast<Index>(files.size()); }
    std::filesystem::path path(Index i) const { return directory / files[static_cast<std::size_t>(i)]; }
};

namespace detail {

inline void require_directory(const std::filesystem::path& directory, const char* what) {
    std::error_code error;
    const auto status = std::filesystem::status(directory, error);
    require<DataError>(status.type() != std::filesystem::file_type::not_found, what, ": there is no directory ",
                       directory.string());
    require<DataError>(status.type() == std::filesystem::file_type::directory, what, ": ", directory.string(),
                       " is not a directory");
}

inline bool is_hidden(const std::filesystem::path& path) { return path.filename().string().starts_with('.'); }

inline std::vector<std::string> subfolders(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.is_directory() && !is_hidden(entry.path())) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

/// The picture files below `directory` / `folder`, sorted; as ImageList::files.
inline std::vector<std::string> picture_files(const std::filesystem::path& directory, const std::string& folder,
                                              Index before, const ImageProgress& progress) {
    namespace fs = std::filesystem;
    std::vector<std::string> files;
    for (auto entry = fs::recursive_directory_iterator(directory / folder); entry != fs::end(entry); ++entry) {
        if (is_hidden(entry->path())) {
            entry.disable_recursion_pending();
        } else if (image::format_of_name(entry->path()) && !entry->is_directory()) {
            files.push_back(entry->path().lexically_relative(directory).generic_string());
            if (progress && files.size() % 1024 == 0) progress(before + static_cast<Index>(files.size()), 0);
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace detail

/// A class for each subfolder, numbered in the order of their names byte by byte, or in the order of `class_names`; the
/// pictures are all files below it that are named like some, sorted in the same way. Hidden files and folders are left
/// out. Throws DataError if the directory is missing, for fewer than two classes, and for a class without pictures.
inline ImageList list_folder(const std::filesystem::path& directory, std::vector<std::string> class_names = {},
                             const ImageProgress& progress = {}) try {
    detail::require_directory(directory, "ImageFolder");
    ImageList list{directory, {}, {}, std::move(class_names)};
    if (list.class_names.empty()) list.class_names = detail::subfolders(directory);
    require<DataError>(list.class_names.size() >= 2, "ImageFolder: ", directory.string(), " has ",
                       list.class_names.empty() ? std::string("no subfolder")
                                                : "the one subfolder " + list.class_names[0],
                       ", expected one for each of two or more classes");
    for (std::size_t label = 0; label < list.class_names.size(); ++label) {
        const std::string& name = list.class_names[label];
        detail::require_directory(directory / name, "ImageFolder");
        std::vector<std::string> files = detail::picture_files(directory, name, list.size(), progress);
        require<DataError>(!files.empty(), "ImageFolder: the class ", name,
                           " is empty: there are no pictures (.png, .jpg, ", ".jpeg, .bmp, .tga, .pgm, .ppm) in ",
                           (directory / name).string());
        list.labels.insert(list.labels.end(), files.size(), static_cast<std::int32_t>(label));
        list.files.insert(list.files.end(), std::make_move_iterator(files.begin()),
                          std::make_move_iterator(files.end()));
    }
    if (progress) progress(list.size(), list.size());
    return list;
} catch (const std::filesystem::filesystem_error& error) {
    throw DataError(text("ImageFolder: ", directory.string(), " cannot be looked through: ", error.what()));
}

/// From a text file with a line `file,class` for each picture, the files' names relative to its folder. A first line without a
/// picture's name is a heading. Classes are numbered in the order of their names. Throws DataError with the line's number.
inline ImageList list_csv(const std::filesystem::path& csv) {
    const std::string name = csv.string();
    std::ifstream in(csv);
    require<DataError>(in.is_open(), name, ": the file cannot be opened");
    ImageList list{csv.parent_path(), {}, {}, {}};
    std::vector<std::string> classes;
    std::string line;
    const auto trimmed = [](std::string word) {
        constexpr const char* around = " \t\r\"";
        word.erase(0, std::min(word.find_first_not_of(around), word.size()));
        word.erase(word.find_last_not_of(around) + 1);
        return word;
    };
    for (Index number = 1; std::getline(in, line); ++number) {
        if (trimmed(line).empty()) continue;
        const std::size_t comma = line.rfind(',');
        require<DataError>(comma != std::string::npos, name, ":", number, ": expected file,class, got \"", line, "\"");
        const std::string file = trimmed(line.substr(0, comma));
        if (number == 1 && !image::format_of_name(file)) continue;
        require<DataError>(!file.empty() && !trimmed(line.substr(comma + 1)).empty(), name, ":", number,
                           ": expected file,class, got \"", line, "\"");
        list.files.push_back(file);
        classes.push_back(trimmed(line.substr(comma + 1)));
    }
    list.class_names = classes;
    std::sort(list.class_names.begin(), list.class_names.end());
    list.class_names.erase(std::unique(list.class_names.begin(), list.class_names.end()), list.class_names.end());
    require<DataError>(list.class_names.size() >= 2, name, ": expected two or more classes, found ",
                       list.class_names.size());
    for (const std::string& label : classes)
        list.labels.push_back(static_cast<std::int32_t>(
            std::lower_bound(list.class_names.begin(), list.class_names.end(), label) - list.class_names.begin()));
    return list;
}

} // namespace fovea
