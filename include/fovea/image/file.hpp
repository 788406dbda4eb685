#pragma once
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <fovea/core/error.hpp>

namespace fovea::image::detail {

/// No file may be larger.
inline constexpr std::size_t most_file_bytes = std::size_t{1} << 30;

/// Throws DataError with the reason why a file cannot be read.
[[noreturn]] inline void explain_unreadable(const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    const std::string name = path.string();
    require<DataError>(status.type() != fs::file_type::not_found, name, ": there is no such file");
    require<DataError>(status.type() != fs::file_type::directory, name, ": expected a file, it is a directory");
    require<DataError>(status.type() == fs::file_type::regular, name, ": expected a regular file");
    const auto size = fs::file_size(path, error);
    require<DataError>(error || size <= most_file_bytes, name, ": the file has ", size, " bytes, more than the ",
                       most_file_bytes, " that are read");
    throw DataError(name + ": the file cannot be read");
}

/// The whole file. The bytes lie in `buffer`, which keeps its room from file to file. Throws DataError.
inline std::span<const std::byte> read_file(const std::filesystem::path& path, std::vector<std::byte>& buffer) {
    std::filebuf file;
    file.pubsetbuf(nullptr, 0); // it is read in one piece
    if (!file.open(path, std::ios::in | std::ios::binary)) explain_unreadable(path);
    const std::streamoff end = file.pubseekoff(0, std::ios::end);
    if (end < 0 || static_cast<std::size_t>(end) > most_file_bytes) explain_unreadable(path);
    const auto size = static_cast<std::size_t>(end);
    if (buffer.size() < size) buffer.resize(size);
    file.pubseekpos(0);
    const std::streamsize read = file.sgetn(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(size));
    if (read != static_cast<std::streamsize>(size)) explain_unreadable(path);
    return std::span(buffer).first(size);
}

/// Throws DataError if the file cannot be written; what was there is overwritten.
inline void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    std::ofstream file(path, std::ios::binary);
    require<DataError>(file.is_open(), path.string(), ": the file cannot be opened for writing");
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    file.close();
    require<DataError>(!file.fail(), path.string(), ": the file cannot be written");
}

} // namespace fovea::image::detail
