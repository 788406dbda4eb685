#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iomanip>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/io/safetensors.hpp>
#include <fovea/models/state_dict.hpp>
#include <fovea/version.hpp>

namespace fovea {

namespace detail {

/// What the numbers of a StateDict are in a file; texts are bytes.
inline constexpr std::array<std::pair<StateDict::Type, std::string_view>, 4> state_dtypes{
    {{StateDict::Type::int64, "I64"},
     {StateDict::Type::float32, "F32"},
     {StateDict::Type::float64, "F64"},
     {StateDict::Type::text, "U8"}}};

/// Over all names and values, eight bytes at a time: each step can be undone, so no single change goes unnoticed.
class StateChecksum {
public:
    explicit StateChecksum(const StateDict& state) {
        for (const auto& [name, entry] : state.entries()) {
            add(std::as_bytes(std::span(name)));
            const std::array<std::int64_t, 1> type{static_cast<std::int64_t>(entry.type)};
            add(std::as_bytes(std::span(type)));
            for (const Index extent : entry.shape) add(std::as_bytes(std::span(&extent, 1)));
            add(entry.bytes);
        }
    }

    std::string text() const {
        std::ostringstream out;
        out << std::hex << std::setfill('0') << std::setw(16) << hash_;
        return out.str();
    }

private:
    void add(std::span<const std::byte> bytes) {
        add(static_cast<std::uint64_t>(bytes.size()));
        for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(8, bytes.size()))) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data(), std::min<std::size_t>(8, bytes.size()));
            add(word);
        }
    }
    void add(std::uint64_t word) {
        hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15;
        hash_ ^= hash_ >> 32;
    }

    std::uint64_t hash_ = 0xcbf29ce484222325;
};

inline constexpr std::string_view state_format = "fovea-checkpoint";
inline constexpr int state_format_version = 1;

} // namespace detail

/// Writes a StateDict as a safetensors file with a checksum, complete or not at all. Throws DataError if it cannot be written.
inline void write_state(const std::filesystem::path& path, const StateDict& state) {
    std::vector<safetensors::Item> items;
    for (const auto& [name, entry] : state.entries())
        items.emplace_back(name, detail::state_dtypes[static_cast<std::size_t>(entry.type)].second, entry.shape,
                           entry.bytes);
    safetensors::write(path, std::move(items),
                       {{"format", std::string(detail::state_format)},
                        {"format_version", std::to_string(detail::state_format_version)},
                        {"fovea_version", std::string(version)},
                        {"checksum", detail::StateChecksum(state).text()}});
}

/// Throws DataError for a file that is damaged or no such one, ValueError for one of a newer format.
[[gnu::cold]] inline StateDict read_state(const std::filesystem::path& path) {
    safetensors::File file(path);
    const auto metadata = [&](const char* key) {
        const auto found = file.metadata().find(key);
        return found == file.metadata().end() ? std::string() : found->second;
    };
    require<DataError>(metadata("format") == detail::state_format, path.string(), ": expected a checkpoint");
    require<ValueError>(metadata("format_version") == std::to_string(detail::state_format_version), path.string(),
                        ": its format has the version ", safetensors::detail::in_quotes(metadata("format_version")),
                        ", this is fovea ", version, ", which reads version ", detail::state_format_version);
    StateDict state;
    try {
        for (const safetensors::Entry& entry : file.entries()) {
            const auto type = std::find_if(detail::state_dtypes.begin(), detail::state_dtypes.end(),
                                           [&](const auto& known) { return known.second == entry.dtype; });
            require<DataError>(type != detail::state_dtypes.end(), path.string(), ": ",
                               safetensors::detail::in_quotes(entry.name), " is ", entry.dtype);
            std::vector<Index> extents;
            for (const std::uint64_t extent : entry.shape) extents.push_back(static_cast<Index>(extent));
            state.set_entry(entry.name, {type->first, Shape(std::span<const Index>(extents)), file.bytes(entry)});
        }
    } catch (const ShapeError& error) {
        throw DataError(text(path.string(), ": ", error.what()));
    }
    require<DataError>(metadata("checksum") == detail::StateChecksum(state).text(), path.string(),
                       ": its contents are damaged, their checksum is another one");
    return state;
}

} // namespace fovea
