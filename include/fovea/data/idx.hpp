#pragma once
#include <algorithm>
#include <array>
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
#include <utility>
#include <vector>

#include <fovea/core/tensor.hpp>

/// IDX, the format of MNIST: two zero bytes, the type of the elements (0x08: unsigned bytes, the only one read here), the number of
/// axes, each extent in 32 bits, big end first, and then the elements. Everything that is wrong with a file is a
/// DataError that names it, what was expected and what came; nothing is allocated on the word of a header alone. The elements
/// go straight to where they stay: besides the tensor, there is only the packed file in memory.
namespace fovea::idx {

/// Unpacks what follows the first `skip` unpacked bytes of `packed` to `out`. Returns how many bytes follow, counting no further than
/// one more than `out` holds; throws DataError that begins with `name`.
using Unpacker = std::size_t (*)(std::span<const std::byte> packed, std::size_t skip, std::span<std::byte> out,
                                 const std::string& name);

/// Set by <fovea/data/gzip.hpp>, so that only programs which include it need zlib.
inline Unpacker gzip_unpacker = nullptr;

/// No file may be larger, unpacked or not: a few megabytes of gzip can hold a thousand times as much.
inline constexpr std::uint64_t most_bytes =
    std::min<std::uint64_t>(std::uint64_t{1} << 32, std::numeric_limits<Index>::max() / 4);

/// Whether the bytes begin as gzip data do.
inline bool is_gzip(std::span<const std::byte> bytes) {
    return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

namespace detail {

inline constexpr std::size_t longest_header = 4 + 4 * 4;

struct Header {
    std::vector<std::uint32_t> extents;
    std::uint64_t elements = 0; ///< the largest number if there are more

    std::size_t bytes() const { return 4 + 4 * extents.size(); }
    Shape shape() const { return Shape(std::span<const Index>(std::vector<Index>(extents.begin(), extents.end()))); }
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

/// The header of raw data of `size` bytes that begin with `bytes`.
inline Header read_header_of(std::uint64_t size, std::span<const std::byte> bytes, std::optional<int> axes,
                             const std::string& name) {
    require<DataError>(size > 0, name, ": expected an IDX file, it is empty");
    const Header header = read_header(bytes, axes, name);
    require<DataError>(size - header.bytes() == header.elements, name, ": the header says ", header, ", the file has ",
                       size - header.bytes());
    return header;
}

inline Tensor<std::uint8_t> unpack(std::span<const std::byte> packed, std::optional<int> axes,
                                   const std::string& name) {
    require<DataError>(gzip_unpacker != nullptr, name,
                       " is gzip-compressed: include <fovea/data/gzip.hpp> and link fovea::zlib, or unpack it first");
    std::array<std::byte, longest_header> first;
    const std::size_t length = std::min(first.size(), gzip_unpacker(packed, 0, first, name));
    const Header header = read_header(std::span(first).first(length), axes, name);
    require<DataError>(header.elements <= most_bytes, name, ": the header says ", header, ", more than the ",
                       most_bytes, " that are read");

    // The densest that deflate can pack is 258 bytes in 2 bits: a larger header is wrong, and gets room only to count what there is.
    constexpr std::uint64_t most_from_a_byte = 8 / 2 * 258;
    const std::uint64_t room = std::min(header.elements, most_from_a_byte * packed.size());
    Tensor<std::uint8_t> elements(Shape{static_cast<Index>(room)});
    const std::size_t found = gzip_unpacker(packed, header.bytes(), std::as_writable_bytes(elements.span()), name);
    require<DataError>(found <= header.elements, name, ": the header says ", header, ", the unpacked file has more");
    require<DataError>(found == header.elements, name, ": the header says ", header, ", the file has ", found);
    return std::move(elements).reshaped(header.shape());
}

/// A regular file, open for reading.
class File {
public:
    explicit File(const std::filesystem::path& path) : name_(path.string()) {
        namespace fs = std::filesystem;
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        require<DataError>(status.type() != fs::file_type::not_found, name_, ": there is no such file");
        require<DataError>(status.type() != fs::file_type::directory, name_, ": expected a file, it is a directory");
        require<DataError>(status.type() == fs::file_type::regular, name_, ": expected a regular file");
        size_ = fs::file_size(path, error);
        require<DataError>(!error, name_, ": its size cannot be read: ", error.message());
        require<DataError>(size_ <= most_bytes, name_, ": the file has ", size_, " bytes, more than the ", most_bytes,
                           " that are read");
        stream_.open(path, std::ios::binary);
        require<DataError>(stream_.is_open(), name_, ": the file cannot be opened");
    }

    std::size_t size() const { return static_cast<std::size_t>(size_); }

    /// Fills `out` with the bytes from `begin` on.
    void read(std::size_t begin, std::span<std::byte> out) {
        stream_.seekg(static_cast<std::streamoff>(begin));
        stream_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
        const auto read = static_cast<std::size_t>(stream_.gcount());
        require<DataError>(read == out.size(), name_, ": only ", begin + read, " of its ", size_, " bytes can be read");
    }

private:
    std::string name_;
    std::uintmax_t size_ = 0;
    std::ifstream stream_;
};

} // namespace detail

/// The elements of an IDX file that is in memory, raw or gzip. `axes`: how many there must be. Throws DataError; `name` is for its message.
inline Tensor<std::uint8_t> parse(std::span<const std::byte> bytes, const std::string& name,
                                  std::optional<int> axes = {}) {
    if (is_gzip(bytes)) return detail::unpack(bytes, axes, name);
    const detail::Header header = detail::read_header_of(bytes.size(), bytes, axes, name);
    const auto* elements = reinterpret_cast<const std::uint8_t*>(bytes.data() + header.bytes());
    return Tensor<std::uint8_t>(header.shape(), std::span(elements, bytes.size() - header.bytes()));
}

/// The elements of an IDX file, raw or gzip. `axes`: how many there must be. Throws DataError.
inline Tensor<std::uint8_t> read(const std::filesystem::path& path, std::optional<int> axes = {}) {
    detail::File file(path);
    std::array<std::byte, detail::longest_header> first;
    const std::span bytes = std::span(first).first(std::min(first.size(), file.size()));
    file.read(0, bytes);
    if (is_gzip(bytes)) {
        std::vector<std::byte> packed(file.size());
        file.read(0, packed);
        return detail::unpack(packed, axes, path.string());
    }
    const detail::Header header = detail::read_header_of(file.size(), bytes, axes, path.string());
    Tensor<std::uint8_t> elements(header.shape());
    file.read(header.bytes(), std::as_writable_bytes(elements.span()));
    return elements;
}

/// (images, height, width). Throws DataError for anything else.
inline Tensor<std::uint8_t> read_images(const std::filesystem::path& path) { return read(path, 3); }

/// (labels). Throws DataError for anything else.
inline Tensor<std::uint8_t> read_labels(const std::filesystem::path& path) { return read(path, 1); }

} // namespace fovea::idx
