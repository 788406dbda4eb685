#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <fovea/image/format.hpp>
#include <fovea/image/stb.hpp>

/// Looks through a file before it is decoded: it must be there to its end, and not promise more pixels than its bytes can hold. stb
/// takes files that are cut short, and versions before 2.28 write outside their memory for some JPEG tables.
namespace fovea::image::detail {

/// Bytes, read at places that are known to be there.
class Bytes {
public:
    Bytes(std::span<const std::byte> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    std::size_t size() const { return bytes_.size(); }
    const std::string& name() const { return name_; }

    /// Throws DataError unless there are `size` bytes.
    void need(std::uint64_t size) const {
        require<DataError>(size <= bytes_.size(), name_, ": the picture is cut short, it needs at least ", size,
                           " bytes and has ", bytes_.size());
    }
    std::uint32_t operator[](std::size_t i) const { return static_cast<std::uint32_t>(bytes_[i]); }
    std::uint32_t big16(std::size_t i) const { return (*this)[i] << 8 | (*this)[i + 1]; }
    std::uint32_t big32(std::size_t i) const { return big16(i) << 16 | big16(i + 2); }
    std::uint32_t little16(std::size_t i) const { return (*this)[i] | (*this)[i + 1] << 8; }
    std::uint32_t little32(std::size_t i) const { return little16(i) | little16(i + 2) << 16; }

    /// The next place of `byte` from `i` on; size() if there is none.
    std::size_t find(std::uint8_t byte, std::size_t i) const {
        const void* const found = std::memchr(bytes_.data() + i, byte, bytes_.size() - i);
        return found ? static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes_.data()) : bytes_.size();
    }

private:
    std::span<const std::byte> bytes_;
    const std::string& name_;
};

/// Throws DataError if a picture has no pixels or more than are read.
inline void check_extents(std::int64_t height, std::int64_t width, std::int64_t bytes_per_pixel,
                          const std::string& name) {
    require<DataError>(height > 0 && width > 0, name, ": the picture has no pixels, its size is ", height, " x ",
                       width);
    require<DataError>(height <= longest_side && width <= longest_side, name, ": the picture's size is ", height, " x ",
                       width, ", its sides may have at most ", longest_side, " pixels");
    require<DataError>(static_cast<std::uint64_t>(height * width * bytes_per_pixel) <= most_decoded_bytes, name,
                       ": the picture's size is ", height, " x ", width, " with ", bytes_per_pixel,
                       " bytes a pixel, at most ", most_decoded_bytes, " bytes are read");
}

/// Throws DataError if a compressed picture needs more than the bytes that there are.
inline void check_density(const Bytes& bytes, Index height, Index width, Index least) {
    require<DataError>(static_cast<Index>(bytes.size()) >= least, bytes.name(), ": the header says ", height, " x ",
                       width, " pixels, which cannot be in ", bytes.size(), " bytes");
}

/// CRC-32 of the PNG specification.
inline std::uint32_t crc32(const Bytes& bytes, std::size_t first, std::size_t last) {
    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> entries{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            entries[i] = i;
            for (int bit = 0; bit < 8; ++bit) entries[i] = entries[i] >> 1 ^ (entries[i] & 1 ? 0xEDB88320U : 0U);
        }
        return entries;
    }();
    std::uint32_t sum = 0xFFFFFFFF;
    for (std::size_t i = first; i < last; ++i) sum = sum >> 8 ^ table[(sum ^ bytes[i]) & 0xFF];
    return ~sum;
}

inline Info check_png(const Bytes& bytes) {
    constexpr std::array<std::uint32_t, 7> samples{1, 0, 3, 1, 2, 0, 4}; // by colour type; 3 is a palette
    bytes.need(8 + 25);
    require<DataError>(bytes.big32(8) == 13 && bytes.big32(12) == 0x49484452, bytes.name(),
                       ": the PNG does not begin with its header IHDR");
    const std::uint32_t width = bytes.big32(16);
    const std::uint32_t height = bytes.big32(20);
    const std::uint32_t depth = bytes[24];
    const std::uint32_t type = bytes[25];
    const bool known = type < samples.size() && samples[type] > 0 &&
                       (depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16);
    require<DataError>(known, bytes.name(), ": the PNG has the unknown colour type ", type, " with ", depth, " bits");
    check_extents(height, width, type == 3 ? 4 : samples[type] * (depth == 16 ? 2 : 1), bytes.name());
    constexpr Index most_from_a_byte = 8 / 2 * 258; // deflate packs 258 bytes in 2 bits at best
    const Index pixels = Index{height} * Index{width};
    check_density(bytes, height, width, pixels * samples[type] * depth / 8 / most_from_a_byte);
    for (std::size_t at = 8;;) {
        bytes.need(at + 12);
        const std::uint32_t length = bytes.big32(at);
        bytes.need(std::uint64_t{at} + 12 + length);
        const std::size_t end = at + 8 + length;
        require<DataError>(crc32(bytes, at + 4, end) == bytes.big32(end), bytes.name(),
                           ": the PNG is damaged, a checksum is wrong near byte ", at);
        if (bytes.big32(at + 4) == 0x49454E44) break; // IEND
        at = end + 4;
    }
    return {Format::png, height, width};
}

