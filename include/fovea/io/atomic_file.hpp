#pragma once
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iomanip>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if defined(_WIN32)
#include <io.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

#include <fovea/core/error.hpp>

namespace fovea {

/// A file that is there complete or not at all, whatever fails and whenever the program or the machine stops: it is written under
/// another name in the same folder, and takes its own name with `commit`, in place of a file that had it. That one's
/// permissions stay; a symbolic link is replaced. Everything throws DataError with the path and the system's reason.
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
        namespace fs = std::filesystem;
        std::error_code error;
        const fs::file_type type = fs::status(path_, error).type();
        require<DataError>(type != fs::file_type::directory, path_.string(), ": expected a file, it is a directory");
        require<DataError>(type == fs::file_type::regular || type == fs::file_type::not_found, path_.string(),
                           ": expected a regular file");
        constexpr int attempts = 10;
        for (int i = 0; i < attempts && !file_; ++i) {
            part_ = path_;
            part_ += part_suffix();
            file_ = open(part_);
            if (!file_ && errno != EEXIST) break;
        }
        if (!file_) fail();
        if (type == fs::file_type::regular) fs::permissions(part_, fs::status(path_, error).permissions(), error);
    }
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Without `commit` nothing remains, and nothing has changed.
    ~AtomicFile() {
        if (!file_) return;
        std::fclose(file_);
        std::error_code ignored;
        std::filesystem::remove(part_, ignored);
    }

    void write(std::span<const std::byte> bytes) {
        if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
    }
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

    /// Gives the file its name once all of it is on the disk. Nothing may be written after it.
    void commit() {
        if (std::fflush(file_) != 0 || !sync(file_)) fail();
        const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
        std::error_code error(errno, std::generic_category());
        if (closed) std::filesystem::rename(part_, path_, error);
        if (!closed || error) {
            std::error_code ignored;
            std::filesystem::remove(part_, ignored);
            throw DataError(text(path_.string(), ": cannot be written: ", error.message()));
        }
        sync_folder();
    }

private:
    static std::string part_suffix() {
        std::ostringstream out;
        out << '.' << std::hex << std::setfill('0') << std::setw(8) << std::random_device{}() << ".part";
        return out.str();
    }

    /// Only if there is no such file yet.
    static std::FILE* open(const std::filesystem::path& path) {
#if defined(_WIN32)
        return _wfopen(path.c_str(), L"wbx");
#else
        return std::fopen(path.c_str(), "wbx");
#endif
    }

    static bool sync(std::FILE* file) {
#if defined(_WIN32)
        return _commit(_fileno(file)) == 0;
#else
        return fsync(fileno(file)) == 0;
#endif
    }

    /// The new name, too, should outlive a power cut. Not every file system can say so: then it will in its own time.
    void sync_folder() const {
#if !defined(_WIN32)
        const std::filesystem::path folder = path_.parent_path().empty() ? "." : path_.parent_path();
        const int descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) return;
        fsync(descriptor);
        ::close(descriptor);
#endif
    }

    [[noreturn]] void fail() const {
        throw DataError(text(path_.string(), ": cannot be written: ", std::generic_category().message(errno)));
    }

    std::filesystem::path path_;
    std::filesystem::path part_;
    std::FILE* file_ = nullptr;
};

/// Makes `contents` the whole of a file, at once.
inline void write_atomically(const std::filesystem::path& path, std::string_view contents) {
    AtomicFile file(path);
    file.write(contents);
    file.commit();
}

} // namespace fovea
