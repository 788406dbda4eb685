#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/core/shape.hpp>

/// The header of a safetensors file: JSON that says of each tensor its type, shape and place behind the header.
///
///     {"__metadata__":{"format":"fovea"},"dense/bias":{"dtype":"F32","shape":[10],"data_offsets":[0,40]}}
///
/// See https://github.com/huggingface/safetensors. A header that is read is checked whole: the tensors' data lie one behind the
/// other without gaps, from the first byte to the last.
namespace fovea::safetensors {

/// One tensor of a file.
struct Entry {
    std::string name;
    std::string dtype; ///< F32, F64, BF16, I64 ...
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0; ///< of its data, in bytes behind the header
    std::uint64_t end = 0;
};

using Metadata = std::map<std::string, std::string>;

struct Header {
    std::vector<Entry> entries; ///< in the order of their data
    Metadata metadata;
};

namespace detail {

/// What the Rust package takes, too; a header has to be in memory before anything about it is known.
inline constexpr std::uint64_t longest_header = 100'000'000;

struct ElementType {
    std::string_view name;
    std::uint64_t bits;
};

/// In the order that the Rust package has for them: the files that it writes begin with the last of these.
inline constexpr std::array element_types{
    ElementType{"BOOL", 8},    ElementType{"F4", 4},   ElementType{"F6_E2M3", 6}, ElementType{"F6_E3M2", 6},
    ElementType{"U8", 8},      ElementType{"I8", 8},   ElementType{"F8_E5M2", 8}, ElementType{"F8_E4M3", 8},
    ElementType{"F8_E8M0", 8}, ElementType{"I16", 16}, ElementType{"U16", 16},    ElementType{"F16", 16},
    ElementType{"BF16", 16},   ElementType{"I32", 32}, ElementType{"U32", 32},    ElementType{"F32", 32},
    ElementType{"C64", 64},    ElementType{"F64", 64}, ElementType{"I64", 64},    ElementType{"U64", 64},
};

/// Its place in the list; the number of types for a name that is none.
inline std::size_t type_number(std::string_view dtype) {
    const auto found = std::find_if(element_types.begin(), element_types.end(),
                                    [&](const ElementType& type) { return type.name == dtype; });
    return static_cast<std::size_t>(found - element_types.begin());
}

/// A text out of a file, fit to be printed: in quotes, with escapes, cut off where it is long.
inline std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 80;
    const bool cut = text.size() > most;
    const nlohmann::json json = std::string(text.substr(0, most));
    return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + (cut ? "..." : "");
}

/// a * b, or the largest number if that is too large.
inline std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return b != 0 && a > most / b ? most : a * b;
}

/// The bytes of a tensor's data; the largest number if there are more, or no whole bytes.
inline std::uint64_t bytes_of(const std::vector<std::uint64_t>& shape, std::uint64_t bits) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t total = bits;
    for (const std::uint64_t extent : shape) {
        total = saturating_product(total, extent);
        if (total == most) return most;
    }
    return total % 8 == 0 ? total / 8 : most;
}

/// The JSON of a header. What nlohmann/json lets pass is refused here: a name that comes twice, depth without end, and a zero byte,
/// which ends the text for it.
inline nlohmann::json parse_json(std::string_view text, const std::string& file) {
    using Event = nlohmann::json::parse_event_t;
    const auto wrong_near = [&](std::size_t byte) {
        return DataError(fovea::text(file, ": the header is not JSON in UTF-8: it is wrong near its byte ", byte));
    };
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) throw wrong_near(zero + 1);
    constexpr std::size_t most_extents = 64;
    std::array<std::set<std::string>, 3> names; // those seen in the object that is open at each depth
    std::size_t extents = 0;
    const auto check = [&](int depth, Event event, nlohmann::json& value) {
        const auto level = static_cast<std::size_t>(depth);
        if (event == Event::object_start || event == Event::array_start)
            require<DataError>(event == Event::object_start ? depth <= 1 : depth == 2, file,
                               ": the header is not that of a safetensors file: it is nested in another way");
        if (event == Event::object_start) names[level + 1].clear();
        if (event == Event::array_start) extents = 0;
        if (event == Event::key)
            require<DataError>(names[level].insert(value.get<std::string>()).second, file, ": the header has the name ",
                               in_quotes(value.get<std::string>()), " twice");
        if (event == Event::value && depth == 3)
            require<DataError>(++extents <= most_extents, file, ": the header has a list of more than ", most_extents,
                               " numbers");
        return true;
    };
    try {
        return nlohmann::json::parse(text.begin(), text.end(), check);
    } catch (const nlohmann::json::parse_error& error) {
        throw wrong_near(error.byte);
    } catch (const nlohmann::json::out_of_range&) {
        throw DataError(file + ": the header has a number that is too large");
    }
}

