#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <zlib.h>

using Bytes = std::vector<std::byte>;

/// An IDX file: the magic number, the extents as the header gives them, and `elements` bytes 0, 1, 2, 3, 4, 5, 6, 7, 0, 1 ...
inline Bytes idx_file(std::uint32_t magic, const std::vector<std::uint32_t>& extents, std::size_t elements) {
    Bytes bytes;
    const auto append = [&](std::uint32_t word) {
        for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::byte>(word >> shift & 0xFF));
    };
    append(magic);
    for (const std::uint32_t extent : extents) append(extent);
    for (std::size_t i = 0; i < elements; ++i) bytes.push_back(static_cast<std::byte>(i % 8));
    return bytes;
}

inline Bytes images_file(std::uint32_t count, std::uint32_t height = 28, std::uint32_t width = 28) {
    return idx_file(0x803, {count, height, width}, std::size_t{count} * height * width);
}

inline Bytes labels_file(std::uint32_t count) { return idx_file(0x801, {count}, count); }

/// One gzip member with `bytes` in it.
inline Bytes gzip(const Bytes& bytes) {
    z_stream stream{};
    constexpr int gzip_with_32k_window = 16 + 15;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_with_32k_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflateInit2");
    Bytes packed(deflateBound(&stream, static_cast<uLong>(bytes.size())));
    Bytes input = bytes;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int status = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("deflate");
    return packed;
}
