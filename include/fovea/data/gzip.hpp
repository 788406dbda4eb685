#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

#include <fovea/core/error.hpp>
#include <fovea/data/idx.hpp>

/// Optional: needs zlib (link fovea::zlib). Including it in one file of a program lets the whole program read gzip.
namespace fovea {

/// Unpacks gzip data of one or more members, as if they were one, piece by piece. The data must outlive it.
class GzipReader {
public:
    /// `name` stands in front of what is wrong with the data.
    GzipReader(std::span<const std::byte> packed, std::string name) : packed_(packed), name_(std::move(name)) {
        constexpr int gzip_with_32k_window = 16 + 15;
        if (inflateInit2(&stream_, gzip_with_32k_window) != Z_OK) throw std::bad_alloc();
    }
    ~GzipReader() { inflateEnd(&stream_); }
    GzipReader(const GzipReader&) = delete; // zlib keeps a pointer to stream_
    GzipReader& operator=(const GzipReader&) = delete;

    /// Writes the next bytes to `out` and returns how many: fewer than it holds only at the end. Throws DataError if the data up
    /// to there are damaged, cut short or followed by something else. That all is well is only sure once a read finds the end.
    std::size_t read(std::span<std::byte> out) {
        const std::size_t size = out.size();
        while (!out.empty() && !at_end_) out = out.subspan(inflate_some(out));
        return size - out.size();
    }

private:
    std::size_t inflate_some(std::span<std::byte> out) {
        // zlib counts in 32 bits; its interface predates const, but it does not write to what it reads.
        const auto limit = [](std::size_t size) { return static_cast<uInt>(std::min(size, std::size_t{1} << 30)); };
        const uInt offered = limit(packed_.size() - read_);
        const uInt room = limit(out.size());
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed_.data() + read_));
        stream_.avail_in = offered;
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = room;
        const int status = inflate(&stream_, Z_NO_FLUSH);
        read_ += offered - stream_.avail_in;

        if (status == Z_STREAM_END) {
            start_next_member();
        } else {
            if (status == Z_MEM_ERROR) throw std::bad_alloc();
            require<DataError>(status == Z_OK || status == Z_BUF_ERROR, name_, ": the gzip data are damaged near byte ",
                               read_, " of ", packed_.size(), " (",
                               stream_.msg ? stream_.msg : "a preset dictionary is asked for", ")");
            require<DataError>(status == Z_OK, name_, ": the gzip data are cut short, they stop after ", packed_.size(),
                               " bytes");
        }
        return room - stream_.avail_out;
    }

    void start_next_member() {
        const std::span<const std::byte> rest = packed_.subspan(read_);
        at_end_ = rest.empty();
        require<DataError>(at_end_ || idx::is_gzip(rest), name_, ": ", rest.size(),
                           " bytes follow the end of the gzip data");
        inflateReset(&stream_);
    }

    std::span<const std::byte> packed_;
    std::string name_;
    z_stream stream_{};
    std::size_t read_ = 0;
    bool at_end_ = false;
};

/// Unpacks all of `packed`, but stops once there are `most` bytes (and then leaves the rest unchecked). Throws as GzipReader does.
inline std::vector<std::byte> gunzip(std::span<const std::byte> packed, std::size_t most, const std::string& name) {
    constexpr std::size_t piece = std::size_t{1} << 16;
    GzipReader reader(packed, name);
    std::vector<std::byte> bytes;
    std::size_t written = 0;
    while (written == bytes.size() && written < most) {
        bytes.resize(std::min(most, std::max(piece, 2 * written)));
        written += reader.read(std::span(bytes).subspan(written));
    }
    bytes.resize(written);
    return bytes;
}

namespace detail {

/// idx::Unpacker
inline std::size_t gunzip_behind(std::span<const std::byte> packed, std::size_t skip, std::span<std::byte> out,
                                 const std::string& name) {
    GzipReader reader(packed, name);
    std::array<std::byte, 64> skipped;
    for (std::size_t size; skip > 0; skip -= size) {
        size = std::min(skip, skipped.size());
        reader.read(std::span(skipped).first(size));
    }
    const std::size_t written = reader.read(out);
    return written < out.size() ? written : written + reader.read(std::span(skipped).first(1));
}

inline const bool gzip_is_read = (idx::gzip_unpacker = &gunzip_behind, true);

} // namespace detail

} // namespace fovea