inline std::vector<std::uint64_t> whole_numbers(const nlohmann::json& info, const char* field,
                                                const std::string& tensor) {
    const auto found = info.find(field);
    require<DataError>(found != info.end() && found->is_array(), tensor, ": expected a list \"", field, "\"");
    std::vector<std::uint64_t> numbers;
    for (const nlohmann::json& number : *found) {
        require<DataError>(number.is_number_unsigned(), tensor, ": expected whole numbers from 0 to 2^64 - 1 in \"",
                           field, "\", got ", number.dump());
        numbers.push_back(number.get<std::uint64_t>());
    }
    return numbers;
}

[[gnu::cold]] inline Entry read_entry(const std::string& name, const nlohmann::json& info, std::uint64_t data_bytes,
                                      const std::string& file) {
    const std::string tensor = file + ": tensor " + in_quotes(name);
    require<DataError>(info.is_object(), tensor, ": expected an object with dtype, shape and data_offsets");
    const auto dtype = info.find("dtype");
    require<DataError>(dtype != info.end() && dtype->is_string(), tensor, ": expected a text \"dtype\"");
    Entry entry{name, dtype->get<std::string>(), whole_numbers(info, "shape", tensor), 0, 0};
    const std::size_t type = type_number(entry.dtype);
    require<DataError>(type < element_types.size(), tensor, ": the dtype ", in_quotes(entry.dtype), " is unknown");
    const std::vector<std::uint64_t> offsets = whole_numbers(info, "data_offsets", tensor);
    require<DataError>(offsets.size() == 2, tensor, ": expected 2 data_offsets, got ", offsets.size());
    entry.begin = offsets[0];
    entry.end = offsets[1];
    require<DataError>(entry.begin <= entry.end && entry.end <= data_bytes, tensor, ": its data_offsets are ",
                       entry.begin, " and ", entry.end, ", the file has ", data_bytes, " bytes of data");
    const std::uint64_t expected = bytes_of(entry.shape, element_types[type].bits);
    require<DataError>(expected == entry.end - entry.begin, tensor, ": ", entry.dtype, " and its shape ",
                       info["shape"].dump(), " do not make the ", entry.end - entry.begin,
                       " bytes that its data_offsets enclose");
    return entry;
}

} // namespace detail

/// Reads a header that `data_bytes` of data follow. Throws DataError, with `file` in front, unless it is right in every detail.
[[gnu::cold]] inline Header parse_header(std::string_view text, std::uint64_t data_bytes, const std::string& file) {
    require<DataError>(text.starts_with('{'), file, ": expected a safetensors file, whose header begins with '{'");
    const nlohmann::json json = detail::parse_json(text, file);
    Header header;
    for (const auto& [name, info] : json.items()) {
        if (name != "__metadata__") {
            header.entries.push_back(detail::read_entry(name, info, data_bytes, file));
            continue;
        }
        require<DataError>(info.is_object(), file, ": expected an object \"__metadata__\"");
        for (const auto& [key, value] : info.items()) {
            require<DataError>(value.is_string(), file, ": expected a text for ", detail::in_quotes(key),
                               " in \"__metadata__\"");
            header.metadata[key] = value.get<std::string>();
        }
    }
    std::sort(header.entries.begin(), header.entries.end(),
              [](const Entry& a, const Entry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    std::uint64_t end = 0;
    for (const Entry& entry : header.entries) {
        require<DataError>(entry.begin == end, file, ": the data of ", detail::in_quotes(entry.name), " begin at byte ",
                           entry.begin, entry.begin < end ? ", inside of those of another tensor" : ", behind a gap");
        end = entry.end;
    }
    require<DataError>(end == data_bytes, file, ": the tensors have ", end, " bytes of data, the file has ",
                       data_bytes);
    return header;
}

/// The header as the Rust package writes it: without spaces, but for those that fill it up to a multiple of 8 bytes.
/// Throws ValueError for names that are not UTF-8.
[[gnu::cold]] inline std::string format_header(const Header& header) {
    const auto json = [](std::string_view text) {
        try {
            return nlohmann::json(std::string(text)).dump();
        } catch (const nlohmann::json::type_error&) {
            throw ValueError("safetensors: the name " + detail::in_quotes(text) + " is not UTF-8");
        }
    };
    std::string text = "{";
    if (!header.metadata.empty()) {
        for (const auto& [key, value] : header.metadata) {
            text += text.size() == 1 ? "\"__metadata__\":{" : ",";
            text += json(key) + ':' + json(value);
        }
        text += '}';
    }
    for (const Entry& entry : header.entries) {
        std::string shape;
        for (const std::uint64_t extent : entry.shape) {
            if (!shape.empty()) shape += ',';
            shape += std::to_string(extent);
        }
        if (text.size() > 1) text += ',';
        text += json(entry.name) + ":{\"dtype\":" + json(entry.dtype) + ",\"shape\":[" + shape +
                "],\"data_offsets\":[" + std::to_string(entry.begin) + ',' + std::to_string(entry.end) + "]}";
    }
    text += '}';
    return text.append((8 - text.size() % 8) % 8, ' ');
}

} // namespace fovea::safetensors
