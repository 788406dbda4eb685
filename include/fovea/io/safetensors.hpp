#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/io/safetensors_header.hpp>

/// Safetensors, a format for named tensors: the length of the header in 8 bytes, little end first, the header, and the elements,
/// row-major, little end first. Optional: needs nlohmann/json (link fovea::io).
namespace fovea::safetensors {

static_assert(std::endian::native == std::endian::little, "safetensors: elements are read and written as they lie");

/// The name that the format has for T.
template <class T>
constexpr std::string_view dtype_of() {
    if constexpr (std::is_same_v<T, float>)
        return "F32";
    else if constexpr (std::is_same_v<T, double>)
        return "F64";
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return "I32";
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return "I64";
    else if constexpr (std::is_same_v<T, std::uint8_t>)
        return "U8";
    else
        static_assert(sizeof(T) == 0, "safetensors: float, double, int32, int64 or uint8");
}

/// A file, open for reading. All of its header is checked at once; tensors are read when they are asked for.
class File {
public:
    /// Throws DataError for a file that is missing, damaged, or no safetensors file.
    explicit File(const std::filesystem::path& path) : name_(path.string()) {
        namespace fs = std::filesystem;
        std::error_code error;
        const fs::file_type type = fs::status(path, error).type();
        require<DataError>(type != fs::file_type::not_found, name_, ": there is no such file");
        require<DataError>(type != fs::file_type::directory, name_, ": expected a file, it is a directory");
        require<DataError>(type == fs::file_type::regular, name_, ": expected a regular file");
        const std::uint64_t size = fs::file_size(path, error);
        require<DataError>(!error, name_, ": its size cannot be read: ", error.message());
        stream_.open(path, std::ios::binary);
        require<DataError>(stream_.is_open(), name_, ": the file cannot be opened");

        std::array<std::byte, 8> length_bytes{};
        require<DataError>(size >= length_bytes.size(), name_,
                           ": expected a safetensors file of at least 8 bytes, it has ", size);
        read(0, length_bytes);
        const auto length = std::bit_cast<std::uint64_t>(length_bytes);
        require<DataError>(length <= size - length_bytes.size(), name_, ": the header is said to have ", length,
                           " bytes, the file has ", size - length_bytes.size(), " behind its first 8");
        require<DataError>(length <= detail::longest_header, name_, ": the header has ", length,
                           " bytes, more than the ", detail::longest_header, " that are read");
        std::string header(static_cast<std::size_t>(length), '\0');
        read(length_bytes.size(), std::as_writable_bytes(std::span(header)));
        data_ = length_bytes.size() + length;
        header_ = parse_header(header, size - data_, name_);
    }

    /// All tensors, in the order in which they lie in the file.
    const std::vector<Entry>& entries() const { return header_.entries; }
    const Metadata& metadata() const { return header_.metadata; }

    /// Null if there is none of that name.
    const Entry* find(std::string_view name) const {
        const auto found =
            std::find_if(entries().begin(), entries().end(), [&](const Entry& entry) { return entry.name == name; });
        return found == entries().end() ? nullptr : &*found;
    }

    /// The elements of one tensor. Throws ValueError if there is none of that name, or if its elements are not T; ShapeError for a
    /// shape that Tensor does not have.
    template <class T>
    Tensor<T> tensor(std::string_view name) {
        const Entry* const entry = find(name);
        require<ValueError>(entry != nullptr, name_, ": there is no tensor ", detail::in_quotes(name), " among its ",
                            entries().size());
        return tensor<T>(*entry);
    }
    template <class T>
    Tensor<T> tensor(const Entry& entry) {
        require<ValueError>(entry.dtype == dtype_of<T>(), name_, ": tensor ", detail::in_quotes(entry.name),
                            " was asked for as ", dtype_of<T>(), ", it is ", entry.dtype);
        std::vector<Index> extents;
        for (const std::uint64_t extent : entry.shape) {
            require<ShapeError>(std::in_range<Index>(extent), name_, ": tensor ", detail::in_quotes(entry.name),
                                " has an extent of ", extent);
            extents.push_back(static_cast<Index>(extent));
        }
        Tensor<T> result{Shape(std::span<const Index>(extents))};
        read(data_ + entry.begin, std::as_writable_bytes(result.span()));
        return result;
    }

    /// The same as they lie in the file, whatever their type.
    std::vector<std::byte> bytes(const Entry& entry) {
        std::vector<std::byte> result(static_cast<std::size_t>(entry.end - entry.begin));
        read(data_ + entry.begin, result);
        return result;
    }

private:
    void read(std::uint64_t begin, std::span<std::byte> out) {
        stream_.seekg(static_cast<std::streamoff>(begin));
        stream_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
        require<DataError>(stream_.good(), name_, ": bytes ", begin, " to ", begin + out.size(), " cannot be read");
    }

    std::string name_;
    std::ifstream stream_;
    std::uint64_t data_ = 0; ///< where the data begin
    Header header_;
};

/// A tensor to be written: the elements must be there until it is.
struct Item {
    template <class T>
    Item(std::string item_name, const Tensor<T>& tensor)
        : Item(std::move(item_name), dtype_of<T>(), tensor.shape(), std::as_bytes(tensor.span())) {}
    Item(std::string item_name, std::string_view type, const Shape& extents, std::span<const std::byte> elements)
        : name(std::move(item_name)), dtype(type), shape(extents), bytes(elements) {}

    std::string name;
    std::string_view dtype;
    Shape shape;
    std::span<const std::byte> bytes;
};

/// Writes a file, complete or not at all: byte for byte the one that the Rust and Python packages write for the same tensors, sorted by type and
/// then by name. (With several entries of metadata, the order of these is theirs.) Throws ValueError for names that come
/// twice or are not UTF-8, DataError if the file cannot be written.
[[gnu::cold]] inline void write(const std::filesystem::path& path, std::vector<Item> items,
                                const Metadata& metadata = {}) {
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
        const std::size_t left = detail::type_number(a.dtype);
        const std::size_t right = detail::type_number(b.dtype);
        return left != right ? left > right : a.name < b.name;
    });
    std::set<std::string_view> names{"__metadata__"};
    Header header{{}, metadata};
    std::uint64_t end = 0;
    for (const Item& item : items) {
        require<ValueError>(names.insert(item.name).second, "safetensors: the name ", detail::in_quotes(item.name),
                            " is taken");
        const std::uint64_t begin = std::exchange(end, end + item.bytes.size());
        header.entries.push_back(
            {item.name, std::string(item.dtype), {item.shape.begin(), item.shape.end()}, begin, end});
    }
    const std::string text = format_header(header);
    const std::array length{static_cast<std::uint64_t>(text.size())};
    AtomicFile file(path);
    file.write(std::as_bytes(std::span(length)));
    file.write(text);
    for (const Item& item : items) file.write(item.bytes);
    file.commit();
}

} // namespace fovea::safetensors