/// Throws DataError unless a segment's Huffman tables say how many codes there are of which length, and that they fit.
inline void check_huffman_tables(const Bytes& bytes, std::size_t at, std::size_t end) {
    while (at < end) {
        bool fits = end - at >= 17 && (bytes[at] >> 4) <= 1 && (bytes[at] & 15) <= 3;
        std::uint32_t symbols = 0;
        std::uint32_t room = 1; // codes of a length that no shorter code begins
        for (std::size_t length = 1; fits && length <= 16; ++length) {
            const std::uint32_t count = bytes[at + length];
            symbols += count;
            room = 2 * room;
            fits = count <= room;
            room -= fits ? count : 0;
        }
        fits = fits && symbols <= 256 && end - at >= 17 + symbols;
        require<DataError>(fits, bytes.name(), ": the JPEG is damaged, a Huffman table is wrong near byte ", at);
        at += 17 + symbols;
    }
}

inline Info check_jpeg(const Bytes& bytes) {
    const auto is_frame = [](std::uint32_t m) { return 0xC0 <= m && m <= 0xCF && m != 0xC4 && m != 0xC8 && m != 0xCC; };
    Info info{Format::jpeg, 0, 0};
    bool scanned = false;
    for (std::size_t at = 2;;) {
        at = bytes.find(0xFF, at);
        while (at + 1 < bytes.size() && bytes[at + 1] == 0xFF) ++at;
        bytes.need(std::uint64_t{at} + 2);
        const std::uint32_t marker = bytes[at + 1];
        at += 2;
        if (marker == 0xD9) break;                                                      // end of image
        if (marker == 0 || marker == 1 || (0xD0 <= marker && marker <= 0xD8)) continue; // within a scan
        bytes.need(std::uint64_t{at} + 2);
        const std::size_t length = bytes.big16(at);
        bytes.need(std::uint64_t{at} + length);
        require<DataError>(length >= 2, bytes.name(), ": the JPEG is damaged, a segment has no length near byte ", at);
        if (marker == 0xC4) check_huffman_tables(bytes, at + 2, at + length);
        if (is_frame(marker)) {
            require<DataError>(length >= 8 && info.height == 0, bytes.name(),
                               ": the JPEG is damaged, a frame's header is wrong near byte ", at);
            info.height = bytes.big16(at + 3);
            info.width = bytes.big16(at + 5);
            check_extents(info.height, info.width, std::max<std::uint32_t>(bytes[at + 7], 1), bytes.name());
            // A block of 64 pixels takes a bit at least.
            check_density(bytes, info.height, info.width, info.height * info.width / 512);
        }
        scanned = scanned || marker == 0xDA;
        at += length;
    }
    require<DataError>(scanned && info.height > 0, bytes.name(), ": the JPEG ends before there is a picture");
    return info;
}

inline Info check_bmp(const Bytes& bytes) {
    bytes.need(30);
    const bool old = bytes.little32(14) == 12; // OS/2
    const auto signed32 = [&](std::size_t i) { return static_cast<std::int32_t>(bytes.little32(i)); };
    const std::int64_t width = old ? bytes.little16(18) : signed32(18);
    const std::int64_t rows = old ? bytes.little16(20) : std::int64_t{signed32(22)};
    const std::int64_t height = rows < 0 ? -rows : rows; // negative: from top to bottom
    const std::int64_t bits = old ? bytes.little16(24) : bytes.little16(28);
    check_extents(height, width, bits == 32 ? 4 : 3, bytes.name());
    bytes.need(bytes.little32(10) + static_cast<std::uint64_t>((width * bits + 31) / 32 * 4 * height));
    return {Format::bmp, height, width};
}

inline Info check_tga(const Bytes& bytes) {
    const std::uint32_t kind = bytes[2];
    const std::uint64_t width = bytes.little16(12);
    const std::uint64_t height = bytes.little16(14);
    const std::uint64_t pixel = (bytes[16] + 7) / 8;
    check_extents(bytes.little16(14), bytes.little16(12), 4, bytes.name());
    std::uint64_t at = 18 + bytes[0];
    if (bytes[1] == 1) at += bytes.little16(3) + std::uint64_t{bytes.little16(5)} * ((bytes[7] + 7) / 8);
    if (kind < 8) {
        bytes.need(at + width * height * pixel);
        return {Format::tga, static_cast<Index>(height), static_cast<Index>(width)};
    }
    for (std::uint64_t pixels = 0; pixels < width * height;) { // runs
        bytes.need(at + 1);
        const std::uint32_t packet = bytes[static_cast<std::size_t>(at)];
        const std::uint64_t count = 1 + (packet & 127);
        at += 1 + pixel * (packet >= 128 ? 1 : count);
        pixels += count;
    }
    bytes.need(at);
    return {Format::tga, static_cast<Index>(height), static_cast<Index>(width)};
}

} // namespace fovea::image::detail
