#pragma once
#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <vector>

#include <zlib.h>

#include <fovea/core/error.hpp>
#include <fovea/data/idx.hpp>

/// Optional: needs zlib (link fovea::zlib). Including it in one file of a program lets the whole program read gzip.
namespace fovea {

/// Unpacks gzip data of one or more members, checksums included, but stops once there are `most` bytes (and then leaves the rest
/// unchecked). Throws DataError, with `name` in front, if the data are damaged, cut short or followed by something else.
inline std::vector<std::byte> gunzip(std::span<const std::byte> packed, std::size_t most, const std::string& name) {
    struct Inflater : z_stream {
        Inflater() : z_stream{} {
            constexpr int gzip_with_32k_window = 16 + 15;
            if (inflateInit2(this, gzip_with_32k_window) != Z_OK) throw std::bad_alloc();
        }
        ~Inflater() { inflateEnd(this); }
        Inflater(const Inflater&) = delete;
        Inflater& operator=(const Inflater&) = delete;
    } stream;

    constexpr std::size_t piece = std::size_t{1} << 16;
    const auto limit = [](std::size_t size) { return static_cast<uInt>(std::min(size, std::size_t{1} << 30)); };
    std::vector<std::byte> bytes;
    std::size_t read = 0;
    std::size_t written = 0;
    for (;;) {
        if (written == bytes.size()) bytes.resize(std::min(most, std::max(piece, 2 * written)));
        if (written == most) return bytes;

        // zlib's interface predates const; it does not write here.
        stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data() + read));
        stream.avail_in = limit(packed.size() - read);
        stream.next_out = reinterpret_cast<Bytef*>(bytes.data() + written);
        stream.avail_out = limit(bytes.size() - written);
        const uInt offered = stream.avail_in;
        const uInt room = stream.avail_out;
        const int status = inflate(&stream, Z_NO_FLUSH);
        read += offered - stream.avail_in;
        written += room - stream.avail_out;

        if (status == Z_STREAM_END) {
            const std::span<const std::byte> rest = packed.subspan(read);
            if (rest.empty()) break;
            require<DataError>(rest.size() >= 2 && rest[0] == std::byte{0x1F} && rest[1] == std::byte{0x8B}, name, ": ",
                               rest.size(), " bytes follow the end of the gzip data");
            inflateReset(&stream);
            continue;
        }
        if (status == Z_MEM_ERROR) throw std::bad_alloc();
        require<DataError>(status == Z_OK || status == Z_BUF_ERROR, name, ": the gzip data are damaged near byte ",
                           read, " of ", packed.size(), " (",
                           stream.msg ? stream.msg : "a preset dictionary is asked for", ")");
        require<DataError>(status == Z_OK, name, ": the gzip data are cut short, they stop after ", packed.size(),
                           " bytes");
    }
    bytes.resize(written);
    return bytes;
}

namespace detail {
inline const bool gzip_is_read = (idx::gzip_unpacker = &gunzip, true);
} // namespace detail

} // namespace fovea
