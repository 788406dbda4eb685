#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <fovea/core/tensor.hpp>

/// IDX, the format of MNIST: two zero bytes, the type of the elements (0x08: unsigned bytes, the only one read here), the number of
/// axes, each extent in 32 bits, big end first, and then the elements. Everything that is wrong with a file is a
/// DataError that names it, what was expected and what came; nothing is allocated on the word of a header alone.
namespace fovea::idx {

/// Unpacks `packed`, but stops once there are `most` bytes; throws DataError that begins with `name`.
using Unpacker = std::vector<std::byte> (*)(std::span<const std::byte> packed, std::size_t most,
                                            const std::string& name);

/// Set by <fovea/data/gzip.hpp>, so that only programs which include it need zlib.
inline Unpacker gzip_unpacker = nullptr;

/// No file may be larger, unpacked or not: a few megabytes of gzip can hold a thousand times as much.
inline constexpr std::uint64_t most_bytes =
    std::min<std::uint64_t>(std::uint64_t{1} << 32, std::numeric_limits<Index>::max() / 4);

namespace detail {

struct Header {
    std::vector<std::uint32_t> extents;
    std::uint64_t elements = 0; ///< the largest number if there are more

    std::uint64_t bytes() const { return 4 + 4 * extents.size(); }
};

inline std::ostream& operator<<(std::ostream& out, const Header& header) {
    for (std::size_t axis = 0; axis < header.extents.size(); ++axis) out << (axis ? ", " : "(") << header.extents[axis];
    out << (header.extents.size() == 1 ? ",) = " : ") = ");
    if (header.elements == std::numeric_limits<std::uint64_t>::max()) return out << "more than 2^64 bytes";
    return out << header.elements << " bytes";
}

inline std::uint32_t big_endian(std::span<const std::byte> bytes) {
    std::uint32_t value = 0;
    for (const std::byte byte : bytes.first(4)) value = value << 8 | static_cast<std::uint32_t>(byte);
    return value;
}

inline std::string magic_number(std::uint32_t magic) {
    std::ostringstream out;
    out << "0x" << std::hex << std::uppercase << std::setfill('0') << std::setw(8) << magic;
    if (magic == 0x801) out << " (labels)";
    if (magic == 0x803) out << " (images)";
    return out.str();
}

inline Header read_header(std::span<const std::byte> bytes, std::optional<int> axes, const std::string& name) {
    const auto long_enough = [&](std::size_t header) {
        require<DataError>(bytes.size() >= header, name, ": expected an IDX header of ", header,
                           " bytes, the file has ", bytes.size());
    };
    long_enough(axes ? 4 + 4 * static_cast<std::size_t>(*axes) : 8);
    const std::uint32_t magic = big_endian(bytes);
    const std::uint32_t rank = magic & 0xFF;
    if (axes) {
        const auto expected = 0x800 | static_cast<std::uint32_t>(*axes);
        require<DataError>(magic == expected, name, ": expected an IDX file with the magic number ",
                           magic_number(expected), "; it begins with ", magic_number(magic));
    }
    require<DataError>((magic & 0xFFFFFF00) == 0x800 && 1 <= rank && rank <= 4, name,
                       ": expected an IDX file of unsigned bytes with 1 to 4 axes, magic number 0x00000801 to "
                       "0x00000804; it begins with ",
                       magic_number(magic));

    Header header{{}, 1};
    long_enough(4 + 4 * rank);
    for (std::size_t axis = 1; axis <= rank; ++axis) {
        const std::uint32_t extent = big_endian(bytes.subspan(4 * axis));
        header.extents.push_back(extent);
        constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
        header.elements = extent != 0 && header.elements > most / extent ? most : header.elements * extent;
    }
    require<DataError>(header.elements > 0, name, ": the header says ", header,
                       ", but every extent must be at least 1");
    return header;
}

inline std::vector<std::byte> unpack(std::span<const std::byte> packed, std::optional<int> axes,
                                     const std::string& name) {
    require<DataError>(gzip_unpacker != nullptr, name,
                       " is gzip-compressed: include <fovea/data/gzip.hpp> and link fovea::zlib, or unpack it first");
    constexpr std::size_t longest_header = 4 + 4 * 4;
    const Header header = read_header(gzip_unpacker(packed, longest_header, name), axes, name);
    require<DataError>(header.elements <= most_bytes, name, ": the header says ", header, ", more than the ",
                       most_bytes, " that are read");
    const std::uint64_t expected = header.bytes() + header.elements;
    std::vector<std::byte> bytes = gzip_unpacker(packed, static_cast<std::size_t>(expected + 1), name);
    require<DataError>(bytes.size() <= expected, name, ": the header says ", header, ", the unpacked file has more");
    return bytes;
}

inline std::vector<std::byte> read_file(const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    const std::string name = path.string();
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    require<DataError>(status.type() != fs::file_type::not_found, name, ": there is no such file");
    require<DataError>(status.type() != fs::file_type::directory, name, ": expected a file, it is a directory");
    require<DataError>(status.type() == fs::file_type::regular, name, ": expected a regular file");
    const std::uintmax_t size = fs::file_size(path, error);
    require<DataError>(!error, name, ": its size cannot be read: ", error.message());
    require<DataError>(size <= most_bytes, name, ": the file has ", size, " bytes, more than the ", most_bytes,
                       " that are read");

    std::ifstream file(path, std::ios::binary);
    require<DataError>(file.is_open(), name, ": the file cannot be opened");
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    require<DataError>(static_cast<std::uintmax_t>(file.gcount()) == size, name, ": only ", file.gcount(), " of its ",
                       size, " bytes can be read");
    return bytes;
}

} // namespace detail

/// The elements of an IDX file that is in memory, raw or gzip. `axes`: how many there must be. Throws DataError; `name` is for its message.
inline Tensor<std::uint8_t> parse(std::span<const std::byte> bytes, const std::string& name,
                                  std::optional<int> axes = {}) {
    std::vector<std::byte> unpacked;
    if (bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B}) {
        unpacked = detail::unpack(bytes, axes, name);
        bytes = unpacked;
    }
    require<DataError>(!bytes.empty(), name, ": expected an IDX file, it is empty");
    const detail::Header header = detail::read_header(bytes, axes, name);
    const std::span<const std::byte> body = bytes.subspan(static_cast<std::size_t>(header.bytes()));
    require<DataError>(body.size() == header.elements, name, ": the header says ", header, ", the file has ",
                       body.size());

    const std::vector<Index> extents(header.extents.begin(), header.extents.end());
    const auto* elements = reinterpret_cast<const std::uint8_t*>(body.data());
    return Tensor<std::uint8_t>(Shape(std::span(extents)), std::span(elements, body.size()));
}

/// The elements of an IDX file, raw or gzip. `axes`: how many there must be. Throws DataError.
inline Tensor<std::uint8_t> read(const std::filesystem::path& path, std::optional<int> axes = {}) {
    return parse(detail::read_file(path), path.string(), axes);
}

/// (images, height, width). Throws DataError for anything else.
inline Tensor<std::uint8_t> read_images(const std::filesystem::path& path) { return read(path, 3); }

/// (labels). Throws DataError for anything else.
inline Tensor<std::uint8_t> read_labels(const std::filesystem::path& path) { return read(path, 1); }

} // namespace fovea::idx
