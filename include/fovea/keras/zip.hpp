#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <zip.h>

#include <fovea/core/error.hpp>

/// Zip archives, by libzip.
namespace fovea::keras {

namespace detail {

struct CloseZip {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
    void operator()(zip_source_t* source) const { zip_source_free(source); }
};

using Zip = std::unique_ptr<zip_t, CloseZip>;
using ZipEntry = std::unique_ptr<zip_file_t, CloseZip>;
using ZipSource = std::unique_ptr<zip_source_t, CloseZip>;

} // namespace detail

/// An archive to read from. Everything throws DataError with the path and libzip's reason.
class ZipReader {
public:
    explicit ZipReader(const std::filesystem::path& path) : path_(path.string()) {
        std::error_code error;
        require<DataError>(std::filesystem::is_regular_file(path, error), path_, ": there is no such file");
        size_ = std::filesystem::file_size(path, error);
        int code = 0;
        archive_.reset(zip_open(path_.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
        if (archive_) return;
        zip_error_t reason;
        zip_error_init_with_code(&reason, code);
        const std::string what = zip_error_strerror(&reason);
        zip_error_fini(&reason);
        throw DataError(text(path_, ": expected a zip archive: ", what));
    }

    /// Bytes of the archive itself.
    std::uint64_t size() const { return size_; }

    /// All bytes of an entry. What it says of its size is believed only up to `most`, and only as far as bytes come.
    std::string read(const std::string& name, std::uint64_t most) const {
        const std::string where = text(path_, ": ", name);
        zip_stat_t stat;
        zip_stat_init(&stat);
        const bool there = zip_stat(archive_.get(), name.c_str(), 0, &stat) == 0;
        require<DataError>(there && (stat.valid & ZIP_STAT_SIZE) != 0, where, ": there is no such entry");
        require<DataError>(stat.size <= most, where, ": has ", stat.size, " bytes, at most ", most, " are read");
        const detail::ZipEntry entry(zip_fopen(archive_.get(), name.c_str(), 0));
        require<DataError>(entry != nullptr, where, ": ", zip_strerror(archive_.get()));
        constexpr std::uint64_t piece = 1 << 24;
        std::string bytes;
        while (bytes.size() < stat.size) {
            const auto begin = bytes.size();
            bytes.resize(begin + static_cast<std::size_t>(std::min(piece, stat.size - begin)));
            const zip_int64_t got = zip_fread(entry.get(), bytes.data() + begin, bytes.size() - begin);
            require<DataError>(got > 0, where, ": ends before its ", stat.size, " bytes");
            bytes.resize(begin + static_cast<std::size_t>(got));
        }
        char beyond = 0; // libzip looks at the checksum when it comes to the end
        require<DataError>(zip_fread(entry.get(), &beyond, 1) == 0, where, ": is damaged");
        return bytes;
    }

private:
    std::string path_;
    std::uint64_t size_ = 0;
    detail::Zip archive_;
};

/// An archive of these names and bytes, not compressed. The same entries give the same archive, for all have the date 1980.
inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& entries) {
    const auto check = [](bool done) { require<DataError>(done, "a zip archive cannot be made"); };
    detail::ZipSource source(zip_source_buffer_create(nullptr, 0, 0, nullptr));
    check(source != nullptr);
    detail::Zip archive(zip_open_from_source(source.get(), ZIP_TRUNCATE, nullptr));
    check(archive != nullptr);
    zip_source_keep(source.get()); // the archive has one of the two references
    constexpr zip_uint16_t first_of_january = (1 << 5) | 1;
    for (const auto& [name, bytes] : entries) {
        detail::ZipSource entry(zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0));
        check(entry != nullptr);
        const zip_int64_t number = zip_file_add(archive.get(), name.c_str(), entry.get(), ZIP_FL_ENC_UTF_8);
        check(number >= 0);
        (void)entry.release(); // the archive's, from here on
        const auto index = static_cast<zip_uint64_t>(number);
        check(zip_set_file_compression(archive.get(), index, ZIP_CM_STORE, 0) == 0);
        check(zip_file_set_dostime(archive.get(), index, 0, first_of_january, 0) == 0);
    }
    check(zip_close(archive.get()) == 0);
    (void)archive.release();
    check(zip_source_open(source.get()) == 0 && zip_source_seek(source.get(), 0, SEEK_END) == 0);
    const zip_int64_t size = zip_source_tell(source.get());
    check(size > 0 && zip_source_seek(source.get(), 0, SEEK_SET) == 0);
    std::string all(static_cast<std::size_t>(size), '\0');
    check(zip_source_read(source.get(), all.data(), all.size()) == size);
    zip_source_close(source.get());
    return all;
}

} // namespace fovea::keras
